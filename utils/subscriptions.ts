import { ChatError } from '#shared/errors'
import type { Answers } from '#shared/protocol'
import { LineLost, type Socket } from '~/composables/useSocket'
import type { Timeline } from './timeline-types'

/** The wait before a refused subscribe is tried again where the server gave none, in ms. */
const retryAfter = 2_000

interface Subscriptions {
  socket: Socket
  isOpen: (room: string) => boolean
  onSubscribed: (room: string, answer: Answers['subscribe']) => void
  /** The server refused for good. */
  onRefused: (t: Timeline, error: ChatError) => void
}

/** Keeps the server sending what the open rooms need. */
export function createSubscriptions({ socket, isOpen, onSubscribed, onRefused }: Subscriptions) {
  /** Rooms that this line was asked for. */
  const asked = new Set<string>()

  /** Subscribes from the timeline's position; again, after a hole. Without a line it waits for `ready`, which asks for all open rooms. */
  async function subscribe(t: Timeline): Promise<void> {
    if (!t.position || socket.state !== 'open' || !isOpen(t.room)) return
    asked.add(t.room)
    try {
      const answer = await socket.request({ type: 'subscribe', room: t.room, position: { ...t.position } })
      if (isOpen(t.room)) onSubscribed(t.room, answer)
      else await unsubscribe(t.room)
    } catch (error) {
      t.asking = false
      asked.delete(t.room)
      if (error instanceof LineLost) return
      if (!(error instanceof ChatError)) throw error
      if (errorIsFinal(error)) onRefused(t, error)
      else setTimeout(() => void subscribe(t), error.retryAfter ?? retryAfter)
    }
  }

  async function unsubscribe(room: string): Promise<void> {
    asked.delete(room)
    if (socket.state !== 'open') return
    await socket.request({ type: 'unsubscribe', room }).catch((error: unknown) => {
      // A line that broke holds no subscription, and one that the server does not know is none.
      if (!(error instanceof LineLost) && !(error instanceof ChatError)) throw error
    })
  }

  return {
    subscribe,
    unsubscribe,
    /** Subscribes unless this line already was asked to. */
    ensure: async (t: Timeline): Promise<void> => { if (!asked.has(t.room)) await subscribe(t) },
    /** A new line knows no room. */
    renew: () => asked.clear()
  }
}

const errorIsFinal = (error: ChatError) => error.code !== 'unavailable' && error.code !== 'rate_limited' && error.code !== 'unauthenticated'
