import type { Person, Role, Room, RoomSettings } from '#shared/types'
import type { PersonDoc, RoomDoc, UserDoc } from './layout'

/** The role of one whom what they came by still lets in (see the port); else null. */
export function roleIn(room: Pick<RoomDoc, 'passwordVersion' | 'guests'>, person: PersonDoc | null | undefined): Role | null {
  if (!person?.role) return null
  const { role, cameBy, passwordVersion } = person
  if (role === 'owner' || role === 'moderator' || (role === 'member' && cameBy !== 'password')) return role
  return (cameBy !== 'password' || passwordVersion === room.passwordVersion) && (role !== 'guest' || room.guests) ? role : null
}

/** Whether somebody who does not stand in a room once did (see the port). */
export const isLost = (room: Pick<RoomDoc, 'passwordVersion' | 'guests'>, person: PersonDoc | null | undefined): boolean =>
  !!person && roleIn(room, person) === null && (person.role !== null || person.removedAt !== undefined)

export const settingsOf = ({ name, topic, visibility, listed, passwordHash, closedAt, slowModeSeconds, guests, archivedAt }: RoomDoc): RoomSettings =>
  ({ name, topic, visibility, listed, locked: passwordHash !== null, closedAt, slowModeSeconds, guests, archivedAt })

export const roomOf = (room: RoomDoc): Room => ({
  ...settingsOf(room), id: room.id, slug: room.slug, ownerId: room.ownerId, seq: room.seq, lastMessageAt: room.lastMessageAt, createdAt: room.createdAt
})

/** To whom the list shows a room that they are not in. */
export const shownTo = ({ visibility, listed }: Pick<RoomSettings, 'visibility' | 'listed'>): RoomDoc['shown'] =>
  visibility === 'public' ? 'public' : listed ? 'door' : 'no'

export const isActive = (user: UserDoc | null | undefined): user is UserDoc => !!user && user.disabledAt === null

export const personOf = ({ id, name, kind }: UserDoc): Person => ({ id, name, kind })
/** Of an account that is not there: no name. */
export const someoneOf = (id: string, user: UserDoc | null | undefined): Person => user ? personOf(user) : { id, name: '', kind: 'member' }

/** Nothing is known of them in this room that has to be kept. */
export const isNobody = ({ role, bannedAt, mutedUntil, lastPostAt, removedAt }: PersonDoc): boolean =>
  role === null && bannedAt === undefined && mutedUntil === undefined && lastPostAt === undefined && removedAt === undefined
