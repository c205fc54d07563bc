import type { RoomEvent } from '#shared/types'
import { createSocket } from '~/composables/useSocket'
import type { Cluster } from './cluster'
import { serverDoor } from './door'
import { sleep } from './person'
import type { Anomaly } from './rules'
import { createStream } from './stream'

/** So many come in at a time where all of them come from one process, as a balancer would spread them. */
const AT_ONCE = 40
/** Until one who was refused asks again, ms. */
const AGAIN = 500

/** A device that only follows one room: the application's own line, and a position. Cheap, so that there may be a thousand. */
export interface Reader {
  readonly user: string
  readonly position: number
  /** When the line was lost last, and when it was subscribed again; ms of performance.now(). */
  readonly lostAt: number | null
  readonly backAt: number | null
  /** What came that the protocol does not allow. */
  readonly anomalies: readonly Anomaly[]
  socket: ReturnType<typeof createSocket>
  /** Its line breaks, all of a sudden. */
  cut: () => void
  onEvent: ((event: RoomEvent) => void) | null
}

interface ReaderOptions { ports: readonly number[], first: number, cookie: string, user: string, room: string, address: string }

function createReader({ ports, first, cookie, user, room, address }: ReaderOptions): Reader {
  const stream = createStream(user, room)
  const state = {
    user, position: 0, epoch: '', lostAt: null as number | null, backAt: null as number | null, anomalies: stream.anomalies, onEvent: null as Reader['onEvent']
  }
  const door = serverDoor(ports, cookie, first, address)
  let line: ReturnType<typeof door.connect> | null = null
  const socket = createSocket({
    ticket: door.ticket, connect: handlers => line = door.connect(handlers), onUnauthenticated: () => {}, watchDevice: () => () => {}
  })
  let wasOpen = false
  /** One subscribe at a time: the next answer is the one to it. */
  let asking = false

  const subscribe = async (): Promise<void> => {
    if (asking) return
    asking = true
    stream.asked(state.epoch ? state.position : null)
    try {
      await socket.request({ type: 'subscribe', room, ...state.epoch && { position: { epoch: state.epoch, seq: state.position } } })
      state.backAt = performance.now()
      asking = false
    } catch {
      asking = false
      // Where the line is gone the next one subscribes; else what was in the way may be gone soon.
      await sleep(AGAIN)
      if (socket.state === 'open' && state.backAt === null) await subscribe()
    }
  }
  // Not where it was asked for: events that came in the same piece are told before a promise is.
  socket.on('ok', (frame) => {
    const head = 'head' in frame ? frame.head : null
    if (!head) return
    stream.answered(head.seq)
    state.position ||= head.seq
    state.epoch = head.epoch
  })
  socket.on('ready', () => void subscribe())
  socket.onState((now) => {
    if (wasOpen && now !== 'open') {
      Object.assign(state, { lostAt: performance.now(), backAt: null })
      stream.ended()
    }
    wasOpen = now === 'open'
  })
  socket.on('event', (event) => {
    stream.event(event.seq)
    // Beyond the next one: what lies between comes again.
    if (event.seq > state.position + 1) return void subscribe()
    if (event.seq <= state.position) return
    state.position = event.seq
    state.onEvent?.(event)
  })
  socket.on('reset', () => {
    stream.ended()
    Object.assign(state, { position: 0, epoch: '' })
    void subscribe()
  })
  return Object.assign(state, { socket, cut: () => line?.cut() })
}

/** Waits until it is so; throws after so many ms. */
export async function until(what: string, isSo: () => boolean, most = 60_000): Promise<void> {
  const end = performance.now() + most
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not in ${most / 1000} s: ${what}`)
    await sleep(5)
  }
}

/**
 * A reader for each person, subscribed; `portsOf` says to which ports the n-th goes, in turn, and the first of them. Each has an address of its own, so the
 * servers must trust one proxy.
 */
export async function openReaders(cluster: Cluster, room: string, portsOf: (index: number) => { ports: readonly number[], first: number }, people = cluster.people): Promise<Reader[]> {
  const readers: Reader[] = []
  for (let at = 0; at < people.length; at += AT_ONCE) {
    const some = people.slice(at, at + AT_ONCE).map((person, index) => createReader({
      ...portsOf(at + index), cookie: person.cookie, user: person.id, room, address: `10.${(at + index) >> 16 & 255}.${(at + index) >> 8 & 255}.${(at + index) & 255}`
    }))
    for (const { socket } of some) socket.start()
    await until('all readers are in', () => some.every(({ backAt }) => backAt !== null))
    readers.push(...some)
  }
  return readers
}

let messages = 0

/** Stores messages at once, as another process would. */
export async function say(cluster: Cluster, room: string, count: number, text = 'It was a bright cold day in April, and the clocks were striking thirteen.'): Promise<number> {
  const author = cluster.people[0]!.id
  const results = await cluster.storage.append(Array.from({ length: count }, () => ({
    room, author, nonce: `nonce-${String(++messages).padStart(16, '0')}`, at: Date.now(), requires: [],
    effects: [{ do: 'post' as const, message: `message-${Date.now().toString(36)}-${messages}`, text, replyTo: null }]
  })))
  const last = results.at(-1)
  if (!last?.ok) throw new Error('A message was refused.')
  return last.seq
}

export const behindProxy = { CHATLY_TRUSTED_PROXIES: '1' } as const
