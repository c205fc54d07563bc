import type { RoomEvent } from '#shared/types'

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
