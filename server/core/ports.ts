import type { Rate } from '#shared/limits'
import type {
  Account, AuditAction, AuditEntry, Banned, CameBy, EventKind, Invite, Me, Message, Paged, Person, PersonKind, Report, Role, Room, RoomOverview, RoomSettings,
  RoomSummary, SessionInfo, SiteSettings
} from '#shared/types'

/**
 * The ports: what the core needs from the world. Each has drivers in server/drivers and one contract suite in tests/contract;
 * a driver exists when it passes. A missing value is `null`, everywhere. Every method may reject with ChatError('unavailable').
 */

export interface Clock { now: () => number }

/* ── Storage: the truth and the sequencer ──────────────────────────────────────────────────────────────────────────── */

/** A committed event as it is stored: `json` is the `event` frame, made once, inside the commit. The other fields are for routing. */
export interface StoredEvent {
  room: string
  seq: number
  kind: EventKind
  author: string
  message: string | null
  json: string
}

/**
 * Somebody *stands* in a room (with a role) when they are a member and what they came by still lets them in: whoever came by a password that was changed
 * since stands nowhere until they enter the new one (moderators and the owner stay), and neither does a guest where the room takes none any more.
 * Wherever this file says role or member, it means this.
 */

/** What must hold, checked inside the transaction that commits the item. The closed list; the first that fails is the refusal. */
export type Precondition =
  /** The account exists and is not disabled. */
  | { check: 'account', user: string }
  /** The same of a person whom somebody else acts on. */
  | { check: 'active', user: string }
  /** The account is a guest's and has no session: nothing lets them back in. */
  | { check: 'gone', user: string }
  /** The account exists, is not disabled, and is an admin's. */
  | { check: 'admin', user: string }
  /** The room exists. */
  | { check: 'room' }
  /** … and is this person's, whether or not they still have an account. */
  | { check: 'owned', owner: string }
  /** The room exists and is not archived. */
  | { check: 'open' }
  | { check: 'not-banned', user: string }
  /** The room is theirs to be in: they stand in it, or it is public and they are no guest. */
  | { check: 'access', user: string }
  /** The same of one who changes the room without having to be in it. */
  | { check: 'inside', user: string }
  /** A member with one of these roles. */
  | { check: 'role', user: string, roles: readonly Role[] }
  /** The same of a person whom somebody else acts on. */
  | { check: 'present', user: string, roles: readonly Role[] }
  /** Stands above `target`: the owner above admins, those above moderators, those above everybody else. */
  | { check: 'outranks', user: string, target: string }
  /** The room is not closed to new posts, or they are its owner or a moderator. */
  | { check: 'not-closed', user: string }
  | { check: 'not-muted', user: string }
  /** Slow mode lets them write now. Its owner and moderators need not wait. */
  | { check: 'pace', user: string }
  /** The room has a password, and it is still this version. */
  | { check: 'password', version: number }
  /** This invite, by its code's hash, is to this room, not revoked, not expired, and has a use left. */
  | { check: 'invite', code: string }
  /** This message is in this room and not deleted. */
  | { check: 'message', message: string }
  /** … and this person wrote it. */
  | { check: 'author', message: string, user: string }

/**
 * What changes. The closed list. Each makes one event, or none where the state is already so. Whoever stops being owner or moderator, and no admin, loses with
 * that the invites to the room that they made: they are revoked.
 */
export type Effect =
  /** The account of a guest, made in the commit that lets them in. No event. */
  | { do: 'arrive', user: string, name: string }
  /** `invite` (its code's hash) loses a use. By a password: the room's current version is what they came by. One who is a member and stands in the room stays as they are; by an invite, who came by its password comes by that from now on (no event). */
  | { do: 'join', user: string, role: Role, cameBy: CameBy, invite?: string }
  | { do: 'post', message: string, text: string, replyTo: string | null }
  /** Refused (`too-many-edits`) beyond limits.editsPerMessage. */
  | { do: 'edit', message: string, text: string }
  /** Rewrites the message's event, its edits and its row in this same commit: the text is nowhere afterwards. Its reactions go too. */
  | { do: 'erase', message: string }
  | { do: 'react', message: string, user: string, emoji: string, on: boolean }
  /** `forGood`: what was noted of how they may write here goes too, should they have been in it; a ban stays. */
  | { do: 'leave', user: string, forGood?: true }
  | { do: 'remove', user: string, ban: boolean }
  | { do: 'unban', user: string }
  /** To `owner` also changes whose room it is; the former owner is given another role by an effect before this one. */
  | { do: 'role', user: string, role: 'owner' | 'moderator' | 'member' }
  /** `until`: ms since 1970; null: may write again. */
  | { do: 'mute', user: string, until: number | null }
  /** `passwordHash` (null: none from now on) makes a new version of the password. A room that becomes public loses it. */
  | { do: 'describe' } & Partial<Omit<RoomSettings, 'locked' | 'closedAt' | 'archivedAt'>> & { archived?: boolean, closed?: boolean, passwordHash?: string | null }

/** What is written down about it, in the same commit, by whom the item names as its author. */
export interface Audit { action: AuditAction, target: string | null, detail: string }

/** One change to one room. The nonce belongs to the event of the last effect. */
export interface Append {
  room: string
  author: string
  nonce: string | null
  at: number
  requires: readonly Precondition[]
  effects: readonly Effect[]
  /** Written down where anything changed. */
  audit?: Audit
}

export type Refusal = Precondition['check'] | 'nonce' | 'too-many-emoji' | 'too-many-edits'

export type AppendResult =
  /** `seq` is that of the last effect's event (where there was none: the row's or the room's current one). `events` are the new ones, none for a duplicate. */
  | { ok: true, seq: number, at: number, message: string | null, duplicate: boolean, events: StoredEvent[] }
  /** `nonce`: it was used before for something else. `wait`: after how many ms it would hold (pace, not-muted). */
  | { ok: false, refused: Refusal, wait?: number }

/**
 * Somebody's standing in a room, read in the same snapshot as the data it guards. `kind` is null for a visitor, `cameBy` for one who does not stand in it.
 * `lost`: they stood in it until they were removed, or until its password was changed.
 */
export interface Access { room: Room, role: Role | null, cameBy: CameBy | null, lost: boolean, banned: boolean, mutedUntil: number | null, kind: PersonKind | null }

export type RoomKey = { id: string } | { slug: string }

export interface NewRoom {
  id: string
  /** The wanted slug; where it is taken, `-2`, `-3` … is added, in the same commit. */
  slug: string
  name: string
  topic: string
  owner: string
  at: number
  visibility: Room['visibility']
  listed: boolean
  passwordHash: string | null
}
/** `firebase`: `secretHash` is what the directory said of it at the last sign-in (its mark), and `verifiedAt` since when it vouches for the address. */
export type CredentialKind = 'password' | 'google' | 'firebase'
/** `verifiedAt`: since when the address (or the account elsewhere) is known to be theirs. */
export interface Credential { kind: CredentialKind, subject: string, secretHash: string, verifiedAt: number | null }
export interface NewAccount { id: string, name: string, kind: PersonKind, admin: boolean, at: number, credential: Credential }
/** `opened`: the hash of the password that it was begun with. */
export interface NewSession { idHash: string, user: string, remember: boolean, at: number, agent: string, opened?: string | undefined }
/** A session with the person it belongs to. */
export interface SessionRecord { id: string, person: Person, admin: boolean, remember: boolean, createdAt: number, lastSeenAt: number }
export interface NewInvite { id: string, codeHash: string, room: string, role: Invite['role'], by: string, at: number, expiresAt: number | null, uses: number | null }
export interface NewReport { id: string, room: string, message: string, by: string, at: number, reason: string }

export interface EventStore {
  /** Names this history: a position of another epoch means nothing here. */
  readonly epoch: string
  /**
   * Commits the items, durably, in order; resolves when they are on disk. The nonce is looked up before anything else: (room, author, nonce)
   * known → the first result again, or the refusal `nonce` if the request differs. Items are independent: one refusal never fails its neighbours.
   * Rejects with `unavailable` when nothing is known to be committed; the caller may repeat with the same nonce.
   */
  append: (items: readonly Append[]) => Promise<AppendResult[]>
  /** Committed events with seq > `after`, in order, at most `limit`. For the hub's own gaps; not authorized. */
  eventsAfter: (room: string, after: number, limit: number) => Promise<StoredEvent[]>
  /**
   * Access and, where `may` allows, the events after `after` in one snapshot: at most `events`, and none beyond the one with which their JSON passes `bytes`.
   * What is not for somebody costs no time that would tell of it. null: no such room.
   */
  replay: (room: string, viewer: string | null, after: number, most: { events: number, bytes: number }, may?: (access: Access) => boolean) => Promise<{ access: Access, events: StoredEvent[] } | null>
  /** Access and, where `may` allows, a page of messages in one snapshot; `mine` of reactions is the viewer's. `before`/`around` are seqs; neither: the newest. */
  page: (room: string, viewer: string | null, query: { before?: number, around?: number, limit: number }, may?: (access: Access) => boolean) => Promise<{ access: Access, messages: Message[], quoted: Message[], more: { before: boolean, after: boolean } } | null>
  /** Head of each of these rooms that exists. */
  heads: (rooms: readonly string[]) => Promise<Map<string, number>>
  /** Who wrote this message of this room; null: it is not there, or deleted. */
  authorOf: (room: string, message: string) => Promise<string | null>
  /** Undeleted messages of one author in all rooms, found piece by piece: a page may be empty before the last. */
  messagesBy: (author: string, cursor?: string) => Promise<Paged<{ room: string, message: string }>>
}

export interface RoomStore {
  /** null: the owner's account is disabled, or a guest's. */
  createRoom: (room: NewRoom) => Promise<Room | null>
  access: (key: RoomKey, viewer: string | null) => Promise<Access | null>
  /** The room's password as it is stored, and its version; null: it has none. */
  roomPassword: (room: string) => Promise<{ hash: string, version: number } | null>
  /**
   * The viewer's own rooms first, then by `sort`: public ones, and private ones that are listed, of which they see only what RoomSummary says. A guest sees
   * their own only, a visitor only public ones; a room that they are banned from is not there. One query. `search` matches part of the name, without regard to case.
   */
  rooms: (viewer: string | null, query: { search: string, sort: 'activity' | 'name', archived: boolean, cursor?: string, limit: number }) => Promise<Paged<Omit<RoomSummary, 'online'>>>
  /**
   * Removes a room with all it holds, what was written down of it too; at once from view, its rows in slices in the background. `by` must be its owner, or an admin.
   * That it was deleted is written down for the site in the same commit, with whose it was and its visibility, not its name.
   */
  deleteRoom: (deletion: { room: string, by: string, at: number }) => Promise<'deleted' | 'refused' | 'none'>
  /** Owner, moderators, members, guests; each by name. `among`: only those of these people, at most `limit`, who are in the room. */
  members: (room: string, query: { cursor?: string, limit: number, among?: readonly string[] }) => Promise<Paged<Person & { role: Role, mutedUntil: number | null }>>
  /** Newest first. */
  bans: (room: string, query: { cursor?: string, limit: number }) => Promise<Paged<Banned>>
  /** Newest first. null: of the site. */
  audit: (room: string | null, query: { cursor?: string, limit: number }) => Promise<Paged<AuditEntry>>
  /** Makes an invite where `requires` hold for its room; `too-many` where limits.invitesPerRoom are valid. null: done. */
  createInvite: (invite: NewInvite, requires: readonly Precondition[]) => Promise<Refusal | 'too-many' | null>
  /** `invite`: there is no such one, or it is revoked already. null: done. */
  revokeInvite: (invite: { room: string, id: string, by: string, at: number }, requires: readonly Precondition[]) => Promise<Refusal | null>
  /** Newest first; those that can still be used, and a number of those that no longer can. */
  invites: (room: string) => Promise<Invite[]>
  /** By its code's hash, with the room and the viewer's standing there, and whether it can still be used. One is revoked in the commit by which its maker loses the right to make any: see `Effect`. */
  invite: (codeHash: string, viewer: string | null, at: number) => Promise<{ access: Access, by: Person, role: Invite['role'], valid: boolean } | null>
  /** One report of a message by a person is kept, and another is the same: but where that is closed, and the message was edited since it was made, the new one takes its place. null: done. */
  createReport: (report: NewReport, requires: readonly Precondition[]) => Promise<Refusal | null>
  /** Newest first: of one room, of all rooms where this person is owner or moderator, or (neither) of all. */
  reports: (scope: { room?: string, moderator?: string }, query: { closed: boolean, cursor?: string, limit: number }) => Promise<Paged<Report>>
  /** The room and the message of a report; null: there is none, or it is closed. */
  report: (id: string) => Promise<{ room: string, message: string } | null>
  /** Closes all open reports of that message where `requires` hold. null: done. */
  closeReports: (report: { room: string, message: string, by: string, at: number, outcome: 'dismissed' | 'deleted' }, requires: readonly Precondition[]) => Promise<Refusal | null>
  /** Every room, private ones included; for the admin. By name. */
  allRooms: (query: { search: string, cursor?: string, limit: number }) => Promise<Paged<RoomOverview>>
  /** The rooms that a person has joined, with their heads: one snapshot, so that nothing is missed by whoever follows them from there. */
  memberships: (user: string) => Promise<Map<string, number>>
  /** readSeq only grows and is at most the head. The new readSeq; null where it did not grow, and for one who is not a member. */
  markRead: (room: string, user: string, seq: number) => Promise<number | null>
  /** Undeleted messages of others after each member's readSeq, counted up to limits.unread. */
  unread: (room: string, users: readonly string[]) => Promise<Map<string, { unread: number, readSeq: number }>>
}

export interface PeopleStore {
  /** Whether there is any account, `besides` this one if given. */
  hasAccounts: (besides?: string) => Promise<boolean>
  /** The first account and its room in one commit. false: somebody was first. */
  firstAccount: (account: NewAccount, room: NewRoom) => Promise<boolean>
  /** false: the subject is taken. */
  createAccount: (account: NewAccount) => Promise<boolean>
  credential: (kind: CredentialKind, subject: string) => Promise<{ user: string, secretHash: string, verifiedAt: number | null, disabled: boolean } | null>
  credentialOf: (kind: CredentialKind, user: string) => Promise<{ subject: string, secretHash: string, verifiedAt: number | null } | null>
  /** Replaces `was`, whatever it is without; null: by now it is another, or there is none. Ends in the same commit all sessions that `endSessions` does not except (none without it), and gives their ids. */
  setSecret: (kind: CredentialKind, user: string, secretHash: string, rest?: { was?: string, endSessions?: { except?: string } }) => Promise<string[] | null>
  /** Another way in for an account. false: the subject is taken, or the account has one of this kind. */
  addCredential: (user: string, credential: Credential) => Promise<boolean>
  /** Notes that this subject is theirs. false: they have another by now. */
  verifyCredential: (kind: CredentialKind, user: string, subject: string, at: number) => Promise<boolean>
  /** A guest gets an account: kind, name, credential, and the role of a member wherever they were a guest, in one commit. `none`: no such guest. */
  upgradeGuest: (guest: { user: string, name: string, credential: Credential, at: number }) => Promise<'done' | 'taken' | 'none'>
  me: (user: string) => Promise<Me | null>
  people: (ids: readonly string[]) => Promise<Person[]>
  rename: (user: string, name: string) => Promise<void>
  admins: () => Promise<string[]>
  /** Accounts that are not deleted, by name; `search` matches part of the name or of the e-mail address. For the admin. */
  accounts: (query: { search: string, cursor?: string, limit: number }) => Promise<Paged<Account>>
  /** By an admin (else `refused`). `last-admin`: nobody else is one. `none`: no such account, or a guest's. Written down in the same commit. Who is no admin any more loses their invites to rooms that they do not run. */
  setAdmin: (change: { user: string, admin: boolean, by: string, at: number }) => Promise<'done' | 'refused' | 'last-admin' | 'none'>
  /** The same, of guests too; disabling ends all sessions, and gives their ids. A disabled account keeps everything but its invites and can be enabled again. */
  setDisabled: (change: { user: string, disabled: boolean, by: string, at: number }) => Promise<{ outcome: 'done' | 'refused' | 'last-admin' | 'none', ended: string[] }>
  /** What was set for the site; the rest follows the environment. */
  settings: () => Promise<Partial<SiteSettings>>
  /** By an admin; false: is none. Written down in the same commit. */
  setSettings: (change: { settings: Partial<SiteSettings>, by: string, at: number }) => Promise<boolean>
  /** Writes down what an admin did that changes nothing here (`room`: null) or elsewhere. */
  noteAudit: (entry: Audit & { room: string | null, by: string, at: number }) => Promise<void>
  /**
   * Name, credentials, sessions, memberships and invites go; messages stay. A room that they own passes to its longest-standing moderator, else member;
   * one without any is archived: these rooms, as far as that is done already. `last-admin`: nobody else is one, and there are other accounts.
   */
  deleteAccount: (user: string, at: number) => Promise<string[] | 'last-admin'>
  /**
   * null: the account is disabled or deleted, or its password is not `opened` any more. Ends in the same commit those of the person's other sessions that were
   * not seen for longest, where there are more than limits.sessionsPerPerson now, and gives their ids.
   */
  createSession: (session: NewSession) => Promise<string[] | null>
  /** null also when the account is disabled or deleted. */
  session: (idHash: string) => Promise<SessionRecord | null>
  touchSession: (idHash: string, at: number) => Promise<void>
  /** Newest first. */
  sessions: (user: string) => Promise<Omit<SessionInfo, 'current'>[]>
  /** Ends those of a person's sessions that `which` names (all without it; `except` stays) and gives their ids. */
  endSessions: (user: string, which: { id?: string, except?: string }) => Promise<string[]>
  /** Ends sessions last seen before, by kind, and gives their ids. */
  endStaleSessions: (before: { remembered: number, others: number }) => Promise<string[]>
  /** Where guests are who came before and have no session, whether or not they stand there. Found piece by piece: a page may be empty before the last. */
  goneGuests: (before: number, cursor?: string) => Promise<Paged<{ room: string, user: string }>>
}

/** What other processes committed to the same storage since the last telling. */
export interface Changes {
  /** Rooms with new events, and the newest of these. It may be of a room that is deleted by now. */
  heads: ReadonlyMap<string, number>
  /** In the order of their commits. They came, or come, over the bus as well: whoever obeys them must bear them twice. */
  controls: readonly Control[]
  /** There were more controls than are kept: whoever obeys them must compare with storage itself. */
  missed: boolean
}

export interface Storage extends EventStore, RoomStore, PeopleStore {
  /**
   * Tells what other processes have committed since this one opened the storage: each commit once, whatever the bus does, when the driver next looks (SQLite
   * within half a second, Firestore within about two). What this process committed itself may be among the heads, not among the controls. Silent where no
   * other process can use the storage. To be called at once.
   */
  watch: (listen: (changes: Changes) => void) => void
  /** Resolves when a write could be committed now; for `/ready`. */
  check: () => Promise<void>
  /** Finishes what was begun, then lets go of the files. */
  close: () => Promise<void>
}

/* ── Bus: a doorbell between instances ─────────────────────────────────────────────────────────────────────────────── */

/** A speed-up for what storage also says. */
export type Control =
  | { kind: 'session-ended', session: string }
  | { kind: 'person-changed', user: string }
  | { kind: 'room-deleted', room: string }
  /** `silent`: no event of the room tells its readers. */
  | { kind: 'room-changed', room: string, silent?: boolean | undefined }
  | { kind: 'read', room: string, user: string, readSeq: number }
  /** Their sockets must follow the room from now on, wherever they are. */
  | { kind: 'joined', room: string, user: string }
  /** The site's settings: visitors may no longer be welcome. */
  | { kind: 'settings-changed' }

export interface Listener {
  event: (event: StoredEvent) => void
  /** Storage has events up to `seq`; those that did not come by themselves must be read there. */
  head: (seq: number) => void
  typing: (user: string) => void
}

/** `starting`: no connection to other instances yet. `down`: there was one; until it is back, what is published reaches this process alone. */
export type BusState = 'starting' | 'up' | 'down'

/**
 * At most once, in no promised order across instances, without replay: the reader finds holes by seq and asks storage. Publishing never throws and
 * never waits: this process's listeners are called before it returns, the author's instance included (one delivery path).
 */
export interface Bus {
  publish: (event: StoredEvent) => void
  typing: (room: string, user: string) => void
  /** Resolves once deliveries are certain to arrive; gives the way to end it. */
  subscribe: (room: string, listener: Listener) => Promise<() => void>
  control: (control: Control) => void
  onControl: (listen: (control: Control) => void) => void
  /** After a break: what was published meanwhile may be missing. */
  onRestored: (listen: () => void) => void
  /** For `/ready`. A bus of a single process is always `up`. */
  state: () => BusState
  close: () => Promise<void>
}

/* ── Coordination: what instances agree on, all of it expiring by itself ───────────────────────────────────────────── */

export interface Online { version: number, online: number, /** At most limits.presenceNames. */ users: string[] }
export interface PresenceChange { room: string, version: number, online: number, joined: string[], left: string[] }

export interface Coordination {
  /** true for the first caller with this mark within `ms`, on any instance. */
  once: (mark: string, ms: number) => Promise<boolean>
  /** Takes one point; 0, or the milliseconds to wait when there is none left. */
  take: (key: string, rate: Rate) => Promise<number>
  /** Gives back one point that was taken: none where the window has ended since, or nothing is taken. A `take` that was refused counts as taken until then. */
  giveBack: (key: string, rate: Rate) => Promise<void>
  /** Gives all points of a key back, at every rate, after a success that should not count (a right password). */
  forget: (key: string) => Promise<void>
  /** This process says who is in a room; counted, so that two tabs are one person. */
  enter: (room: string, user: string) => void
  leave: (room: string, user: string) => void
  /** The number of people in each room that has any. */
  counts: (rooms: readonly string[]) => Promise<Map<string, number>>
  online: (room: string) => Promise<Online>
  /** Coalesced: at most a few a second per room. A person who came and went between two is in neither list. */
  onPresence: (listen: (change: PresenceChange) => void) => void
  close: () => Promise<void>
}

/* ── Accounts: who somebody is ─────────────────────────────────────────────────────────────────────────────────────── */

export interface Accounts {
  /** The hash to store for a new secret. Waits for its turn in a short queue; beyond it, `unavailable` with a wait. */
  hash: (password: string) => Promise<string>
  /** The account and the hash that the password opened, so that what follows may depend on it; or null. Takes as long for an unknown subject as for a wrong password. Throws forbidden for a disabled account, and only to one who knows its password. */
  verify: (email: string, password: string) => Promise<{ user: string, secretHash: string } | null>
  /** The hash, of the signed-in person who must type their password again. */
  verifyOwn: (user: string, password: string) => Promise<string | null>
  /** Whether the password made this hash, which is nobody's account: a room's. In the same queue. */
  matches: (secretHash: string, password: string) => Promise<boolean>
  /** Who keeps the accounts, where it is not us: then nobody has a password here, and `verify` and `verifyOwn` know nobody. */
  directory: Directory | null
}

/** What a directory says of somebody who has just shown who they are. */
export interface Proof {
  /** Never changes; an address does. */
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
  /** By what: `password`, or whose sign-in it was, such as `google.com`. */
  by: string
  /** When, ms since 1970: the proof itself may be made anew for weeks. */
  signedInAt: number
  /** Another one after everything that they were signed in to must no longer hold. */
  mark: string
}

/** Accounts that are kept elsewhere, such as by Firebase. Every method rejects with `unavailable` when it can't be reached. */
export interface Directory {
  /** What a token proves; asked of the directory itself, so that one which was revoked since is none. Throws unauthenticated, or forbidden for a disabled account. */
  prove: (token: string) => Promise<Proof>
  /** The marks of those who are there and not disabled. */
  marks: (subjects: readonly string[]) => Promise<Map<string, string>>
  /** Has nothing that they are signed in to hold any more. The new mark. */
  revoke: (subject: string) => Promise<string>
  /** Removes an account; one that is gone already is no error. */
  remove: (subject: string) => Promise<void>
}

export interface Ports { storage: Storage, bus: Bus, coordination: Coordination, accounts: Accounts, clock: Clock }
