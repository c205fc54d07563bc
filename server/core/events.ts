import type { RoomEvent } from '#shared/types'
import type { StoredEvent } from './ports'

/**
 * The wire bytes of a committed event: the `event` frame of protocol version 1. Made once, inside the commit, then stored and sent as they are.
 * `message` is left out where the event is not about one.
 */
export function encodeEvent(event: RoomEvent): string {
  const { room, seq, kind, at, author, nonce, data } = event
  return JSON.stringify({ type: 'event', room, seq, kind, at, author, nonce, message: 'message' in event ? event.message : undefined, data })
}

/** Instead of a page that is not for whoever asks. */
export const noPage = { messages: [], quoted: [], more: { before: false, after: false } }

/** The events up to the one with which their JSON passes so many bytes: those behind it are not taken from where they come. */
export function upToBytes(bytes: number, events: Iterable<StoredEvent>): StoredEvent[] {
  const taken: StoredEvent[] = []
  let sum = 0
  for (const event of events) {
    taken.push(event)
    sum += Buffer.byteLength(event.json)
    if (sum > bytes) break
  }
  return taken
}
