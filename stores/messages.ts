import { defineStore } from 'pinia'
import { ref } from 'vue'
import { ChatError, type ErrorBody } from '#shared/errors'
import type { ServerFrameOf } from '#shared/protocol'
import type { RoomEvent, RoomSummary } from '#shared/types'
import { isDoor, isRefused } from '~/utils/doors'
import { createChanges } from '~/utils/message-changes'
import { createPages } from '~/utils/message-pages'
import { newNonce } from '~/utils/nonce'
import type { ChangeAnswer, OutboxItem } from '~/utils/outbox'
import { useServices } from '~/utils/services'
import { createSubscriptions } from '~/utils/subscriptions'
import { createThrottle } from '~/utils/throttle'
import { createTimeline, markUnread, noteNews, readAll, receive, reset } from '~/utils/timeline'
import type { OutboxFrame, Row, Timeline } from '~/utils/timeline-types'
import { usePresenceStore } from './presence'
import { useRoomsStore } from './rooms'
import { useSessionStore } from './session'

/** What a room's page shows. Reactive; do not destructure. */
export interface TimelineView {
  readonly rows: Row[]
  readonly status: Timeline['status']
  readonly error: ErrorBody | null
  readonly moreBefore: boolean
  readonly moreAfter: boolean
  readonly loadingOlder: boolean
  readonly loadingNewer: boolean
  /** The "New" line is above the first row with this seq or a greater one; null: no line. */
  readonly firstUnreadSeq: number | null
  /** Ids of those typing, without the reader. */
  readonly typing: string[]
}

/** A reader who reads on says so once in this many ms; the limit of `typing` is one in 3 s. */
const readEvery = 1_000
const typingEvery = 3_000

const isAway = () => typeof document !== 'undefined' && (document.visibilityState !== 'visible' || !document.hasFocus())

/** The timelines of the open rooms: pages and events in, rows out. Actions reject with ChatError. */
export const useMessagesStore = defineStore('messages', () => {
  const { api, realtime } = useServices()
  const rooms = useRoomsStore()
  const presence = usePresenceStore()
  const session = useSessionStore()

  /** Rooms on the screen; one that was closed keeps nothing in memory, so that what is deleted meanwhile is in no memory either. */
  const timelines = ref<Record<string, Timeline>>({})
  const views = new Map<string, TimelineView>()
  /** Not by room: it may be closed and opened again before the page is here. */
  const loading = new WeakMap<Timeline, Promise<void>>()
  const none: Row[] = []

  const at = (room: string): Timeline | undefined => timelines.value[room]
  const me = () => session.me?.id ?? null
  const changes = createChanges(at)
  const pages = createPages({
    api, onGap: t => void subscriptions?.subscribe(t),
    onPage(page) {
      presence.learn(page.people)
      confirm(page.messages)
    }
  })
  const subscriptions = realtime && createSubscriptions({
    socket: realtime.socket, isOpen: room => at(room) !== undefined,
    onSubscribed(room, { head, online, users }) {
      presence.snapshot(room, online, users)
      const t = at(room)
      const readSeq = missed.get(room)
      if (t && readSeq !== undefined) t.missed = { upTo: head.seq, readSeq }
      missed.delete(room)
    },
    onRefused(t, error) {
      deny(t, error.toJSON())
    }
  })
  /** Rooms that were open while there was no line, with what was read there before. */
  const missed = new Map<string, number>()
  const reading = createThrottle(readEvery, room => sayRead(room))
  const typing = createThrottle(typingEvery, room => void realtime?.socket.tell({ type: 'typing', room }))

  /** My own messages and changes that the server shows are committed, whatever became of their answers. */
  function confirm(shown: readonly { author: string, nonce: string | null }[]): void {
    const nonces = shown.flatMap(({ author, nonce }) => author === me() && nonce ? [nonce] : [])
    if (nonces.length > 0) void realtime?.outbox.confirm(nonces)
  }

  function timeline(room: string): TimelineView {
    const known = views.get(room)
    if (known) return known
    const view: TimelineView = {
      get rows() { return at(room)?.rows ?? none },
      get status() { return at(room)?.status ?? 'idle' },
      get error() { return at(room)?.error ?? null },
      get moreBefore() { return at(room)?.moreBefore ?? false },
      get moreAfter() { return at(room)?.moreAfter ?? false },
      get loadingOlder() { return at(room)?.loadingOlder ?? false },
      get loadingNewer() { return at(room)?.loadingNewer ?? false },
      get firstUnreadSeq() { return at(room)?.firstUnreadSeq ?? null },
      get typing() { return presence.typingIds(room).filter(id => id !== me()) }
    }
    views.set(room, view)
    return view
  }

  /** Loads the last page, once at a time. */
  function reload(t: Timeline, prepare?: () => void): Promise<void> {
    const running = loading.get(t) ?? pages.replace(t, {}, prepare).then(() => { if (t.error) look(t.room, t.error) }).finally(() => loading.delete(t))
    loading.set(t, running)
    return running
  }

  /** After a refusal: what is left of the room for this reader. */
  function look(room: string, { code }: ErrorBody): void {
    if (realtime && isRefused(code)) rooms.check(room).catch((error: unknown) => console.warn('A room could not be read again.', error))
  }

  /** Its messages are not for this reader, or not any more: none of them stays. */
  function deny(t: Timeline, error: ErrorBody): void {
    reset(t, error)
    t.status = 'error'
    look(t.room, error)
  }

  /** Opens a room: on the server its last page, in the browser also what happens from there on. May be called again. */
  async function open(room: RoomSummary): Promise<void> {
    timelines.value[room.id] ??= createTimeline(room.id, me())
    const t = at(room.id)
    if (!t) return
    if (t.status !== 'ready') {
      t.readSeq = room.readSeq
      const hasNews = room.role !== null && room.unread > 0
      // Before it is shown: being shown makes it read.
      await reload(t, () => { if (hasNews) markUnread(t) })
    }
    changes.showIn(t)
    void subscriptions?.ensure(t)
  }

  /** Closes a room: its rows leave the memory. */
  function close(room: string): void {
    reading.flush(room)
    timelines.value = Object.fromEntries(Object.entries(timelines.value).filter(([id]) => id !== room))
    presence.leave(room)
    void subscriptions?.unsubscribe(room)
  }

  const opened = (room: string): Timeline => {
    const t = at(room)
    if (!t) throw new ChatError('not_found', 'This room is not open.')
    return t
  }

  /** Shows the end of the history. Rejects when it can't be loaded; what is shown then stays. */
  async function latest(room: string): Promise<void> {
    const t = opened(room)
    if (!t.moreAfter && t.status === 'ready') return
    await reload(t)
    if (t.error) throw new ChatError(t.error.code, t.error.message, t.error.retryAfter)
  }

  /* ── Changes ─────────────────────────────────────────────────────────────────────────────────────────────────── */

  async function change(frame: OutboxFrame): Promise<void> {
    if (!realtime || !me()) throw new ChatError('unauthenticated', 'Sign in to take part.')
    await realtime.outbox.queue(frame)
  }

  async function send(room: string, text: string, replyTo?: string): Promise<void> {
    const t = opened(room)
    t.firstUnreadSeq = null
    // A failure is told by the list, which goes there as well.
    if (t.moreAfter) latest(room).catch(() => {})
    await change({ type: 'send', room, nonce: newNonce(), text, ...(replyTo && { replyTo }) })
  }

  const edit = (room: string, message: string, text: string) => change({ type: 'edit', room, nonce: newNonce(), message, text })
  const erase = (room: string, message: string) => change({ type: 'delete', room, nonce: newNonce(), message })
  const react = (room: string, message: string, emoji: string, on: boolean) => change({ type: 'react', room, nonce: newNonce(), message, emoji, on })

  const behind = (key: string): OutboxItem[] => Object.values(timelines.value).flatMap(t => changes.behind(t, key)).filter(item => item.state === 'failed')

  /** Tries the failed changes of a row again. */
  async function retry(key: string): Promise<void> {
    for (const item of behind(key)) await realtime?.outbox.retry(item.frame.nonce)
  }

  /** Gives the failed changes of a row up. */
  async function discard(key: string): Promise<void> {
    await realtime?.outbox.discard(behind(key).map(item => item.frame.nonce))
  }

  /* ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────── */

  /** The reader is at the end of a room and looks at it. */
  function markRead(room: string): void {
    const t = at(room)
    if (!t || t.moreAfter) return
    const before = t.readSeq
    const unread = rooms.byId[room]?.unread ?? 0
    rooms.readUpTo(room, readAll(t))
    if (t.readSeq > before || unread > 0) reading.call(room)
  }

  /** Read on another device: what comes next is the first unread. */
  function readElsewhere(room: string, seq: number): void {
    const t = at(room)
    if (t) t.readSeq = Math.max(t.readSeq, seq)
  }

  function sayRead(room: string): void {
    const t = at(room)
    if (t && rooms.byId[room]?.role) realtime?.socket.tell({ type: 'read', room, seq: t.readSeq })
  }

  /* ── Frames ──────────────────────────────────────────────────────────────────────────────────────────────────── */

  /** An event from the line. */
  function onEvent(event: RoomEvent): void {
    rooms.applyEvent(event, me())
    presence.need([event.author])
    confirm([event])
    if (event.kind === 'message') presence.stopTyping(event.room, event.author)
    if (event.kind === 'delete') void realtime?.outbox.discard(changes.about(event.message).map(item => item.frame.nonce))
    const t = at(event.room)
    if (!t) return
    const taken = receive(t, event)
    if (taken === 'ask') void subscriptions?.subscribe(t)
    if (taken !== 'old' && event.kind === 'message' && event.author !== me()) noteNews(t, event.seq, isAway())
    if (t.unquoted.length > 0) pages.quotes(t).catch((error: unknown) => console.warn('A quoted message could not be loaded.', error))
  }

  /** A room's local state is void: its last page, then its events, where the reader still may. */
  async function onReset(frame: ServerFrameOf<'reset'>): Promise<void> {
    const t = at(frame.room)
    if (frame.reason === 'access') {
      rooms.lose(frame.room)
      const room = rooms.byId[frame.room]
      if (!room || isDoor(room)) return onGone(frame.room)
    }
    if (!t) return
    reset(t)
    await resume(t, () => markUnread(t))
  }

  async function resume(t: Timeline, prepare?: () => void): Promise<void> {
    t.asking = false
    if (!t.position || t.status === 'error') await reload(t, prepare)
    changes.showIn(t)
    await subscriptions?.subscribe(t)
  }

  /** The line is up: every open room goes on from its position. */
  async function onReady(): Promise<void> {
    subscriptions?.renew()
    for (const t of Object.values(timelines.value)) {
      sayRead(t.room)
      missed.set(t.room, t.readSeq)
    }
    await Promise.all(Object.values(timelines.value).map(t => resume(t)))
  }

  /** Asks again for what a room shows: its events from the position on, and who is there. */
  function renew(room: string): void {
    const t = at(room)
    if (t) void subscriptions?.subscribe(t)
  }

  /** The room is gone, or no longer for this person's eyes. */
  function onGone(room: string): void {
    const t = at(room)
    if (!t) return
    reset(t, { code: 'not_found', message: 'This room is no longer here.' })
    t.status = 'error'
  }

  /** Heads from storage: a room that is behind asks again. */
  function onHeads(frame: ServerFrameOf<'heads'>): void {
    for (const t of Object.values(timelines.value)) if (t.position && (frame.rooms[t.room] ?? 0) > t.position.seq) void subscriptions?.subscribe(t)
  }

  /** The person is another one: nothing of the one before stays. */
  function clear(): void {
    reading.clear()
    typing.clear()
    changes.clear()
    missed.clear()
    timelines.value = {}
  }

  return {
    timelines, timeline, open, close, latest, send, edit, erase, react, retry, discard, markRead, readElsewhere,
    older: (room: string) => pages.older(opened(room)),
    newer: (room: string) => pages.newer(opened(room)),
    around: (room: string, seq: number) => pages.around(opened(room), seq),
    /** The person writes in a room. */
    typing: (room: string) => typing.call(room),
    /** What was read so far is told without waiting for more: the page may be gone in a moment. */
    tellRead: () => reading.flushAll(),
    onEvent, onReset, onReady, onHeads, onGone, renew, clear,
    showChanges: changes.show,
    settle: (frame: OutboxFrame, sentAt: number, answer: ChangeAnswer) => changes.settle(frame, sentAt, answer)
  }
})
