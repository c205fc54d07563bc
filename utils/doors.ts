import type { ErrorCode } from '#shared/errors'
import type { RoomSummary } from '#shared/types'

/** A private room that the reader knows by name only, because they may not enter it, or not any more. */
export const isDoor = (room: RoomSummary): boolean => room.visibility === 'private' && room.role === null

/** What may be known of a private room from outside. */
export const doorOf = (room: RoomSummary): RoomSummary => ({
  ...room, topic: '', ownerId: '', seq: 0, lastMessageAt: null, createdAt: 0, archivedAt: null, closedAt: null, slowModeSeconds: 0, guests: false,
  role: null, unread: 0, readSeq: 0, online: 0, mutedUntil: null, lost: room.lost
})

/** Whether an error says that something is not the reader's to see, so that asking again as they are is of no use. */
export const isRefused = (code: ErrorCode): boolean => code === 'not_found' || code === 'forbidden' || code === 'password_required'
