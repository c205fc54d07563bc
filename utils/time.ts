/**
 * Times as people read them. All take milliseconds since 1970 and an IANA time zone ('UTC', 'Europe/Berlin'; see useTimeZone), so that the server
 * and the browser write the same text; the parts are joined here, because their versions of Intl put commas differently.
 */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const formatters = new Map<string, Intl.DateTimeFormat>()

function partsOf(at: number, zone: string) {
  let formatter = formatters.get(zone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23'
    })
    formatters.set(zone, formatter)
  }
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {}
  for (const { type, value } of formatter.formatToParts(at)) part[type] = value
  return { weekday: part.weekday ?? '', day: part.day ?? '', month: part.month ?? '', year: part.year ?? '', clock: `${part.hour}:${part.minute}` }
}

/** '14:03' */
export const clockTime = (at: number, zone: string): string => partsOf(at, zone).clock

/** 'Tuesday, 3 November 2026, 14:03': for titles and screen readers. */
export function fullTime(at: number, zone: string): string {
  const { weekday, day, month, year, clock } = partsOf(at, zone)
  return `${weekday}, ${day} ${month} ${year}, ${clock}`
}

/** Equal for two times of the same calendar day. */
export function dayKey(at: number, zone: string): string {
  const { day, month, year } = partsOf(at, zone)
  return `${day} ${month} ${year}`
}

/** 'Today', 'Yesterday', 'Tuesday, 3 November', or with the year where it is another one than now's. */
export function dayLabel(at: number, now: number, zone: string, words: { today: string, yesterday: string }): string {
  const key = dayKey(at, zone)
  if (key === dayKey(now, zone)) return words.today
  if (key === dayKey(now - day, zone)) return words.yesterday
  const then = partsOf(at, zone)
  const date = `${then.weekday}, ${then.day} ${then.month}`
  return then.year === partsOf(now, zone).year ? date : `${date} ${then.year}`
}

/** How long ago, shortly: 'now', '5 min', '3 h', '2 d', then '3 Nov' or '3 Nov 2025'. */
export function timeAgo(at: number, now: number, zone: string, words: { now: string, minutes: (n: number) => string, hours: (n: number) => string, days: (n: number) => string }): string {
  const age = Math.max(0, now - at)
  if (age < minute) return words.now
  if (age < hour) return words.minutes(Math.floor(age / minute))
  if (age < day) return words.hours(Math.floor(age / hour))
  if (age < 7 * day) return words.days(Math.floor(age / day))
  const then = partsOf(at, zone)
  const date = `${then.day} ${then.month.slice(0, 3)}`
  return then.year === partsOf(now, zone).year ? date : `${date} ${then.year}`
}
