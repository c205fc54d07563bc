/** What both sides call things. Times are milliseconds since 1970 (UTC) and order nothing: order is by `seq`. */

export type Role = 'owner' | 'moderator' | 'member' | 'guest'
export type PersonKind = 'member' | 'guest' | 'bot'

/** A place in a room's history. `epoch` names the history, `seq` is the last event of the gapless run that is known. */
export interface Position { epoch: string, seq: number }

/** What anyone may see of a person. A deleted account keeps its id and loses its name (`''`, shown as "deleted person"). */
export interface Person { id: string, name: string, kind: PersonKind }

/** The signed-in person, to themselves. */
export interface Me extends Person { admin: boolean, email: string | null }

export interface Room {
  id: string
  /** In the link; made from the first name and never changed. */
  slug: string
  name: string
  topic: string
  visibility: 'public' | 'private'
  ownerId: string
  /** Head of the room's event sequence. */
  seq: number
  lastMessageAt: number | null
  createdAt: number
  archivedAt: number | null
}

/** A room in somebody's list. `role` is null for a room that they have not joined; `unread` is at most limits.unread. */
export interface RoomSummary extends Room { role: Role | null, unread: number, readSeq: number, online: number }

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

export interface Member extends Person { role: Role, online: boolean }

export interface SessionInfo { id: string, current: boolean, createdAt: number, lastSeenAt: number, agent: string }

/** What happened in a room. `data` is the resulting state, never a difference. */
export type EventBody =
  | { kind: 'message', message: string, data: { text: string, replyTo: string | null } | { deleted: true } }
  | { kind: 'edit', message: string, data: { text: string } | { deleted: true } }
  | { kind: 'delete', message: string, data: Record<string, never> }
  | { kind: 'react', message: string, data: { emoji: string, on: boolean, count: number } }
  | { kind: 'join', data: { role: Role } }
  | { kind: 'leave', data: Record<string, never> }
  /** A change to somebody's standing; `role: null` means removed. */
  | { kind: 'member', data: { user: string, role: Role | null, banned: boolean } }
  | { kind: 'room', data: { name: string, topic: string, archivedAt: number | null } }

export type EventKind = EventBody['kind']

/** A committed event. (`room`, `seq`) is unique and gapless; so is (`room`, `author`, `nonce`) where there is a nonce. */
export type RoomEvent = EventBody & { room: string, seq: number, at: number, author: string, nonce: string | null }
