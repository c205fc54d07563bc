import { z } from 'zod'
import type { RedisLink } from '../../redis/link'
import { BEAT, call, CHANGE, END, JOIN, PREFIX, replies, SLICE, type Change } from './scripts'

/** How long first and last tabs gather before they go to Redis, ms. */
const GATHER_MS = 100

export interface AnnouncerOptions {
  link: RedisLink
  instance: string
  /** ms */
  lease: number
  /** Belongs to the shared state from now on, and has been heard of by it. */
  joined: (born: string) => void
  /** A script of ours changed who is in these rooms: nobody else knows yet. */
  changed: (born: string, changes: Change[]) => void
  /** The state's version, once per beat. */
  heard: (version: string) => void
  failed: (error: unknown) => void
}

/** Keeps Redis told of whom this instance has, and sweeps instances whose lease has ended. */
export interface Announcer {
  /** The shared state that we belong to; null: to none now. */
  readonly born: string | null
  set: (room: string, user: string, here: boolean) => void
  /** Nobody knows what Redis has of us: join again and compare. */
  rejoin: () => void
  /** Ends the lease at once, if Redis is there. */
  close: () => Promise<void>
}

const scanned = z.tuple([z.string(), z.array(z.string())])
const pairOf = (room: string, user: string) => `${Buffer.byteLength(room)}:${room}${user}`

/**
 * State-based: what goes over is the difference between whom we have and whom Redis is known to have of us. After any doubt (an outage, a call
 * without an answer, a lost lease) we join again and read the latter. One call at a time, so that they take effect in their order.
 */
export function createAnnouncer({ link, instance, lease, joined, changed, heard, failed }: AnnouncerOptions): Announcer {
  const times = { lease: String(lease), gap: String(lease / 3) }
  const own = new Set<string>()
  let announced = new Set<string>()
  const dirty = new Set<string>()
  let born: string | null = null
  let calls = 0
  let beatIsDue = false
  let running: Promise<void> | null = null
  let gather: NodeJS.Timeout | null = null
  let closed = false

  const join = async () => {
    const state = replies.join.parse(await call(link, JOIN, [instance, String(++calls), times.lease, times.gap]))
    const there = new Set<string>()
    let cursor = '0'
    do {
      const from = cursor
      const [next, pairs] = scanned.parse(await link.run('scan', client => client.sendCommand(['SSCAN', `${PREFIX}:on:${instance}`, from, 'COUNT', '1000'])))
      for (const pair of pairs) there.add(pair)
      cursor = next
    } while (cursor !== '0')
    announced = there
    dirty.clear()
    for (const pair of [...own, ...there]) if (own.has(pair) !== there.has(pair)) dirty.add(pair)
    born = state
    joined(state)
  }

  const beat = async (state: string) => {
    beatIsDue = false
    const reply = await call(link, BEAT, [instance, state, times.lease, times.gap])
    if (reply === null) return lose(state)
    const [version, more, changes] = replies.beat.parse(reply)
    if (more > 0) beatIsDue = true
    if (changes.length > 0) changed(state, changes)
    heard(version)
  }

  const flush = async (state: string) => {
    const items: string[] = []
    for (const pair of dirty) {
      if (items.length === SLICE) break
      dirty.delete(pair)
      if (own.has(pair) !== announced.has(pair)) items.push((own.has(pair) ? '+' : '-') + pair)
    }
    if (items.length === 0) return
    const reply = await call(link, CHANGE, [instance, String(++calls), state, ...items])
    if (reply === null) return lose(state)
    for (const item of items) {
      if (item.startsWith('+')) announced.add(item.slice(1))
      else announced.delete(item.slice(1))
    }
    const changes = replies.changes.parse(reply)
    if (changes.length > 0) changed(state, changes)
  }

  const lose = (state: string) => { if (born === state) born = null }

  const run = async () => {
    try {
      while (!closed && link.state() === 'up') {
        if (born === null) await join()
        else if (beatIsDue) await beat(born)
        else if (dirty.size > 0) await flush(born)
        else break
      }
    } catch (error) {
      // Whether it was done is unknown. The next beat tries again.
      born = null
      failed(error)
    } finally {
      running = null
    }
  }
  const wake = () => { if (!closed) running ??= Promise.resolve().then(run) }

  const timer = setInterval(() => {
    beatIsDue = true
    wake()
  }, lease / 6).unref()
  link.onUp(() => {
    born = null
    wake()
  })
  wake()

  return {
    get born() { return born },

    set(room, user, here) {
      const pair = pairOf(room, user)
      if (here) own.add(pair)
      else own.delete(pair)
      // Whoever joins compares everything: what comes and goes in an outage would only pile up.
      if (born !== null) dirty.add(pair)
      gather ??= setTimeout(() => {
        gather = null
        wake()
      }, GATHER_MS).unref()
    },

    rejoin() {
      born = null
      wake()
    },

    async close() {
      closed = true
      clearInterval(timer)
      if (gather) clearTimeout(gather)
      await running
      const state = born
      try {
        for (let more = 1; state !== null && more > 0;) {
          const reply = replies.end.parse(await call(link, END, [instance]))
          more = reply[0]
          if (reply[1].length > 0) changed(state, reply[1])
        }
      } catch {
        // Redis is away: the lease ends by itself.
      }
    }
  }
}
