import type { EventBody, RoomSettings } from '#shared/types'
import type { AppendResult, Effect } from './ports'

/** What was stored for a nonce the first time; `json` is the event's body. */
export interface First { seq: number, at: number, message: string | null, json: string }

/** Answers a repeated nonce: with the first result where the request is the same, else with the refusal `nonce`. */
export const repeat = (first: First, effect: Effect): AppendResult => isSame(JSON.parse(first.json), effect)
  ? { ok: true, seq: first.seq, at: first.at, message: first.message, duplicate: true, events: [] }
  : { ok: false, refused: 'nonce' }

/** Whether this effect is what made that event. Of deleted text there is nothing left to compare. The id of a posted message differs at each try. */
function isSame(event: EventBody, effect: Effect): boolean {
  switch (effect.do) {
    case 'post': return event.kind === 'message' && ('deleted' in event.data || (event.data.text === effect.text && event.data.replyTo === effect.replyTo))
    case 'edit': return event.kind === 'edit' && event.message === effect.message && ('deleted' in event.data || event.data.text === effect.text)
    case 'erase': return event.kind === 'delete' && event.message === effect.message
    case 'react': return event.kind === 'react' && event.message === effect.message && event.data.emoji === effect.emoji && event.data.on === effect.on
    case 'join': return event.kind === 'join' || (event.kind === 'member' && event.data.user === effect.user && event.data.role === effect.role)
    case 'leave': return event.kind === 'leave'
    case 'remove': return event.kind === 'member' && event.data.user === effect.user && event.data.role === null && event.data.banned === effect.ban
    case 'unban': return event.kind === 'member' && event.data.user === effect.user && !event.data.banned
    case 'role': return event.kind === 'member' && event.data.user === effect.user && event.data.role === effect.role
    case 'mute': return event.kind === 'member' && event.data.user === effect.user && event.data.mutedUntil === effect.until
    case 'describe': return event.kind === 'room' && isDescribed(event.data, effect)
    case 'arrive': return false
  }
}

/** A password can't be compared: only that there is one. */
const isDescribed = (room: RoomSettings, { do: _, passwordHash, closed, archived, ...same }: Extract<Effect, { do: 'describe' }>): boolean =>
  (Object.keys(same) as (keyof typeof same)[]).every(key => same[key] === undefined || same[key] === room[key])
  && (closed === undefined || closed === (room.closedAt !== null)) && (archived === undefined || archived === (room.archivedAt !== null))
  && (passwordHash === undefined || (passwordHash !== null) === room.locked)
