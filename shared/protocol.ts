import type { ErrorBody } from './errors'
import type { Person, Position, RoomEvent } from './types'

/** Wire protocol, version 1: WebSocket at `/_ws`, one JSON object per text frame. The frames that a client may send are parsed by `clientFrame` in schemas.ts. */
export const PROTOCOL = 1
export const WS_PATH = '/_ws'

interface Request { /** Answered by exactly one `ok` or `error` with the same id. */ id: number }

export type ClientFrame =
  | { type: 'hello', protocol: number, ticket: string }
  | Request & { type: 'subscribe', room: string, position?: Position }
  | Request & { type: 'unsubscribe', room: string }
  | Request & { type: 'send', room: string, nonce: string, text: string, replyTo?: string }
  | Request & { type: 'edit', room: string, nonce: string, message: string, text: string }
  | Request & { type: 'delete', room: string, nonce: string, message: string }
  | Request & { type: 'react', room: string, nonce: string, message: string, emoji: string, on: boolean }
  | { type: 'read', room: string, seq: number }
  | { type: 'typing', room: string }
  | { type: 'ping' }

/** A request that changes a room: what the outbox keeps and repeats until it is answered. */
export type ChangeFrame = Extract<ClientFrame, { nonce: string }>

/** What `ok` carries, by request. */
export interface Answers {
  subscribe: { head: Position, online: number, users: Person[] }
  unsubscribe: Record<string, never>
  send: { message: string, seq: number, at: number, duplicate?: true }
  edit: { seq: number, duplicate?: true }
  delete: { seq: number, duplicate?: true }
  react: { seq: number, duplicate?: true }
}

export type ResetReason = 'epoch' | 'ahead' | 'too-old' | 'access'
export type RoomChange = 'unread' | 'read' | 'added' | 'removed' | 'renamed' | 'deleted'

export type ServerFrame =
  | { type: 'ready', connection: string, user: Person | null, epoch: string, heartbeatSeconds: number, limits: { frameBytes: number } }
  | { type: 'event' } & RoomEvent
  | { type: 'ok', id: number } & Partial<Answers[keyof Answers]>
  | { type: 'error', id?: number } & ErrorBody
  /** Drop this room's local state and load the last page. */
  | { type: 'reset', room: string, reason: ResetReason }
  /** From storage, every heartbeat, for rooms whose head moved. */
  | { type: 'heads', rooms: Record<string, number> }
  /** Names of people who have just come or renamed themselves. `you`: something of the person's own account changed, perhaps what only GET /api/auth/session tells. */
  | { type: 'people', users: Person[], you?: true }
  /** People, not tabs. `users` makes it a snapshot; above limits.presenceNames neither list is sent, only `online`, and the first frame below it has `users`. Versions grow by one; a hole asks for a new subscribe. */
  | { type: 'presence', room: string, version: number, online: number, joined?: string[], left?: string[], users?: string[] }
  | { type: 'typing', room: string, user: string }
  /** A room of mine that I am not subscribed to, or my reading on another device. */
  | { type: 'room', room: string, change: RoomChange, head?: number, unread?: number, readSeq?: number, lastMessageAt?: number }
  | { type: 'pong' }
  /** A close with 1012 follows; come back after this many milliseconds. */
  | { type: 'bye', after: number }

export type ServerFrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>
