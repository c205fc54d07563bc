import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ErrorBody } from '#shared/errors'
import { limits } from '#shared/limits'
import type { ServerFrameOf } from '#shared/protocol'
import type { Paged, RoomEvent, RoomSettings, RoomSummary, Visibility } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { doorOf, isDoor, isRefused } from '~/utils/doors'
import { useServices } from '~/utils/services'
import { useSessionStore } from './session'

export interface LostRoom { id: string, slug: string, how: 'removed' | 'banned' | 'deleted' }
export interface RoomsQuery { search?: string, sort?: 'activity' | 'name', archived?: boolean }
/** `password: null`: none, from now on. */
export interface NewRoom { name: string, topic?: string, visibility?: Visibility, listed?: boolean, password?: string | null }
export interface RoomPatch extends Partial<NewRoom> { archived?: boolean, closed?: boolean, slowModeSeconds?: number, guests?: boolean }

const settingNames = ['name', 'topic', 'visibility', 'listed', 'locked', 'closedAt', 'slowModeSeconds', 'guests', 'archivedAt'] as const satisfies (keyof RoomSettings)[]
/** Those of these fields that are there: events of older versions lack some. */
const pick = <T extends object, K extends keyof T>(from: T, names: readonly K[]) =>
  Object.fromEntries(names.filter(name => name in from).map(name => [name, from[name]])) as Partial<Pick<T, K>>

/** Rooms by id, the lists over them, and what may be done with a room. Actions reject with ChatError. */
export const useRoomsStore = defineStore('rooms', () => {
  const { api, realtime } = useServices()
  const session = useSessionStore()
  const byId = ref<Record<string, RoomSummary>>({})
  const shown = ref<string[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const error = ref<ErrorBody | null>(null)
  const query = ref<RoomsQuery>({})
  /** Rooms that the reader was in until a moment ago, and may no longer see. */
  const lost = ref<LostRoom[]>([])
  /** Seqs up to which settings and rights of a room are known, where its `seq` is beyond that: of an unread message one hears before of what it follows. */
  const settled = new Map<string, number>()
  let turn = 0
  /** The cursor of the page that `error` is about. */
  let failed: string | undefined

  const mine = computed(() => Object.values(byId.value).filter(room => room.role !== null && room.archivedAt === null)
    .sort((a, b) => (b.lastMessageAt ?? b.createdAt) - (a.lastMessageAt ?? a.createdAt)))
  /** What the last query found, in its order. */
  const items = computed(() => shown.value.flatMap(id => byId.value[id] ?? []))
  const totalUnread = computed(() => mine.value.reduce((sum, room) => sum + room.unread, 0))

  const settledSeq = ({ id, seq }: RoomSummary): number => settled.get(id) ?? seq

  /** What events and this reader have already said is newer than an answer that was read before them. */
  function keep(room: RoomSummary): RoomSummary {
    const known = byId.value[room.id]
    const kept = { ...room }
    if (known && !isDoor(room)) {
      if (settledSeq(known) > room.seq) Object.assign(kept, pick(known, [...settingNames, 'role', 'mutedUntil', 'lost']))
      else settled.set(room.id, room.seq)
      if (known.seq > room.seq) Object.assign(kept, pick(known, ['seq', 'lastMessageAt', 'unread']))
      if (known.readSeq > room.readSeq) Object.assign(kept, pick(known, ['readSeq', 'unread']))
    } else {
      settled.delete(room.id)
    }
    byId.value[room.id] = kept
    lost.value = lost.value.filter(({ id }) => id !== room.id)
    return kept
  }

  async function fetchPage(cursor?: string): Promise<void> {
    const mineIsThe = ++turn
    loading.value = true
    error.value = null
    try {
      const { search, sort, archived } = query.value
      const page = await api<Paged<RoomSummary>>('/api/rooms', { query: { search: search || undefined, sort, archived, cursor } })
      if (mineIsThe !== turn) return
      const ids = page.items.map(room => keep(room).id)
      shown.value = cursor ? [...new Set([...shown.value, ...ids])] : ids
      next.value = page.next
    } catch (cause) {
      if (mineIsThe !== turn) return
      error.value = asChatError(cause).toJSON()
      failed = cursor
    } finally {
      if (mineIsThe === turn) loading.value = false
    }
  }

  /** Loads the first page of a query; a failure is in `error`. A newer query makes an older answer void. */
  async function load(wanted: RoomsQuery = {}): Promise<void> {
    query.value = wanted
    await fetchPage()
  }

  /** Loads the next page of the last query, if there is one. */
  async function more(): Promise<void> {
    if (next.value && !loading.value) await fetchPage(next.value)
  }

  /** Loads once more what could not be loaded, if anything. */
  async function retry(): Promise<void> {
    if (error.value) await fetchPage(failed)
  }

  /** Reads the person's own rooms again: while there was no line, nothing said what became unread, or of which they are no more. */
  async function renew(): Promise<void> {
    const before = mine.value.map(({ id }) => id)
    const page = await api<Paged<RoomSummary>>('/api/rooms', { query: { limit: limits.page } })
    for (const room of page.items) {
      const known = byId.value[room.id]
      // Nobody was there to be told of it.
      if (known && room.role !== null && known.readSeq > room.readSeq) realtime?.socket.tell({ type: 'read', room: room.id, seq: known.readSeq })
      keep(room)
    }
    // One's own come first.
    const allMine = page.next === null || page.items.some(room => room.role === null)
    const found = new Set(page.items.map(({ id }) => id))
    if (allMine) await Promise.all(before.filter(id => !found.has(id) && byId.value[id]).map(id => check(id)))
  }

  const open = async (slug: string) => keep(await api<RoomSummary>(`/api/rooms/~${encodeURIComponent(slug)}`))
  const refresh = async (id: string, signal?: AbortSignal) => keep(await api<RoomSummary>(`/api/rooms/${id}`, signal && { signal }))
  const update = async (id: string, body: RoomPatch) => keep(await api<RoomSummary>(`/api/rooms/${id}`, { method: 'PATCH', body: { ...body } }))
  const join = async (id: string, password?: string) => keep(await api<RoomSummary>(`/api/rooms/${id}/join`, { method: 'POST', body: { password } }))
  /** An admin comes into any room, and is seen to. */
  const joinAsAdmin = async (id: string) => keep(await api<RoomSummary>(`/api/rooms/${id}/admin-join`, { method: 'POST', body: {} }))
  const acceptInvite = async (code: string) => keep(await api<RoomSummary>('/api/invites/accept', { method: 'POST', body: { code } }))

  async function create(body: NewRoom): Promise<RoomSummary> {
    const room = keep(await api<RoomSummary>('/api/rooms', { method: 'POST', body: { ...body } }))
    shown.value = [room.id, ...shown.value.filter(id => id !== room.id)]
    return room
  }

  async function leave(id: string): Promise<void> {
    await api(`/api/rooms/${id}/leave`, { method: 'POST', body: {} })
    lose(id, 'left')
  }

  async function remove(id: string): Promise<void> {
    await api(`/api/rooms/${id}`, { method: 'DELETE' })
    forget(id)
  }

  function forget(id: string): void {
    settled.delete(id)
    shown.value = shown.value.filter(room => room !== id)
    byId.value = Object.fromEntries(Object.entries(byId.value).filter(([room]) => room !== id))
  }

  function patch(id: string, change: Partial<RoomSummary>): void {
    const room = byId.value[id]
    if (room) Object.assign(room, change)
  }

  /** The reader has no place in a room any more. What is left of it: all (a public one), its door, or nothing. */
  function lose(id: string, how: 'left' | 'removed' | 'banned' = 'removed'): void {
    const room = byId.value[id]
    if (!room) return
    const isPublic = room.visibility === 'public'
    const banned = how === 'banned'
    const lost = room.lost || (room.role !== null && how !== 'left')
    if (!banned && isPublic && (session.isMember || (!session.me && session.public))) patch(id, { role: null, unread: 0, mutedUntil: null, lost })
    else if (!banned && !isPublic && room.listed && session.isMember) byId.value[id] = { ...doorOf(room), lost }
    else miss(id, banned ? 'banned' : 'removed')
  }

  function miss(id: string, how: LostRoom['how'] = 'removed'): void {
    const room = byId.value[id]
    if (!room) return
    lost.value = [...lost.value.filter(other => other.id !== id), { id, slug: room.slug, how }]
    forget(id)
  }

  /** Reads a room again that may no longer be the reader's to see. */
  async function check(id: string, signal?: AbortSignal): Promise<void> {
    try {
      await refresh(id, signal)
    } catch (cause) {
      const known = byId.value[id]
      // Whoever only stood before its door has lost nothing.
      if (isRefused(asChatError(cause).code)) return known && isDoor(known) && !known.lost ? forget(id) : miss(id)
      throw cause
    }
  }

  /** What an event of a subscribed room changes in its summary; older than the summary: nothing. `me` is the signed-in person's id. */
  function applyEvent(event: RoomEvent, me: string | null): void {
    const room = byId.value[event.room]
    if (!room) return
    if (event.seq > settledSeq(room)) settle(room, event, me)
    if (event.seq <= room.seq) return
    room.seq = event.seq
    if (event.kind !== 'message') return
    room.lastMessageAt = event.at
    if (event.author !== me && room.role !== null && event.seq > room.readSeq) room.unread = Math.min(room.unread + 1, limits.unread)
  }

  /** What an event says of a room's settings, and of the reader's place in it. */
  function settle(room: RoomSummary, event: RoomEvent, me: string | null): void {
    settled.set(room.id, event.seq)
    if (event.kind === 'room') Object.assign(room, pick(event.data, settingNames))
    if (event.kind === 'message' && event.author === me) Object.assign(room, { role: room.role ?? 'member', lost: false })
    if (event.kind === 'join' && event.author === me) Object.assign(room, { role: event.data.role, lost: false })
    if (event.kind === 'leave' && event.author === me) lose(event.room, 'left')
    if (event.kind === 'member' && event.data.user === me) {
      const { role, mutedUntil, banned } = event.data
      if (role === null) lose(event.room, banned ? 'banned' : 'removed')
      else Object.assign(room, { role, mutedUntil, lost: false })
    }
  }

  /** A `room` frame: a room of mine that I am not subscribed to, or my reading elsewhere. Resolves when the change is shown. */
  async function applyFrame(frame: ServerFrameOf<'room'>): Promise<void> {
    switch (frame.change) {
      case 'deleted': return miss(frame.room, 'deleted')
      case 'removed': return lose(frame.room)
      case 'added': case 'renamed': return check(frame.room)
      default: break
    }
    const room = byId.value[frame.room]
    if (!room) return check(frame.room)
    if (frame.head !== undefined && frame.head > room.seq) {
      settled.set(room.id, settledSeq(room))
      room.seq = frame.head
    }
    if (frame.lastMessageAt !== undefined) room.lastMessageAt = Math.max(room.lastMessageAt ?? 0, frame.lastMessageAt)
    // What this reader has read since was counted before they did.
    const isOld = frame.change === 'read' && frame.readSeq !== undefined && frame.readSeq < room.readSeq
    if (frame.readSeq !== undefined) room.readSeq = Math.max(room.readSeq, frame.readSeq)
    if (frame.unread !== undefined && !isOld) room.unread = frame.unread
  }

  /** The person has read up to `seq`, which is the end. */
  function readUpTo(id: string, seq: number): void {
    const room = byId.value[id]
    if (room) patch(id, { unread: 0, readSeq: Math.max(room.readSeq, seq) })
  }

  /** The server has another history by now, of a backup: what is known of seqs means nothing in it. */
  function beginAnew(): void {
    settled.clear()
    for (const room of Object.values(byId.value)) Object.assign(room, { seq: 0, readSeq: 0 })
  }

  function clear(): void {
    turn++
    settled.clear()
    byId.value = {}
    lost.value = []
    shown.value = []
    next.value = null
    error.value = null
    loading.value = false
  }

  return {
    byId, shown, mine, items, next, loading, error, query, lost, totalUnread,
    load, more, retry, renew, open, refresh, check, create, update, remove, join, joinAsAdmin, acceptInvite, leave, lose, applyEvent, applyFrame, readUpTo, forget, beginAnew, clear
  }
})
