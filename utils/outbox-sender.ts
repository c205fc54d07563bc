import { ChatError, closeCodes, type ErrorBody } from '#shared/errors'
import { LineLost } from '~/composables/useSocket'
import { createBackoff, type Backoff } from './backoff'
import type { ChangeAnswer, OutboxItem } from './outbox'
import type { OutboxFrame } from './timeline-types'

/** A change on which the line broke so often without an answer may be what breaks it: the person decides. */
export const mostBreaks = 8

/** A wait that the server asks for is waited by itself up to this long, in ms; what would have to wait longer (slow mode) is the person's to send again. */
export const patientFor = 15_000

interface Sender {
  items: () => readonly OutboxItem[]
  /** Asks the server. */
  request: (frame: OutboxFrame) => Promise<ChangeAnswer>
  /** Whether this tab sends now. */
  maySend: () => boolean
  onAnswer: (item: OutboxItem, answer: ChangeAnswer) => Promise<void>
  /** The change is the same with other facts: failed, or to be tried again. */
  onFact: (item: OutboxItem, fact: Partial<Pick<OutboxItem, 'frame' | 'state' | 'error' | 'breaks'>>) => Promise<void>
  /** What it asks for is already so. */
  onNeedless: (item: OutboxItem) => Promise<void>
  now: () => number
  random: () => number
}

/** What becomes of a change when the line broke on it. Too large or refused as a frame: it is never sent again by itself. */
function afterBreak(item: OutboxItem, lost: LineLost): Partial<OutboxItem> {
  if (lost.code === closeCodes.tooBig) return { state: 'failed', error: { code: 'too_large', message: 'This is too large to be sent.' } }
  if (lost.drop) return { state: 'failed', error: { code: 'invalid', message: 'Chatly could not read this. Change it and send it again.' } }
  const breaks = item.breaks + (lost.code === closeCodes.abnormal || lost.code === closeCodes.internal ? 1 : 0)
  return breaks < mostBreaks ? { breaks } : { state: 'failed', breaks, error: { code: 'unavailable', message: 'The connection broke each time this was sent.' } }
}

/** Sends what waits: in each room one after the other, in order, each until it is answered. */
export function createSender(options: Sender) {
  const busy = new Set<string>()
  /** `owed`: the server asked for it; a new line does not end it. */
  const pauses = new Map<string, { timer: ReturnType<typeof setTimeout>, owed: boolean }>()
  const backoffs = new Map<string, Backoff>()
  /** What messages answered that go as ordinary ones by now, by their nonces. */
  const answered = new Map<string, string>()

  function pump(): void {
    if (!options.maySend()) return
    const seen = new Set<string>()
    for (const item of options.items()) {
      const { room } = item.frame
      if (item.state === 'failed' || seen.has(room)) continue
      seen.add(room)
      if (!busy.has(room) && !pauses.has(room)) void attempt(item)
    }
  }

  async function attempt(item: OutboxItem): Promise<void> {
    const { room } = item.frame
    busy.add(room)
    try {
      await ask(item)
    } catch (error) {
      console.warn('What became of a change could not be noted.', error)
      if (options.items().some(({ frame }) => frame.nonce === item.frame.nonce)) pause(room, undefined)
    } finally {
      busy.delete(room)
    }
    pump()
  }

  async function ask(item: OutboxItem): Promise<void> {
    let answer: ChangeAnswer
    try {
      answer = await options.request(item.frame)
    } catch (error) {
      return failed(item, error)
    }
    backoffs.delete(item.frame.room)
    answered.delete(item.frame.nonce)
    await options.onAnswer(item, answer)
  }

  async function failed(item: OutboxItem, error: unknown): Promise<void> {
    if (error instanceof LineLost) return options.onFact(item, afterBreak(item, error))
    if (!(error instanceof ChatError)) throw error
    const body: ErrorBody = error.toJSON()
    if (error.code === 'not_found') return notFound(item, body)
    const again = error.code === 'unavailable' || error.code === 'unauthenticated' || (error.code === 'rate_limited' && (error.retryAfter ?? 0) <= patientFor)
    if (again) pause(item.frame.room, error.retryAfter)
    await options.onFact(item, again ? { error: body } : { state: 'failed', error: body })
  }

  /** The message that this is about is gone, or the room is. An answer goes again as an ordinary message, under its nonce, which a refusal does not use up; refused once more, it is the room. */
  async function notFound(item: OutboxItem, error: ErrorBody): Promise<void> {
    // Of a message that is gone: it has no row that could show this.
    if (item.frame.type !== 'send') return options.onNeedless(item)
    const { replyTo, ...frame } = item.frame
    const before = answered.get(frame.nonce)
    answered.delete(frame.nonce)
    if (replyTo === undefined) return options.onFact(item, { state: 'failed', error, ...before !== undefined && { frame: { ...frame, replyTo: before } } })
    answered.set(frame.nonce, replyTo)
    // Kept before it is sent: what a nonce stands for must not change once the server may have it.
    await options.onFact(item, { frame, error: null })
  }

  function pause(room: string, retryAfter: number | undefined): void {
    const backoff = backoffs.get(room) ?? createBackoff(options)
    backoffs.set(room, backoff)
    const timer = setTimeout(() => {
      pauses.delete(room)
      pump()
    }, Math.max(backoff.next(), retryAfter ?? 0))
    pauses.set(room, { timer, owed: retryAfter !== undefined })
  }

  return {
    pump,
    isBusy: (item: OutboxItem) => busy.has(item.frame.room) && options.items().find(other => other.frame.room === item.frame.room && other.state === 'waiting') === item,
    /** A new line: nothing waits for its turn any longer, but for what the server asked to wait. */
    fresh(): void {
      for (const [room, { timer, owed }] of pauses) {
        if (owed) continue
        clearTimeout(timer)
        pauses.delete(room)
      }
      pump()
    }
  }
}
