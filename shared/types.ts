/** What both sides call things. Times are milliseconds since 1970 (UTC) and order nothing: order is by `seq`. */

export type Role = 'owner' | 'moderator' | 'member' | 'guest'
export type PersonKind = 'member' | 'guest' | 'bot'
export type Visibility = 'public' | 'private'
/** How somebody became a member. Whoever came by a password stays only while it is the same. */
export type CameBy = 'self' | 'password' | 'invite' | 'admin'

/** A place in a room's history. `epoch` names the history, `seq` is the last event of the gapless run that is known. */
export interface Position { epoch: string, seq: number }

/** What anyone may see of a person. A deleted account keeps its id and loses its name (`''`, shown as "deleted person"). */
export interface Person { id: string, name: string, kind: PersonKind }

/** The signed-in person, to themselves. `google`: they have signed in here with a Google account. */
export interface Me extends Person { admin: boolean, email: string | null, google: boolean }

/** What its owner decides about a room. `room` events carry all of it. */
export interface RoomSettings {
  name: string
  topic: string
  visibility: Visibility
  /** A private room: whether members of the site see its name. An unlisted one looks as if it did not exist. */
  listed: boolean
  /** Whether a password lets people in. */
  locked: boolean
  /** Since when only moderators and the owner may write; null: everybody. */
  closedAt: number | null
  /** How long people must wait between two messages; 0: not at all. */
  slowModeSeconds: number
  /** Whether guests may be here. */
  guests: boolean
  archivedAt: number | null
}

export interface Room extends RoomSettings {
  id: string
  /** In the link; made from the first name and never changed. */
  slug: string
  ownerId: string
  /** Head of the room's event sequence. */
  seq: number
  lastMessageAt: number | null
  createdAt: number
}

/**
 * A room in somebody's list. `role` is null for a room that they have not joined; `unread` is at most limits.unread. Of a private room that they may not
 * enter, but whose name they may see (`role` is null), there is only the name, the link and whether a password opens it; the rest is empty.
 */
export interface RoomSummary extends Room {
  role: Role | null
  unread: number
  readSeq: number
  online: number
  /** Until when I may not write here; null: I may. */
  mutedUntil: number | null
  /** I was in it, until I was removed or its password was changed. */
  lost: boolean
}

export interface Reaction {
  emoji: string
  count: number
  /** The first few, for the tooltip. */
  users: string[]
  mine: boolean
}

/** A message as a page carries it: the row after the event `rev`. A deleted one has no text, no reactions, and `deletedAt`. */
export interface Message {
  id: string
  room: string
  /** The event that made it: its place. */
  seq: number
  /** The last event that touched it. An event applies to the row iff its seq is greater. */
  rev: number
  author: string
  nonce: string
  at: number
  text: string
  replyTo: string | null
  editedAt: number | null
  deletedAt: number | null
  reactions: Reaction[]
}

/** One snapshot of a stretch of history, oldest first. Subscribe from `asOf` to continue it without a hole. */
export interface Page {
  asOf: Position
  messages: Message[]
  people: Person[]
  /** The messages that these answer, where they are not among them. */
  quoted: Message[]
  /** Whether there are older / newer messages beyond this page. */
  more: { before: boolean, after: boolean }
}

/** A cursor-paged list. `next` is null on the last page. */
export interface Paged<T> { items: T[], next: string | null }

/** `mutedUntil` is told to those who look after the room, and to the person themself; to others it is null. */
export interface Member extends Person { role: Role, online: boolean, mutedUntil: number | null }

/** Somebody who may not come back until they are let in again. */
export interface Banned extends Person { at: number, by: Person }

/** A link into one room, to those who may manage it. The code itself is shown once, when it is made. */
export interface Invite {
  id: string
  /** `guest`: whoever has the link may come in with a name alone; `member`: with an account. */
  role: 'guest' | 'member'
  by: Person
  createdAt: number
  expiresAt: number | null
  /** null: any number. */
  usesLeft: number | null
  uses: number
  revokedAt: number | null
}

/** What whoever holds a valid invite may know before they come in. */
export interface InvitePreview {
  room: Pick<Room, 'id' | 'slug' | 'name' | 'topic'>
  by: Person
  role: Invite['role']
  /** Whether one may come in with a name alone: the link's role, the room and the site allow it. */
  guests: boolean
  /** Whether the caller is in the room already, and would be after its password changed. */
  inside: boolean
}

export type AuditAction =
  | 'room-created' | 'room-changed' | 'password-set' | 'password-removed' | 'invite-made' | 'invite-revoked' | 'role-changed' | 'owner-changed'
  | 'kicked' | 'banned' | 'unbanned' | 'muted' | 'unmuted' | 'message-deleted' | 'admin-joined' | 'report-closed'
  | 'account-disabled' | 'account-enabled' | 'admin-made' | 'admin-unmade' | 'reset-link-made' | 'sessions-ended' | 'settings-changed' | 'room-deleted'

/** Who did what to whom, when; of one room, or (`room` is null) of the site. */
export interface AuditEntry { id: number, at: number, action: AuditAction, by: Person, target: Person | null, /** Particulars in a few words, such as what was changed; never a text that somebody wrote in the room. */ detail: string }

export interface Report {
  id: string
  room: Pick<Room, 'id' | 'slug' | 'name'>
  /** The message as it is now; its text is empty where it was deleted. */
  message: { id: string, seq: number, author: Person, at: number, text: string, deletedAt: number | null }
  by: Person
  at: number
  reason: string
  closed: { at: number, by: Person, outcome: 'dismissed' | 'deleted' } | null
}

/** What the admin decides for the whole site; what is not set follows the environment. */
export interface SiteSettings { signup: 'open' | 'invite' | 'closed', /** Visitors without an account may read public rooms. */ public: boolean, /** Whether guests may come at all. */ guests: boolean }

/** An account as the admin sees it. */
export interface Account extends Person { email: string | null, admin: boolean, disabledAt: number | null, createdAt: number, lastSeenAt: number | null, rooms: number }

/** A room as the admin sees it: no content. */
export interface RoomOverview extends Room { owner: Person, members: number }

export interface SessionInfo { id: string, current: boolean, createdAt: number, lastSeenAt: number, agent: string }

/** What happened in a room. `data` is the resulting state, never a difference. */
export type EventBody =
  | { kind: 'message', message: string, data: { text: string, replyTo: string | null } | { deleted: true } }
  | { kind: 'edit', message: string, data: { text: string } | { deleted: true } }
  | { kind: 'delete', message: string, data: Record<string, never> }
  | { kind: 'react', message: string, data: { emoji: string, on: boolean, count: number } }
  | { kind: 'join', data: { role: Role, cameBy: CameBy } }
  | { kind: 'leave', data: Record<string, never> }
  /** A change to somebody's standing; `role: null` means removed. Unbanned: `role: null, banned: false`. */
  | { kind: 'member', data: { user: string, role: Role | null, banned: boolean, mutedUntil: number | null } }
  /** `recheck`: somebody may have lost the right to read with this; everybody's right must be read again before anything later is sent to them. */
  | { kind: 'room', data: RoomSettings & { recheck: boolean } }

export type EventKind = EventBody['kind']

/** A committed event. (`room`, `seq`) is unique and gapless; so is (`room`, `author`, `nonce`) where there is a nonce. */
export type RoomEvent = EventBody & { room: string, seq: number, at: number, author: string, nonce: string | null }

/** What a newcomer may do here, and who asks. */
export interface SiteInfo extends SiteSettings {
  me: Me | null
  needsSetUp: boolean
  /** Whether "Sign in with Google" is offered. */
  google: boolean
  /** Whether this site sends mail. */
  mail: boolean
  /** Where people have their accounts; null: here. */
  firebase: FirebaseSite | null
}

/** What a browser must know to sign somebody in at Firebase. None of it is secret. `emulator`: of a test, `http://host:port`. */
export interface FirebaseSite { projectId: string, apiKey: string, authDomain: string, emulator: string | null }
