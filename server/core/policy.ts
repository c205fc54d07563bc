import type { Identity, Viewer } from './chat'
import type { Access, Precondition } from './ports'

/**
 * Who may do what, in one place. `may…` decides on what was read; `to…` gives what storage must find true inside the commit.
 * Anything that changes a room goes by the latter, because what was read a moment ago may no longer hold.
 */

export interface Site { /** Visitors without an account may read public rooms. */ public: boolean }

/** Any reading at all: visitors only where the site is public. */
export const mayVisit = (viewer: Viewer, site: Site): boolean => viewer !== null || site.public

/** A room's messages, live events, members and presence. */
export function mayRead(access: Access, viewer: Viewer, site: Site): boolean {
  if (access.banned) return false
  if (access.room.visibility === 'private') return access.role !== null
  return mayVisit(viewer, site)
}

/** Coming in by oneself; a private room needs more than that. */
export const mayJoin = (access: Access): boolean => access.role !== null || (!access.banned && access.room.visibility === 'public')

/** Name, topic, archive, deletion. */
export const mayManage = (access: Access, identity: Identity): boolean => identity.admin || access.role === 'owner'

const standing = (user: string): Precondition[] => [{ check: 'account', user }, { check: 'room' }, { check: 'open' }, { check: 'not-banned', user }]

export const toJoin = standing

export const toPost = (user: string, replyTo: string | null): Precondition[] =>
  replyTo === null ? standing(user) : [...standing(user), { check: 'message', message: replyTo }]

export const toEdit = (user: string, message: string): Precondition[] =>
  [...standing(user), { check: 'message', message }, { check: 'author', message, user }]

export const toReact = (user: string, message: string): Precondition[] => [...standing(user), { check: 'message', message }]

/** The author, the room's owner and moderators, and admins; also in an archived room. `access` is null when the room was not found. */
export function toErase(access: Access | null, identity: Identity, message: string): Precondition[] {
  const user = identity.person.id
  const there: Precondition[] = [{ check: 'account', user }, { check: 'room' }]
  if (identity.admin) return [...there, { check: 'message', message }]
  if (access?.role === 'owner' || access?.role === 'moderator') {
    return [...there, { check: 'role', user, roles: ['owner', 'moderator'] }, { check: 'message', message }]
  }
  return [...there, { check: 'not-banned', user }, { check: 'message', message }, { check: 'author', message, user }]
}

export function toManage(identity: Identity): Precondition[] {
  const user = identity.person.id
  const there: Precondition[] = [{ check: 'account', user }, { check: 'room' }]
  return identity.admin ? there : [...there, { check: 'role', user, roles: ['owner'] }]
}

/** The owner stays: a room without one could not be managed. */
export const toLeave = (user: string): Precondition[] => [{ check: 'role', user, roles: ['moderator', 'member', 'guest'] }]
