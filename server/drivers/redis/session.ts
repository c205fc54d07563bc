import { randomBytes } from 'node:crypto'
import { startCanary } from './canary'
import { openLines } from './connect'
import type { Lines } from './lines'
import { deferred, NoAnswer, within } from './patience'
import type { RedisAddress } from './url'

/** Connecting, and the server's word for each batch of subscriptions, ms. */
const OPEN = 3_000
/** Channels in one of them. */
const BATCH = 500

/** From one opening of the connections to their end, whatever ends them. */
export interface Session extends Pick<Lines, 'sendCommand' | 'publish'> {
  /** true: the server has confirmed all of them. false: it did not, and the session is over. */
  subscribe: (channels: readonly string[]) => Promise<boolean>
  unsubscribe: (channel: string) => void
  /** What was asked for and not ended since, confirmed or not. */
  readonly subscribed: ReadonlySet<string>
  readonly over: boolean
  /** Resolves with the reason. */
  readonly ended: Promise<unknown>
  end: (why: unknown) => void
}

export interface SessionOptions {
  address: RedisAddress
  deliver: (channel: string, payload: Buffer) => void
  signal: AbortSignal
}

/** Resolves when the canary has come through both connections. Rejects with what was in the way. */
export async function openSession({ address, deliver, signal }: SessionOptions): Promise<Session> {
  const { promise: ended, resolve } = deferred<unknown>()
  const giveUp = new AbortController()
  const canaries: (() => void)[] = []
  let over = false
  const end = (why: unknown) => {
    if (over) return
    over = true
    for (const stop of canaries) stop()
    signal.removeEventListener('abort', stopped)
    giveUp.abort()
    resolve(why)
  }
  const stopped = () => end(new NoAnswer('it was closed'))
  /** For the opening alone: each call stays with `ended` until that is settled, and a session lives for weeks. Afterwards the client rejects what is under way when it ends. */
  const unlessEnded = <T>(ms: number, work: Promise<T>): Promise<T> => Promise.race([within(ms, work), ended.then((why) => { throw why })])

  try {
    if (signal.aborted) throw new NoAnswer('it was closed')
    signal.addEventListener('abort', stopped)
    const canary = `chatly:canary:${randomBytes(12).toString('base64url')}`
    const alive = deferred<undefined>()
    let heard = () => alive.resolve(undefined)
    const lines = await unlessEnded(OPEN, openLines({
      address, broken: end, signal: giveUp.signal,
      deliver: (channel, payload) => channel === canary ? heard() : deliver(channel, payload)
    }))
    await unlessEnded(OPEN, lines.subscribe([canary]))

    const lost = () => end(new NoAnswer('the canary stayed away'))
    const own = startCanary(() => void lines.publish(canary, Buffer.from('tweet')).catch(end), lost)
    canaries.push(own.stop)
    heard = () => {
      own.heard()
      alive.resolve(undefined)
    }
    if (lines.ping) {
      const { ping } = lines
      const others = startCanary(() => void ping().then(() => others.heard(), end), lost)
      canaries.push(others.stop)
    }
    await unlessEnded(OPEN, alive.promise)

    const subscribed = new Set<string>()
    return {
      sendCommand: words => lines.sendCommand(words),
      publish: (channel, payload) => lines.publish(channel, payload),
      async subscribe(channels) {
        for (const channel of channels) subscribed.add(channel)
        try {
          for (let at = 0; at < channels.length; at += BATCH) await within(OPEN, lines.subscribe(channels.slice(at, at + BATCH)))
        } catch (error) {
          end(error)
        }
        return !over
      },
      unsubscribe(channel) {
        if (subscribed.delete(channel)) void within(OPEN, lines.unsubscribe(channel)).catch(end)
      },
      subscribed,
      get over() { return over },
      ended, end
    }
  } catch (error) {
    end(error)
    throw error
  }
}
