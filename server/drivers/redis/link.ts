import { setTimeout as delay } from 'node:timers/promises'
import { ErrorReply } from 'redis'
import { ChatError } from '#shared/errors'
import { deferred, NoAnswer, within, type Deferred } from './patience'
import { outages } from './outages'
import { explain } from './reasons'
import { refusals } from './refusals'
import { openSession, type Session } from './session'
import type { RedisAddress } from './url'

/**
 * This process's two connections to Redis, one for commands and one for subscriptions, as the drivers see them. Whether they work is decided by
 * a canary of our own: a message to ourselves, through both of them.
 */
export interface RedisLink {
  readonly state: () => 'starting' | 'up' | 'down'
  /** Each time the canary comes back after it was away, the first time included. */
  readonly onUp: (listen: () => void) => void
  /** Each time it stays away; said once per outage. */
  readonly onDown: (listen: () => void) => void
  /**
   * One command, or a few; `what` names the kind. Rejects with ChatError('unavailable') at once while the link is not up, after a second without an
   * answer (whether it was done is then unknown), and for what Redis refuses.
   */
  readonly run: <T>(what: string, work: (client: RedisCommands) => Promise<T>) => Promise<T>
  /** Whether Redis refused the last `run` of any kind; said once, and its end once. */
  readonly refuses: () => boolean
  /** Publishes bytes; sharded on a cluster. Never throws; false: it was not sent, or nobody knows. */
  readonly publish: (channel: string, payload: Buffer) => Promise<boolean>
  /** Repeated by itself after a break. */
  readonly subscribe: (channel: string, listen: (payload: Buffer) => void) => Subscription
  readonly close: () => Promise<void>
}

/** `confirmed` resolves once the server has said so: while the link is not up, when it is back. `end`: in any state, and nothing is kept of it. */
export interface Subscription { confirmed: Promise<void>, end: () => void }

/** What the drivers use of a node-redis client: any command, as words. Keys that go together share the hash tag `{chatly}`. */
export interface RedisCommands { sendCommand: (words: (string | Buffer)[]) => Promise<unknown> }

export interface RedisOptions {
  address: RedisAddress
  /** Told, in one line, of an outage and of its end, of what Redis refuses, and of a listener that threw. */
  onTrouble?: (line: string) => void
}

/** Any command, ms. */
const COMMAND = 1_000
/** From one try to the next, ms: it doubles. */
const RETRY = { first: 50, most: 1_000 }
/** Bytes that may wait for their publish to be answered: a Redis that hangs must not grow our memory. */
const PUBLISHING = 8 * 1024 * 1024

interface Channel { listeners: Set<(payload: Buffer) => void>, confirmed: Deferred<void>, /** The server's answer is awaited. */ asking: boolean }

/** Connects in the background, for as long as it takes and whenever it breaks; returns at once. */
export default function openRedis({ address, onTrouble = console.warn }: RedisOptions): RedisLink {
  const channels = new Map<string, Channel>()
  const ups = new Set<() => void>()
  const downs = new Set<() => void>()
  const closing = new AbortController()
  let state: ReturnType<RedisLink['state']> = 'starting'
  let session: Session | null = null
  let publishing = 0

  const tell = <T extends unknown[]>(listeners: Iterable<(...args: T) => void>, ...args: T) => {
    for (const listen of listeners) {
      try {
        listen(...args)
      } catch (error) {
        onTrouble(`${address.name}: a listener failed: ${error instanceof Error ? error.stack : String(error)}`)
      }
    }
  }
  const say = (line: string) => onTrouble(`${address.name} ${line}`)
  const refusal = refusals(say)
  const report = outages(say, {
    begins: why => state === 'starting'
      ? `cannot be used: ${why}. Chatly runs without it and keeps trying.`
      : `is away: ${why}. Until it is back, what other instances do is seen later.`,
    ends: seconds => `is back after ${seconds} s.`
  })

  /** One session, from its opening to its end. */
  const live = async () => {
    let opening = true
    try {
      const opened = await openSession({
        address, signal: closing.signal, deliver: (channel, payload) => tell(channels.get(channel)?.listeners ?? [], payload)
      })
      for (let missing; (missing = [...channels.keys()].filter(name => !opened.subscribed.has(name))).length > 0;) {
        if (!await opened.subscribe(missing)) throw await opened.ended
      }
      // Whoever ended one meanwhile had no session to say it to.
      for (const name of opened.subscribed) if (!channels.has(name)) opened.unsubscribe(name)
      session = opened
      state = 'up'
      opening = false
      report.up()
      for (const { confirmed } of channels.values()) confirmed.resolve()
      tell(ups)
      throw await opened.ended
    } catch (error) {
      session = null
      if (!closing.signal.aborted) report.down(explain(error, address, opening && state === 'starting'))
      if (opening) return false
      state = 'down'
      tell(downs)
      return true
    }
  }

  const loop = async () => {
    for (let wait = RETRY.first; !closing.signal.aborted; wait = Math.min(wait * 2, RETRY.most)) {
      if (await live()) wait = RETRY.first
      // Rejects only when we are closing.
      await delay(wait * (0.5 + Math.random() / 2), undefined, { signal: closing.signal }).catch(() => {})
    }
  }
  const ended = loop()

  const begin = (name: string): Channel => {
    const channel: Channel = { listeners: new Set(), confirmed: deferred(), asking: false }
    channels.set(name, channel)
    if (session) void ask(name, channel, session)
    return channel
  }

  const ask = async (name: string, channel: Channel, used: Session) => {
    channel.asking = true
    if (await used.subscribe([name])) channel.confirmed.resolve()
    channel.asking = false
    release(name, channel)
  }

  /**
   * Forgets a channel without listeners. Where it is just being asked for, after the answer: the client would take a subscription that comes while the last
   * one's end is under way for one that is there.
   */
  const release = (name: string, channel: Channel) => {
    if (channel.asking || channel.listeners.size > 0 || channels.get(name) !== channel) return
    channels.delete(name)
    session?.unsubscribe(name)
  }

  return {
    state: () => state,
    onUp: (listen) => { ups.add(listen) },
    onDown: (listen) => { downs.add(listen) },

    async run(what, work) {
      const used = session
      if (!used) throw away()
      try {
        const answer = await within(COMMAND, work(used))
        refusal.taken(what)
        return answer
      } catch (error) {
        if (used.over || error instanceof NoAnswer) throw away()
        if (!(error instanceof ErrorReply)) throw error
        refusal.refused(what, explain(error, address, false))
        throw away()
      }
    },

    refuses: () => refusal.any,

    async publish(channel, payload) {
      if (!session || publishing > PUBLISHING) return false
      publishing += payload.length
      try {
        await within(COMMAND, session.publish(channel, payload))
        return true
      } catch {
        return false
      } finally {
        publishing -= payload.length
      }
    },

    subscribe(name, listen) {
      const channel = channels.get(name) ?? begin(name)
      // A wrapper of its own: the same listener may subscribe twice, and each ends alone.
      const entry = (payload: Buffer) => listen(payload)
      channel.listeners.add(entry)
      return {
        confirmed: channel.confirmed.promise,
        end() {
          channel.listeners.delete(entry)
          release(name, channel)
        }
      }
    },

    async close() {
      closing.abort()
      await ended
      for (const { confirmed } of channels.values()) confirmed.resolve()
      channels.clear()
    }
  }
}

const away = () => new ChatError('unavailable', 'Redis is away. Try again.')
