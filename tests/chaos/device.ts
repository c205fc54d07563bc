import { ChatError } from '#shared/errors'
import type { RoomEvent } from '#shared/types'
import type { ApiOptions } from '~/composables/useApi'
import { createSocket, type Line, type LineHandlers } from '~/composables/useSocket'
import { createPages } from '~/utils/message-pages'
import type { OutboxItem } from '~/utils/outbox'
import { createSender } from '~/utils/outbox-sender'
import { createSubscriptions } from '~/utils/subscriptions'
import { createTimeline, receive, reset } from '~/utils/timeline'
import type { OutboxFrame, Timeline } from '~/utils/timeline-types'
import { show, type Log } from './log'
import type { Random } from './random'
import { createTap } from './tap'

/** The way of one person to the servers, whichever of them answers. Every failure is a ChatError. */
export interface Door {
  ticket: () => Promise<string>
  connect: (handlers: LineHandlers) => Line
  api: <T>(path: string, options?: ApiOptions) => Promise<T>
}

/** Where a test may make the client worse than it is. */
export interface Habits {
  receive: typeof receive
  /** Called before a subscribe; may change the position. */
  beforeSubscribe: (t: Timeline) => void
  /** An `ok` came. */
  acknowledged: (t: Timeline, seq: number) => void
  /** Which of the changes that wait goes first. */
  inOrder: (items: readonly OutboxItem[]) => readonly OutboxItem[]
}

export const goodHabits: Habits = { receive, beforeSubscribe: () => {}, acknowledged: () => {}, inOrder: items => items }

export interface DeviceOptions {
  name: string
  person: string
  door: Door
  log: Log
  random: Random
  habits?: Habits
  /** Waits before a new try are this share of what they are in a browser. */
  haste?: number
}

export type Device = ReturnType<typeof createDevice>

/** How long a person waits before they ask again for a page that did not come, ms. */
const AGAIN = 500

/**
 * One device of a virtual person: the line, the outbox and the timelines are the application's own code (all but its stores and its database), and
 * what they do is written to the log.
 */
export function createDevice({ name, person, door, log, random, habits = goodHabits, haste = 1 }: DeviceOptions) {
  const me = { device: name, person }
  const timelines = new Map<string, Timeline>()
  /** Events that the timelines hold back, by room and seq. */
  const held = new Map<string, Map<number, RoomEvent>>()
  /** Not by room: it may be closed and opened again before the page is here. */
  const loading = new WeakSet<Timeline>()
  let items: OutboxItem[] = []
  let wake = () => {}
  let ended = false
  let awaySince: number | null = null

  const socket = createSocket({
    ticket: door.ticket, connect: createTap(log, name, person)(door.connect), onUnauthenticated: () => { ended = true },
    random: () => random.next() * haste,
    watchDevice(onWake) {
      wake = onWake
      return () => { wake = () => {} }
    }
  })
  const pages = createPages({ api: door.api, onPage: () => {}, onGap: t => void subscribe(t) })
  const subscriptions = createSubscriptions({
    socket, isOpen: room => timelines.has(room), onSubscribed: () => {},
    onRefused(t, error) {
      reset(t, error.toJSON())
      log.add({ what: 'reset', ...me, room: t.room, reason: 'refused' })
    }
  })
  const sender = createSender({
    items: () => habits.inOrder(items), request: frame => socket.request(frame), maySend: () => socket.state === 'open', now: Date.now,
    random: () => random.next() * haste,
    async onAnswer(item, { seq }) {
      const { room, nonce } = item.frame
      log.add({ what: 'ok', ...me, room, nonce, seq })
      const t = timelines.get(room)
      if (t) habits.acknowledged(t, seq)
      items = items.filter(other => other !== item)
    },
    async onFact(item, fact) {
      Object.assign(item, fact)
      if (item.state !== 'failed') return
      log.add({ what: 'refused', ...me, room: item.frame.room, nonce: item.frame.nonce, code: item.error?.code ?? '' })
      items = items.filter(other => other !== item)
    },
    async onNeedless(item) { items = items.filter(other => other !== item) }
  })

  const subscribe = (t: Timeline): Promise<void> => {
    habits.beforeSubscribe(t)
    return subscriptions.subscribe(t)
  }

  const apply = (room: string, { seq, kind, author, nonce, ...body }: RoomEvent) =>
    log.add({ what: 'applied', ...me, room, event: { seq, kind, author, nonce, message: 'message' in body ? body.message : null } })

  function take(event: RoomEvent): void {
    const t = timelines.get(event.room)
    if (!t) return
    const heldBack = held.get(event.room) ?? new Map<number, RoomEvent>()
    held.set(event.room, heldBack)
    const verdict = habits.receive(t, event)
    if (verdict === 'ask') void subscribe(t)
    if (verdict === 'ask' || verdict === 'held') heldBack.set(event.seq, event)
    if (verdict === 'applied') {
      apply(t.room, event)
      drained(t, heldBack, event.seq)
    }
  }

  /** Those that were held back and have taken effect behind `seq`. */
  function drained(t: Timeline, heldBack: Map<number, RoomEvent>, seq: number): void {
    for (const event of [...heldBack.values()].sort((a, b) => a.seq - b.seq)) {
      if (event.seq > (t.position?.seq ?? 0)) break
      heldBack.delete(event.seq)
      if (event.seq > seq) apply(t.room, event)
    }
  }

  /** Its last page, until there is one; then its events. */
  async function resume(t: Timeline): Promise<void> {
    t.asking = false
    if (!t.position || t.status === 'error') await load(t)
    if (t.position) await subscribe(t)
  }

  async function load(t: Timeline): Promise<void> {
    if (loading.has(t)) return
    loading.add(t)
    await pages.replace(t, {})
    loading.delete(t)
    if (timelines.get(t.room) !== t) return
    if (t.position && t.status === 'ready') {
      held.get(t.room)?.clear()
      log.add({ what: 'page', ...me, room: t.room, seq: t.position.seq })
    } else if (!isFinal(t)) {
      setTimeout(() => { if (timelines.get(t.room) === t && !ended) void resume(t) }, AGAIN)
    }
  }

  socket.onState((state) => { awaySince = state === 'open' ? null : awaySince ?? performance.now() })
  socket.on('ready', () => {
    subscriptions.renew()
    sender.fresh()
    for (const t of timelines.values()) void resume(t)
  })
  socket.on('event', frame => take(frame))
  socket.on('reset', ({ room, reason }) => {
    const t = timelines.get(room)
    if (!t) return
    reset(t)
    log.add({ what: 'reset', ...me, room, reason })
    void resume(t)
  })
  socket.on('heads', ({ rooms }) => {
    for (const t of timelines.values()) if (t.position && (rooms[t.room] ?? 0) > t.position.seq) void subscribe(t)
  })

  return {
    name, person, socket, timelines,
    /** Whether the session is over. */
    get ended() { return ended },
    get waiting() { return items.length },
    /** For how long it has been without a line, ms. */
    get away() { return awaySince === null ? 0 : performance.now() - awaySince },
    wake: () => wake(),
    /** Opens a room: its last page, then what happens. */
    async open(room: string): Promise<void> {
      if (timelines.has(room)) return
      const t = createTimeline(room, person)
      timelines.set(room, t)
      await resume(t)
    },
    async close(room: string): Promise<void> {
      timelines.delete(room)
      held.delete(room)
      log.add({ what: 'closed', ...me, room })
      await subscriptions.unsubscribe(room)
    },
    /** Writes something: it waits in the outbox until it is answered. */
    queue(frame: OutboxFrame): void {
      log.add({ what: 'queued', ...me, room: frame.room, nonce: frame.nonce, kind: frame.type })
      items.push({ order: items.length, user: person, frame, state: 'waiting', at: Date.now(), error: null, breaks: 0 })
      sender.pump()
    },
    /** Says in the log whether there is a line. */
    showLine(): void {
      if (socket.state === 'open') log.add({ what: 'line', ...me, line: 0, state: 'open' })
    },
    /** Says in the log what is shown, and what still waits. */
    showAll(): void {
      for (const t of timelines.values()) {
        const waiting = items.filter(item => item.frame.room === t.room).length
        log.add({ what: 'shown', ...me, room: t.room, seq: t.position?.seq ?? null, waiting, rows: t.rows.filter(row => row.seq !== Infinity).map(show) })
      }
    },
    stop(): void {
      ended = true
      socket.stop()
    }
  }
}

/** Whether asking again for the page is of no use. */
const isFinal = (t: Timeline): boolean => t.error !== null && ['not_found', 'forbidden', 'unauthenticated'].includes(t.error.code)

/** Any failure on the way as the one that a client acts on. */
export const unreachable = (cause: unknown): ChatError =>
  cause instanceof ChatError ? cause : Object.assign(new ChatError('unavailable', 'Chatly can\'t be reached.'), { cause })
