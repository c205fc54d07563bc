import { ChatError } from '#shared/errors'
import { createChat, type Chat, type Identity } from '../../server/core/chat'
import type { Ports } from '../../server/core/ports'
import type { Batch } from '../../server/realtime/frames'
import { createRealtime, type Connection, type Realtime } from '../../server/realtime'
import type { Wire } from '../../server/realtime/wire'
import type { Line, LineHandlers } from '~/composables/useSocket'
import { unreachable, type Door } from './device'
import type { Random } from './random'

/** A server within this process: the core and the real-time layer on ports of the test's choice, with lines instead of sockets. */
export interface Instance {
  chat: Chat
  alive: boolean
  accept: (handlers: LineHandlers) => Line
  /** As by kill -9: nothing it does is heard any more. */
  kill: () => void
  close: () => void
}

/** Where a test may make the lines worse than they are. */
export interface LineFaults {
  /** Whether a frame that a room's readers all get is lost on its way to this one. */
  lose: (frame: string) => boolean
  /** Whether the line breaks instead of carrying a frame. */
  cut: (frame: string) => boolean
}

const BROKEN = 1006

class LocalWire implements Wire {
  open = true
  readonly backlog = 0

  constructor(private readonly handlers: LineHandlers, private readonly faults: LineFaults) {}

  write(batch: Batch) {
    // The answer to a subscription has what was missed at its heels; who asks for what they miss gets all of it.
    const isAnswer = batch.texts[0]?.startsWith('{"type":"ok"') ?? false
    for (const text of batch.texts) {
      if (this.faults.cut(text)) return this.terminate()
      if (isAnswer || !this.faults.lose(text)) setImmediate(() => { if (this.open) this.handlers.message(text) })
    }
  }

  close(code: number) {
    // What was written before it still arrives.
    setImmediate(() => this.#end(code))
  }

  terminate() { this.#end(BROKEN) }

  #end(code: number) {
    if (!this.open) return
    this.open = false
    this.handlers.close(code)
  }
}

export function createInstance(ports: Ports, faults: LineFaults): Instance {
  const chat = createChat(ports, { secret: 'a secret of at least sixteen characters', signup: 'open', public: false, guests: true })
  const realtime: Realtime = createRealtime(chat)
  const open = new Map<LocalWire, Connection>()
  const instance: Instance = {
    chat,
    alive: true,
    accept(handlers) {
      const wire = new LocalWire(handlers, faults)
      const connection = instance.alive ? realtime.accept(wire, '127.0.0.1') : null
      if (connection) open.set(wire, connection)
      setImmediate(() => connection ? handlers.open() : wire.terminate())
      const end = () => {
        wire.open = false
        open.delete(wire)
        connection?.ended()
      }
      return {
        send: text => setImmediate(() => { if (instance.alive) connection?.receive(text) }),
        close: end
      }
    },
    kill() {
      instance.alive = false
      for (const [wire, connection] of open) {
        connection.ended()
        wire.terminate()
      }
      open.clear()
      realtime.close()
    },
    close: () => realtime.close()
  }
  return instance
}

/** A person's way to whichever instance answers; each try goes to the next one, from `first` on. */
export function localDoor(instances: readonly Instance[], who: Identity, random: Random, first = random.whole(0, instances.length - 1), stay = false): Door {
  let at = first
  const now = () => {
    const instance = instances[at % instances.length]
    if (!instance?.alive) throw unreachable(new Error('nobody listens'))
    return instance
  }
  const guarded = async <T>(work: (chat: Chat) => Promise<T>): Promise<T> => {
    try {
      return await work(now().chat)
    } catch (error) {
      if (!stay) at++
      throw unreachable(error)
    }
  }
  return {
    ticket: () => guarded(async (chat) => {
      if (!await chat.ports.storage.session(who.session)) throw new ChatError('unauthenticated', 'This session has ended.')
      return chat.tickets.issue(who, { address: '' })
    }),
    connect: handlers => (instances[at % instances.length]!).accept(handlers),
    // The only path that a device asks for.
    api: async <T>(path: string, { query }: { query?: Record<string, unknown> } = {}) => {
      const room = /^\/api\/rooms\/([\w-]+)\/messages$/.exec(path)?.[1] ?? ''
      return await guarded(chat => chat.messages.page(who, room, { limit: Number(query?.limit ?? 50) })) as T
    }
  }
}
