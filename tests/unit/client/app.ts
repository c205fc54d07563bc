import { createPinia, setActivePinia } from 'pinia'
import { createApp } from 'vue'
import { ChatError } from '#shared/errors'
import type { ServerFrame, ServerFrameOf } from '#shared/protocol'
import type { Page, Person, RoomSummary } from '#shared/types'
import type { Api, ApiOptions } from '~/composables/useApi'
import { LineLost, type Notice, type RequestFrame, type Socket } from '~/composables/useSocket'
import { useConnectionStore, type LineState } from '~/stores/connection'
import { useMembersStore } from '~/stores/members'
import { useMessagesStore } from '~/stores/messages'
import { usePresenceStore } from '~/stores/presence'
import { useRoomsStore } from '~/stores/rooms'
import { useSessionStore } from '~/stores/session'
import { createOutbox } from '~/utils/outbox'
import { memoryStore } from '~/utils/outbox-store'
import { followSession, wireRealtime } from '~/utils/realtime'
import { servicesKey } from '~/utils/services'
import { createHistory, room } from './history'

export const lobby = (more: Partial<RoomSummary> = {}): RoomSummary => ({
  id: room, slug: 'lobby', name: 'Lobby', topic: '', visibility: 'public', listed: true, locked: false, ownerId: 'ann', seq: 0, lastMessageAt: null, createdAt: 1,
  archivedAt: null, closedAt: null, slowModeSeconds: 0, guests: true, role: 'member', unread: 0, readSeq: 0, online: 1, mutedUntil: null, lost: false, ...more
})

/** A socket whose server is the test. */
function createFakeSocket() {
  const listeners = new Map<string, Set<(frame: ServerFrame) => void>>()
  const requests: { frame: RequestFrame, ok: (answer: object) => void, fail: (error: Error) => void }[] = []
  const notices: Notice[] = []
  let state: LineState = 'stopped'
  const states = new Set<(state: LineState, reason: ChatError | null) => void>()
  const become = (next: LineState) => {
    state = next
    for (const listen of states) listen(next, null)
  }
  const hear = (frame: ServerFrame) => { for (const listen of listeners.get(frame.type) ?? []) listen(frame) }
  const socket: Socket = {
    get state() { return state },
    start: () => become('connecting'),
    stop: () => become('stopped'),
    request: frame => state === 'open'
      ? new Promise((resolve, reject) => { requests.push({ frame, ok: answer => resolve(answer as never), fail: reject }) })
      : Promise.reject(new LineLost(false, 1006)),
    tell(frame) {
      if (state === 'open') notices.push(frame)
      return state === 'open'
    },
    on(type, listen) {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(frame => listen(frame as ServerFrameOf<typeof type>)))
      return () => {}
    },
    onState(listen) {
      states.add(listen)
      return () => {}
    }
  }
  return {
    socket, requests, notices, hear,
    /** `user`: as whom the server knows this browser. */
    open(user: Person | null, epoch = 'epoch') {
      become('open')
      hear({ type: 'ready', connection: 'c', user, epoch, heartbeatSeconds: 25, limits: { frameBytes: 1 } })
    },
    breakLine() {
      become('waiting')
      for (const { fail } of requests.splice(0)) fail(new LineLost(false, 1006))
    }
  }
}

/** The client without Nuxt: real stores and outbox, a fake API over a history, a fake line. */
export async function createClient(me: string | null = 'me') {
  const history = createHistory()
  const calls: { path: string, options?: ApiOptions }[] = []
  const routes: Record<string, (options?: ApiOptions) => unknown> = {
    [`/api/rooms/${room}/messages`]: (options): Page => history.page(Number(options?.query?.limit ?? 50), {
      ...(options?.query?.before !== undefined && { before: Number(options.query.before) }),
      ...(options?.query?.around !== undefined && { around: Number(options.query.around) })
    }),
    '/api/rooms': () => ({ items: [], next: null }),
    '/api/auth/session': () => ({ me: stores.session.me }),
    '/api/users': options => String(options?.query?.ids).split(',').map(id => ({ id, name: `name of ${id}`, kind: 'member' }))
  }
  const api: Api = async <T>(path: string, options?: ApiOptions) => {
    calls.push({ path, options })
    const route = routes[path]
    if (!route) throw new ChatError('not_found', path)
    return await route(options) as T
  }
  const fake = createFakeSocket()
  const line = { ...fake, open: (user: Person | null = stores.session.me, epoch?: string) => fake.open(user && { id: user.id, name: user.name, kind: user.kind }, epoch) }
  const outbox = createOutbox({
    store: () => Promise.resolve(memoryStore()), request: frame => line.socket.request(frame), isLineOpen: () => line.socket.state === 'open', channel: null
  })
  const pinia = createPinia()
  createApp({}).use(pinia).provide(servicesKey, { api, realtime: { socket: line.socket, outbox } })
  setActivePinia(pinia)
  const stores = { session: useSessionStore(), rooms: useRoomsStore(), messages: useMessagesStore(), members: useMembersStore(), presence: usePresenceStore(), connection: useConnectionStore() }
  if (me) {
    stores.session.me = { id: me, name: 'Me', kind: 'member', admin: false, email: null, google: false }
    await outbox.start(me)
  }
  let reloads = 0
  wireRealtime({ socket: line.socket, outbox }, stores, () => { reloads++ })
  return { ...stores, history, calls, routes, line, outbox, pinia, reloads: () => reloads, follow: () => followSession({ socket: line.socket, outbox }, stores, true) }
}
