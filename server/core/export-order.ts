import type { Entry } from '#shared/export'

/** Says what is wrong with the next entry; null: nothing. */
export type OrderCheck = (entry: Entry) => string | null

type Place = readonly [section: number, room: string, part: number, key: string | number]

/** People; each room with its events, people, invites, history, and itself last; the site's history; reports; the site. */
function placeOf(entry: Entry): Place {
  switch (entry.type) {
    case 'user': return [0, '', 0, entry.id]
    case 'event': return [1, entry.frame.room, 0, entry.frame.seq]
    case 'person': return [1, entry.room, 1, entry.user]
    case 'invite': return [1, entry.room, 2, entry.codeHash]
    case 'audit': return entry.room === null ? [2, '', 0, entry.n] : [1, entry.room, 3, entry.n]
    case 'room': return [1, entry.id, 4, '']
    case 'report': return [3, '', 0, entry.n]
    case 'site': return [4, '', 0, '']
  }
}

function isAfter(place: Place, before: Place): boolean {
  const at = place.findIndex((part, index) => part !== before[index])
  const [mine, its] = [place[at], before[at]]
  return mine !== undefined && its !== undefined && mine > its
}

/**
 * Checks entries one after another: each is in its place and there once, numbers have no holes, no room is without its end, and the site comes last. Remembers
 * nothing but where it is.
 */
export function createOrderCheck(): OrderCheck {
  let last: Place | null = null
  /** The room whose entries these are, and how far they go. */
  let room: { id: string, seq: number, audits: number } | null = null
  const site = { audits: 0, reports: 0 }

  const follows = (what: string, number: number, before: number) => number === before + 1 ? null : `${what} ${number} comes after ${before}`

  return (entry) => {
    const place = placeOf(entry)
    if (last && !isAfter(place, last)) return 'it is not in its place, or there twice'
    last = place
    const [section, inRoom] = place
    if (room && (section !== 1 || inRoom !== room.id)) return `the room ${room.id} has no end`
    if (section === 1) room ??= { id: inRoom, seq: 0, audits: 0 }
    switch (entry.type) {
      case 'event': return room && follows('event', entry.frame.seq, room.seq++)
      case 'audit': return follows('entry', entry.n, room ? room.audits++ : site.audits++)
      case 'report': return follows('report', entry.n, site.reports++)
      case 'room': {
        const whole = room?.seq === entry.seq && room.audits === entry.audits
        room = null
        return whole ? null : 'the room does not have all of its events, or of its history'
      }
      case 'site': return entry.audits === site.audits && entry.reports === site.reports ? null : 'the site does not have all of its history, or of its reports'
      default: return null
    }
  }
}
