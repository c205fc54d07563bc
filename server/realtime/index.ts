import { closeCodes } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Chat } from '../core/chat'
import type { Control } from '../core/ports'
import { createCatchUp } from './catch-up'
import { Connection } from './connection'
import { Context } from './context'
import { dismissVisitors, obey } from './controls'
import { drain } from './drain'
import type { Wire } from './wire'

export { openWire, type Peer } from './wire'
export type { Connection } from './connection'

const SWEEP = 1_000
/** How often storage hears that the sessions of open sockets are in use, ms: a tab that is open for days asks for nothing over HTTP. */
const SEEN = 30 * 60_000

/** Counters since the start, and gauges; flat, for `/metrics`. */
export interface RealtimeStats {
  sockets: number
  people: number
  rooms: number
  opened: number
  slow: number
  errors: number
  events: number
  flushes: number
  writes: number
  deliveries: number
  gaps: number
}

/** The real-time side of one process. */
export interface Realtime {
  /** A new socket; null when it was refused and closed. `address` is the client's. */
  accept: (wire: Wire, address: string) => Connection | null
  /** Whether `drain` was called: for readiness. */
  readonly draining: boolean
  /** Finishes the requests under way, says `bye` and closes every socket with 1012; in turn where other instances take them over. Resolves when all that was said. */
  drain: (to: { elsewhere: boolean }) => Promise<void>
  /** Lets go of timers and subscriptions. */
  close: () => void
  stats: () => RealtimeStats
}

/** Connects sockets to the chat. One per process. */
export function createRealtime(chat: Chat): Realtime {
  const context = new Context(chat)
  const { hub, people } = context

  const { bus, storage } = chat.ports
  const failed = (error: unknown) => context.failed(error)
  const catchUp = createCatchUp(context)
  const hear = (control: Control) => void obey(context, control).catch(failed)

  bus.onControl(hear)
  bus.onRestored(catchUp.ask)
  storage.watch(({ heads, controls, missed }) => {
    hub.expect(heads)
    for (const control of controls) hear(control)
    if (missed) catchUp.ask()
  })

  const seen = setInterval(() => void noteSeen(context).catch(failed), SEEN)
  seen.unref()
  let lastHeads = performance.now()
  const sweep = setInterval(() => {
    const now = performance.now()
    for (const stranger of context.strangers) {
      // In the order in which they came.
      if (now - stranger.openedAt < limits.helloSeconds * 1000) break
      stranger.close(closeCodes.needTicket, 'Say hello first.')
    }
    hub.sweep(now)
    context.subscribes.sweep(now)
    if (now - lastHeads < limits.heartbeatSeconds * 1000) return
    lastHeads = now
    void hub.compareHeads().catch(failed)
    // Where the site was closed to them, the one look at it then may have failed.
    void dismissVisitors(context).catch(failed)
    void chat.accounts.recheck(peopleHere(context)).catch(failed)
  }, SWEEP)
  sweep.unref()

  return {
    accept(wire, address) {
      if (context.leaving || context.strangersFrom(address) >= limits.socketsWithoutHelloPerAddress) {
        wire.close(closeCodes.tryLater, 'Too many connections. Try again later.')
        return null
      }
      const connection = new Connection(context, wire, address)
      context.welcome(connection)
      return connection
    },
    get draining() { return context.leaving },
    drain: ({ elsewhere }) => drain(context, elsewhere),
    close() {
      clearInterval(sweep)
      clearInterval(seen)
      catchUp.close()
      hub.close()
    },
    stats: () => ({ sockets: context.connections.size, people: people.count, rooms: hub.size, ...context.stats, ...hub.stats })
  }
}

const peopleHere = ({ connections }: Context): string[] => [...new Set([...connections].flatMap(({ viewer }) => viewer?.person.kind === 'member' ? [viewer.person.id] : []))]

/** In one commit, or a few. */
async function noteSeen({ chat: { ports: { storage, clock } }, connections }: Context): Promise<void> {
  const sessions = new Set<string>()
  for (const { viewer } of connections) if (viewer) sessions.add(viewer.session)
  await Promise.all([...sessions].map(session => storage.touchSession(session, clock.now())))
}
