/**
 * Times as people read them. All take milliseconds since 1970 and an IANA time zone ('UTC', 'Europe/Berlin'; see useTimeZone), so that the server
 * and the browser write the same text.
 */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const formatters = new Map<string, Intl.DateTimeFormat>()

function format(at: number, zone: string, name: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${name} ${zone}`
  let formatter = formatters.get(key)
  if (!formatter) formatters.set(key, formatter = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }))
  return formatter.format(at)
}

/** '14:03' */
export const clockTime = (at: number, zone: string) => format(at, zone, 'clock', { hour: '2-digit', minute: '2-digit' })

/** 'Tuesday, 3 November 2026 at 14:03': for titles and screen readers. */
export const fullTime = (at: number, zone: string) => format(at, zone, 'full', { dateStyle: 'full', timeStyle: 'short' })

/** Equal for two times of the same calendar day: '03/11/2026'. */
export const dayKey = (at: number, zone: string) => format(at, zone, 'day', { day: '2-digit', month: '2-digit', year: 'numeric' })

/** 'Today', 'Yesterday', 'Tuesday, 3 November', or with the year where it is another one than now's. */
export function dayLabel(at: number, now: number, zone: string, words: { today: string, yesterday: string }): string {
  const key = dayKey(at, zone)
  if (key === dayKey(now, zone)) return words.today
  if (key === dayKey(now - day, zone)) return words.yesterday
  return key.slice(-4) === dayKey(now, zone).slice(-4)
    ? format(at, zone, 'date', { weekday: 'long', day: 'numeric', month: 'long' })
    : format(at, zone, 'date and year', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

/** How long ago, shortly: 'now', '5 min', '3 h', '2 d', then '3 Nov' or '3 Nov 2025'. */
export function timeAgo(at: number, now: number, zone: string, words: { now: string, minutes: (n: number) => string, hours: (n: number) => string, days: (n: number) => string }): string {
  const age = Math.max(0, now - at)
  if (age < minute) return words.now
  if (age < hour) return words.minutes(Math.floor(age / minute))
  if (age < day) return words.hours(Math.floor(age / hour))
  if (age < 7 * day) return words.days(Math.floor(age / day))
  return dayKey(at, zone).slice(-4) === dayKey(now, zone).slice(-4)
    ? format(at, zone, 'short', { day: 'numeric', month: 'short' })
    : format(at, zone, 'short and year', { day: 'numeric', month: 'short', year: 'numeric' })
}
