import type { ErrorBody } from '#shared/errors'
import type { ChangeFrame } from '#shared/protocol'
import type { Message, Position, RoomEvent } from '#shared/types'

/** A change frame without the request id that each try gets anew. */
export type Unnumbered<F> = F extends unknown ? Omit<F, 'id'> : never
export type OutboxFrame = Unnumbered<ChangeFrame>

/**
 * A message as the list shows it, with my own unconfirmed changes on it. `key` is `author:nonce` from the first frame to the last. A row that no server
 * has confirmed has `seq` Infinity. `error` says why a change on it failed, or why it is being tried again.
 */
export interface Row extends Message {
  key: string
  state: 'pending' | 'sent' | 'failed'
  error: ErrorBody | null
  /** The message that this one answers, where it is known. */
  quoted: Message | null
}

/** A change of mine that the events have not shown yet. `sent`: acknowledged, its event is still to come. */
export interface Change {
  frame: OutboxFrame
  at: number
  state: Row['state']
  error: ErrorBody | null
  /** What `ok` carried; null before. */
  answer: { seq: number, at?: number, message?: string } | null
}

/** One stretch of a room's history and what is needed to continue it. Plain data: it travels from the server's rendering to the browser. */
export interface Timeline {
  room: string
  /** The reader's id; null for a visitor. */
  me: string | null
  status: 'idle' | 'loading' | 'ready' | 'error'
  error: ErrorBody | null
  /** Last event of the gapless run; null before the first page. */
  position: Position | null
  /** Sorted: sent by seq, then mine that wait, in the order they were written. */
  rows: Row[]
  /** What the server said of the messages in `rows`, by id. */
  truth: Record<string, Message>
  /** Messages beyond the window that rows answer, by id. */
  quotes: Record<string, Message>
  changes: Change[]
  /** Events beyond a hole, by seq. */
  held: RoomEvent[]
  /** A new subscribe was asked for, and the hole is still there. */
  asking: boolean
  /** Pages in flight, and the events applied meanwhile: all those after `rememberedAfter`. */
  pages: number
  remembered: RoomEvent[]
  rememberedAfter: number
  /** Grows when the window is replaced: a page asked for before does not fit. */
  window: number
  moreBefore: boolean
  moreAfter: boolean
  loadingOlder: boolean
  loadingNewer: boolean
  /** What the reader had read when the room was opened, then what they have read since. */
  readSeq: number
  /** The "New" line is above this row. */
  firstUnreadSeq: number | null
  /** Events up to `upTo` came while there was no line; what had been read before that. */
  missed: { upTo: number, readSeq: number }
  /** Rows whose quoted message is not known yet, by seq. */
  unquoted: number[]
}
