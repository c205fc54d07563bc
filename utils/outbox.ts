import type { ErrorBody } from '#shared/errors'
import type { Answers } from '#shared/protocol'
import type { OutboxFrame } from './timeline-types'

export type ChangeAnswer = Answers[OutboxFrame['type']]

/** A change of mine that no server has acknowledged. `waiting`: it will be sent, again and again, with the same nonce. `failed`: the person decides. */
export interface OutboxItem {
  /** Its place in line; given when it is kept. */
  order: number
  user: string
  frame: OutboxFrame
  state: 'waiting' | 'failed'
  at: number
  error: ErrorBody | null
  /** How often the line broke while this was on it. */
  breaks: number
}

export interface Outbox {
  items: () => readonly OutboxItem[]
  /** Resolves when the change is kept; rejects with `too_large`, and then it is not. */
  queue: (frame: OutboxFrame) => Promise<void>
  /** Sends a failed change again: under the same nonce, unless that nonce was used for something else. */
  retry: (nonce: string) => Promise<void>
  discard: (nonces: readonly string[]) => Promise<void>
  /** These changes are known to be committed (their events came): nothing of them needs to be sent. */
  confirm: (nonces: readonly string[]) => Promise<void>
  /** Changes not acknowledged, failed ones included. */
  pendingCount: () => number
  /** Removes all of this person's changes. */
  clear: () => Promise<void>
}
