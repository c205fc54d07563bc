import type { RoomEvent } from '#shared/types'

/** Something that happened to somebody in a room and that all should see between the messages. `by` is whoever did it. */
export interface RoomNotice { seq: number, at: number, kind: 'adminJoined' | 'removed' | 'banned' | 'owner', user: string, by: string }

/** The notice that an event makes, if any. `isHere`: whether somebody was in the room before it; one who is unbanned was not. */
export function noticeOf(event: RoomEvent, isHere: (user: string) => boolean): RoomNotice | null {
  const { seq, at, author } = event
  if (event.kind === 'join') return event.data.cameBy === 'admin' ? { seq, at, kind: 'adminJoined', user: author, by: author } : null
  if (event.kind !== 'member') return null
  const { user, role, banned } = event.data
  if (role === 'owner') return { seq, at, kind: 'owner', user, by: author }
  if (role !== null || (!banned && !isHere(user))) return null
  return { seq, at, kind: banned ? 'banned' : 'removed', user, by: author }
}
