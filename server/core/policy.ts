import { ChatError } from '#shared/errors'
import type { RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import type { Access, Precondition } from './ports'
import { noSuchRoom } from './refusals'
import { hasAccess, isManager, managers } from './rules'

/**
 * Who may do what, in one place. `may…` decides on what was read; `to…` gives what storage must find true inside the commit.
 * Anything that changes a room goes by the latter, because what was read a moment ago may no longer hold.
 */

export interface Site { /** Visitors without an account may read public rooms. */ public: boolean }

/** Any reading at all: visitors only where the site is public. */
export const mayVisit = (viewer: Viewer, site: Site): boolean => viewer !== null || site.public

/** A room's messages, live events, members and presence. An admin has no more right to them than anybody. */
export function mayRead({ room, role, banned, kind }: Access, viewer: Viewer, site: Site): boolean {
  if (banned) return false
  return viewer === null ? room.visibility === 'public' && mayVisit(viewer, site) : hasAccess(room.visibility, role, kind)
}

/** The name of a private room that they may not enter, and whether a password opens it. */
export const mayKnow = ({ room, banned, kind }: Access): boolean => !banned && room.listed && kind !== null && kind !== 'guest'

/** That they were banned from it: told who comes to the door of a room of which everybody with an account may know. */
export const mayKnowOfBan = ({ room, banned, kind }: Access): boolean => banned && kind !== 'guest' && (room.visibility === 'public' || room.listed)

/** Why a room can't be read: as if it were not there, unless its name may be known. */
export function refusalToRead(access: Access): ChatError {
  if (!mayKnow(access)) return noSuchRoom()
  return access.room.locked
    ? new ChatError('password_required', 'This room is private. Enter its password to come in.')
    : new ChatError('forbidden', 'This room is private. Somebody in it has to invite you.')
}

/** What may be known of a room by one who may not enter it. */
export function doorOf({ room: { id, slug, name, visibility, listed, locked }, lost }: Access): RoomSummary {
  return {
    id, slug, name, visibility, listed, locked, topic: '', ownerId: '', seq: 0, lastMessageAt: null, createdAt: 0, archivedAt: null, closedAt: null,
    slowModeSeconds: 0, guests: false, role: null, unread: 0, readSeq: 0, online: 0, mutedUntil: null, lost
  }
}

/** Name, topic, visibility, archive, deletion: the owner, or an admin, who need not be in the room but for what `toChange` says. */
export const mayManage = (access: Access, identity: Identity): boolean => identity.admin || access.role === 'owner'

/** Invites, bans, the audit list, reports. */
export const mayModerate = (access: Access, identity: Identity): boolean => identity.admin || isManager(access.role)

/** Until when a person of the room is muted: those who can end it, and themselves. It is nothing for the others, least of all for who only looks in. */
export const maySeeMute = (access: Access, viewer: Viewer, user: string): boolean => viewer !== null && (viewer.person.id === user || mayModerate(access, viewer))

/** What moderators may change about a room: who comes in by its password, and how people write in it. All else is its owner's. */
const moderated: ReadonlySet<string> = new Set(['password', 'closed', 'slowModeSeconds'])
export const isModerators = (change: object): boolean => Object.keys(change).every(field => moderated.has(field))

/** What decides who comes into a room, and who finds it. */
const opening: ReadonlySet<string> = new Set(['visibility', 'listed', 'password'])

const account = (user: string): Precondition[] => [{ check: 'account', user }, { check: 'room' }]
const present = (user: string): Precondition[] => [...account(user), { check: 'not-banned', user }, { check: 'access', user }, { check: 'open' }]
const speaking = (user: string): Precondition[] => [...present(user), { check: 'not-closed', user }, { check: 'not-muted', user }]

/** Into a public room, by oneself. */
export const toJoin = present

/** Into a private room with its password, as it was when it was checked. */
export const toJoinByPassword = (user: string, version: number): Precondition[] =>
  [...account(user), { check: 'open' }, { check: 'not-banned', user }, { check: 'password', version }]

/** `code`: the invite's, hashed. */
export const toJoinByInvite = (user: string, code: string): Precondition[] =>
  [...account(user), { check: 'open' }, { check: 'not-banned', user }, { check: 'invite', code }]

/** A guest, who has no account before. */
export const toArrive = (code: string): Precondition[] => [{ check: 'room' }, { check: 'open' }, { check: 'invite', code }]

/** An admin may come into any room, and is seen to. */
export const toJoinAsAdmin = (user: string): Precondition[] => [{ check: 'admin', user }, { check: 'room' }]

export const toPost = (user: string, replyTo: string | null): Precondition[] =>
  [...speaking(user), { check: 'pace', user }, ...replyTo === null ? [] : [{ check: 'message' as const, message: replyTo }]]

export const toEdit = (user: string, message: string): Precondition[] =>
  [...speaking(user), { check: 'message', message }, { check: 'author', message, user }]

export const toReact = (user: string, message: string): Precondition[] => [...speaking(user), { check: 'message', message }]

/** Whoever may read it; also in an archived room. */
export const toReport = (user: string, message: string): Precondition[] =>
  [...account(user), { check: 'not-banned', user }, { check: 'access', user }, { check: 'message', message }]

/** The author, the room's owner and moderators, and admins; also in an archived room. `access` is null when the room was not found. */
export function toErase(access: Access | null, identity: Identity, message: string): Precondition[] {
  const user = identity.person.id
  if (isManager(access?.role ?? null)) return [...account(user), { check: 'role', user, roles: managers }, { check: 'message', message }]
  if (identity.admin) return [{ check: 'admin', user }, { check: 'room' }, { check: 'message', message }]
  return [...account(user), { check: 'not-banned', user }, { check: 'access', user }, { check: 'message', message }, { check: 'author', message, user }]
}

export function toManage(identity: Identity): Precondition[] {
  const user = identity.person.id
  return identity.admin ? [{ check: 'admin', user }, { check: 'room' }] : [...account(user), { check: 'role', user, roles: ['owner'] }]
}

export function toModerate(identity: Identity): Precondition[] {
  const user = identity.person.id
  return identity.admin ? [{ check: 'admin', user }, { check: 'room' }] : [...account(user), { check: 'role', user, roles: managers }]
}

/** Settings of a room. A private one is opened from inside: an admin who need not be there could else open it, read it, and shut it again, and nobody would have seen them come. */
export function toChange(identity: Identity, change: object): Precondition[] {
  const needs = (isModerators(change) ? toModerate : toManage)(identity)
  return Object.keys(change).some(field => opening.has(field)) ? [...needs, { check: 'inside', user: identity.person.id }] : needs
}

/** Into a room that takes newcomers; from inside, for the same reason: an admin could else come by their own invite, as somebody whom nobody knows for one. */
export const toInvite = (identity: Identity): Precondition[] => [...toModerate(identity), { check: 'open' }, { check: 'inside', user: identity.person.id }]

/** Kick, ban, unban: of people below oneself, in the room or not. */
export const toActOn = (identity: Identity, target: string): Precondition[] => [...toModerate(identity), { check: 'outranks', user: identity.person.id, target }]

export const toMute = (identity: Identity, target: string): Precondition[] =>
  [...toActOn(identity, target), { check: 'present', user: target, roles: ['moderator', 'member', 'guest'] }]

/** Moderators are named, and the room is handed over, by its owner or an admin; to people with an account, who are in it. */
export const toGiveRole = (identity: Identity, target: string): Precondition[] =>
  [...toManage(identity), { check: 'present', user: target, roles: ['moderator', 'member'] }]

/** The room itself, which is still `owner`'s: to one who can run it. */
export const toHandOver = (identity: Identity, target: string, owner: string): Precondition[] =>
  [...toGiveRole(identity, target), { check: 'active', user: target }, { check: 'owned', owner }]

/** The owner stays: a room without one could not be managed. */
export const toLeave = (user: string): Precondition[] => [{ check: 'role', user, roles: ['moderator', 'member', 'guest'] }]

/** A guest who can't come back; also where guests may not be any more. */
export const toLeaveForGood = (user: string): Precondition[] => [{ check: 'room' }, { check: 'gone', user }]
