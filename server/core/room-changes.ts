import type { RoomSettings, Visibility } from '#shared/types'
import type { Audit } from './ports'

/** What may be changed about a room. `password: null` removes it. */
export interface RoomChange {
  name?: string
  topic?: string
  archived?: boolean
  visibility?: Visibility
  listed?: boolean
  closed?: boolean
  slowModeSeconds?: number
  guests?: boolean
  password?: string | null
}

/** What is written down about a change to these settings: what differs, never a text that somebody wrote. */
export function auditOf(before: RoomSettings, change: RoomChange): Audit {
  const { name = before.name, topic = before.topic, visibility = before.visibility, listed = before.listed, slowModeSeconds = before.slowModeSeconds } = change
  const { guests = before.guests, archived = before.archivedAt !== null, closed = before.closedAt !== null } = change
  const detail = [
    name !== before.name && 'name',
    topic !== before.topic && 'topic',
    visibility !== before.visibility && visibility,
    listed !== before.listed && (listed ? 'listed' : 'unlisted'),
    closed !== (before.closedAt !== null) && (closed ? 'closed' : 'open again'),
    slowModeSeconds !== before.slowModeSeconds && (slowModeSeconds === 0 ? 'slow mode off' : `slow mode ${slowModeSeconds} s`),
    guests !== before.guests && (guests ? 'guests' : 'no guests'),
    archived !== (before.archivedAt !== null) && (archived ? 'archived' : 'no longer archived')
  ].filter(Boolean).join(', ')
  return { action: actionOf(change.password), target: null, detail }
}

const actionOf = (password: RoomChange['password']) => password === undefined ? 'room-changed' : password === null ? 'password-removed' : 'password-set'
