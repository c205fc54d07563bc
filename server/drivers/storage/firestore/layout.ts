import type { CollectionReference, DocumentReference, Firestore, Query, Timestamp } from 'firebase-admin/firestore'
import type { AuditAction, CameBy, EventKind, PersonKind, Role, RoomSettings, SiteSettings } from '#shared/types'
import type { CredentialKind } from '../../../core/ports'

/**
 * How Chatly lies in Firestore. Documents are read and written by their own ids wherever that is possible; the queries that remain are listed in
 * firestore.indexes.json, and nobody but this driver may read anything (firestore.rules).
 *
 * Every change to a room rewrites the room's document and creates the event of the next seq, in one transaction: two that did not see each other can't both
 * succeed. What a transaction has read of a room after its document is therefore as good as locked, queries included.
 */

/** `rooms/{room}`. `shown`: to whom the list shows it, members aside. `place`: by last activity. `grams`: what search finds. `audits`: the newest entry's number. */
export interface RoomDoc extends Omit<RoomSettings, 'locked'> {
  id: string
  slug: string
  folded: string
  grams: string[]
  passwordHash: string | null
  passwordVersion: number
  ownerId: string
  seq: number
  lastMessageSeq: number | null
  lastMessageAt: number | null
  createdAt: number
  place: number
  shown: 'public' | 'door' | 'no'
  archived: boolean
  audits: number
  /** The server's time of the last change; read by other processes only. */
  touched?: Timestamp
}

export interface Reacted { emoji: string, user: string }

/** What a message's event carries beside: the row of a page. Gone with its deletion: `live`, `writer`, `text`, `reactions`. */
export interface MessageFields {
  id: string
  /** Its seq, again: only messages have it, so that pages are found by one field. */
  place: number
  /** The same, while it is not deleted. */
  live?: number
  writer?: string
  rev: number
  replyTo: string | null
  /** Where it was edited; before that, it is in `json`. */
  text?: string
  editedAt: number | null
  /** How often it was edited since it lies here; an import begins anew. */
  changes?: number
  deletedAt: number | null
  /** In the order in which they came. */
  reactions?: Reacted[]
}

/** `rooms/{room}/events/{seq}`. `key`: its author and nonce. `mark`: the try to commit that made it. `edits`: the message that it gave a new text. */
export interface EventDoc extends Partial<MessageFields> {
  seq: number
  kind: EventKind
  author: string
  nonce: string | null
  key: string | null
  at: number
  message: string | null
  mark: string
  json: string
  edits?: string
}
export type MessageDoc = EventDoc & MessageFields

/** `rooms/{room}/people/{user}`: somebody in a room, as a member or not. */
export interface PersonDoc {
  user: string
  room: string
  role: Role | null
  /** Of members: owners first, then moderators, members, guests. */
  rank?: number
  /** Their name as it is sorted. */
  folded: string
  cameBy: CameBy
  passwordVersion: number
  joinedSeq: number
  readSeq: number
  /** The server's time of the last reading, and the process that noted it. */
  readAt?: Timestamp
  readOf?: string
  bannedAt?: number
  bannedBy?: string
  mutedUntil?: number
  lastPostAt?: number
  /** Until they come back. */
  removedAt?: number
}

/** `users/{user}`. `credentials`: the subject of each kind. */
export interface UserDoc {
  id: string
  name: string
  folded: string
  grams: string[]
  kind: PersonKind
  admin: boolean
  disabledAt: number | null
  createdAt: number
  credentials: Partial<Record<CredentialKind, string>>
}

/** `credentials/{kind, subject}` */
export interface CredentialDoc { kind: CredentialKind, subject: string, user: string, secretHash: string, verifiedAt: number | null }
/** `sessions/{idHash}` */
export interface SessionDoc { id: string, user: string, remember: boolean, createdAt: number, lastSeenAt: number, agent: string }
/** `invites/{codeHash}` */
export interface InviteDoc {
  id: string
  room: string
  role: 'guest' | 'member'
  by: string
  createdAt: number
  expiresAt: number | null
  usesLeft: number | null
  uses: number
  revokedAt: number | null
}
/** `reports/{message, by}`. `pos`: the order in which they came. */
export interface ReportDoc {
  id: string
  pos: number
  room: string
  message: string
  seq: number
  by: string
  at: number
  reason: string
  open: boolean
  closedAt: number | null
  closedBy: string | null
  outcome: 'dismissed' | 'deleted' | null
}
/** `rooms/{room}/audit/{n}`, `audit/{n}` */
export interface AuditDoc { n: number, at: number, action: AuditAction, by: string, target: string | null, detail: string }
/** `meta/site`: settings, and what has to be agreed upon by changes to different accounts. */
export interface SiteDoc { settings: Partial<SiteSettings>, audits: number, reports: number, changes: number }
/** `meta/history`. `import`: while an export is taken in, which one (its SHA-256), and how many of its entries are here. */
export interface HistoryDoc { epoch: string, layout: number, import?: { of: string, entries: number } }
/** `meta/lease`: the process that has the database for itself, or `several`. `renewed`: the server's time. */
export interface LeaseDoc { holder: string, renewed: Timestamp }
/** `controls/{any}`: for the other processes, for a few minutes. `expiresAt`: for a time-to-live policy. */
export interface ControlDoc { at: Timestamp, of: string, json: string, expiresAt: Timestamp }
/** `doomed/{any}`: what is deleted, and not all removed yet. */
export type DoomedDoc = { room: string } | { user: string, at: number }

export const LAYOUT = 1
/** Kinds of credentials. */
export const KINDS = 3

/** A document's id from an id of ours; those that Firestore would not take are written in another way. */
export const safe = (id: string): string => /^(?!__)[\w-]+$/.test(id) ? id : `=${Buffer.from(id).toString('base64url')}`
/** What `safe` was given. */
export const unsafe = (id: string): string => id.startsWith('=') ? Buffer.from(id.slice(1), 'base64url').toString() : id
/** Numbers as ids that sort. */
const padded = (n: number) => String(n).padStart(12, '0')

export const keyOf = (author: string, nonce: string): string => `${author}:${nonce}`
export const rankOf = (role: Role): number => ['owner', 'moderator', 'member', 'guest'].indexOf(role)

export function layoutOf(db: Firestore) {
  // The one place where a document's type is asserted: this driver alone writes them.
  const collection = <T>(path: string) => db.collection(path) as CollectionReference<T, T & FirebaseFirestore.DocumentData>
  const document = <T>(path: string) => db.doc(path) as DocumentReference<T, T & FirebaseFirestore.DocumentData>
  const group = <T>(name: string) => db.collectionGroup(name) as unknown as Query<T, T & FirebaseFirestore.DocumentData>
  const inRoom = (room: string) => `rooms/${safe(room)}`
  return {
    rooms: collection<RoomDoc>('rooms'),
    room: (room: string) => document<RoomDoc>(inRoom(room)),
    events: (room: string) => collection<EventDoc>(`${inRoom(room)}/events`),
    event: (room: string, seq: number) => document<EventDoc>(`${inRoom(room)}/events/${padded(seq)}`),
    people: (room: string) => collection<PersonDoc>(`${inRoom(room)}/people`),
    person: (room: string, user: string) => document<PersonDoc>(`${inRoom(room)}/people/${safe(user)}`),
    audits: (room: string | null) => collection<AuditDoc>(room === null ? 'audit' : `${inRoom(room)}/audit`),
    audit: (room: string | null, n: number) => document<AuditDoc>(`${room === null ? '' : `${inRoom(room)}/`}audit/${padded(n)}`),
    everywhere: group<PersonDoc>('people'),
    everyEvent: group<EventDoc>('events'),
    slug: (slug: string) => document<{ room: string }>(`slugs/${safe(slug)}`),
    users: collection<UserDoc>('users'),
    user: (user: string) => document<UserDoc>(`users/${safe(user)}`),
    credentials: collection<CredentialDoc>('credentials'),
    credential: (kind: CredentialKind, subject: string) => document<CredentialDoc>(`credentials/${kind}-${safe(subject)}`),
    sessions: collection<SessionDoc>('sessions'),
    session: (idHash: string) => document<SessionDoc>(`sessions/${safe(idHash)}`),
    invites: collection<InviteDoc>('invites'),
    invite: (codeHash: string) => document<InviteDoc>(`invites/${safe(codeHash)}`),
    reports: collection<ReportDoc>('reports'),
    reportOf: (message: string, by: string) => document<ReportDoc>(`reports/${safe(message)}.${safe(by)}`),
    controls: collection<ControlDoc>('controls'),
    doomed: collection<DoomedDoc>('doomed'),
    doom: (what: string) => document<DoomedDoc>(`doomed/${safe(what)}`),
    site: document<SiteDoc>('meta/site'),
    history: document<HistoryDoc>('meta/history'),
    lease: document<LeaseDoc>('meta/lease'),
    pulse: document<{ at: number }>('meta/pulse')
  }
}

export type Layout = ReturnType<typeof layoutOf>

export const emptySite: SiteDoc = { settings: {}, audits: 0, reports: 0, changes: 0 }
