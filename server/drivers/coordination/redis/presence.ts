import type { Online, PresenceChange } from '../../../core/ports'
import type { RedisLink } from '../../redis/link'
import { createPayloads, createReceiver } from '../../redis/payload'
import { createPresence, createTabs } from '../presence'
import { createAnnouncer } from './announcer'
import { createMirror } from './mirror'
import { call, COUNT, decode, encode, replies } from './scripts'

const CHANNEL = 'chatly:presence'
/** The largest payload that is taken, bytes: far above what a call's changes make. */
const LARGEST = 1024 * 1024
/** Rooms without people here whose last known number is kept for an outage. */
const MAX_COUNTS = 10_000
/** A comparison with Redis every so many beats, where anything has changed. */
const COMPARE_BEATS = 3

export interface SharedPresenceOptions {
  link: RedisLink
  /** Of the installation: signs what instances tell one another. */
  secret: string
  instance: string
  /** How long an instance that is not heard of keeps its people, ms; renewed and swept six times as often. */
  lease: number
  tell: (change: PresenceChange) => void
  failed: (error: unknown) => void
  /** Told, once for each kind, of messages that are dropped. */
  complain: (line: string) => void
}

export interface SharedPresence {
  enter: (room: string, user: string) => void
  leave: (room: string, user: string) => void
  counts: (rooms: readonly string[]) => Promise<Map<string, number>>
  online: (room: string) => Promise<Online>
  close: () => Promise<void>
}

/**
 * Who is in which room, on all instances. Each instance has a lease in Redis, and its people with it; what the scripts change is told to the other
 * instances as a message, and compared with Redis every few seconds because a message may be lost. Towards its listeners each process counts
 * versions of its own.
 *
 * Frozen while Redis is away: nobody is told as left, arrivals here are told. For a lease's time after it is back (it may be empty, and the other
 * instances may be slower than we are) it only grows; then the difference is told.
 */
export function createSharedPresence({ link, secret, instance, lease, tell, failed, complain }: SharedPresenceOptions): SharedPresence {
  const payloads = createPayloads(secret)
  const tabs = createTabs()
  const told = createPresence(tell)
  const lastCounts = new Map<string, number>()
  /** The last state that we belonged to, and its version when all rooms were last found to agree. */
  let known: string | null = null
  let agreed: string | null = null
  let beats = 0
  let settling: NodeJS.Timeout | null = null
  const sending = new Set<Promise<boolean>>()

  const isLive = () => link.state() === 'up' && announcer.born !== null

  const mirror = createMirror({
    link, told, tabs, failed,
    born: () => announcer.born,
    mayLeave: () => isLive() && settling === null,
    lost: () => announcer.rejoin(),
    missed: () => { agreed = null }
  })

  const settle = () => {
    if (settling) clearTimeout(settling)
    settling = setTimeout(() => {
      settling = null
      mirror.refreshAll()
    }, lease).unref()
  }

  const compare = async (version: string | null) => {
    agreed = await mirror.compare() ? version : null
  }

  const announcer = createAnnouncer({
    link, instance, lease, failed,
    joined(born) {
      if (known !== null) settle()
      if (known === born) void compare(null)
      else mirror.restart()
      known = born
    },
    changed(born, changes) {
      mirror.apply(changes)
      // One that gets lost is found by the next comparison.
      const sent = link.publish(CHANNEL, payloads.seal(CHANNEL, encode(born, changes))).finally(() => sending.delete(sent))
      sending.add(sent)
    },
    heard(version) {
      if (++beats % COMPARE_BEATS === 0 && version !== agreed) void compare(version)
    }
  })

  const receive = createReceiver({ payloads, largest: LARGEST, decode, complain: line => complain(`presence: ${line}`) })
  const hear = (payload: Buffer) => {
    const said = receive(CHANNEL, payload)
    if (!said) return
    const [born, changes] = said
    if (born === announcer.born) mirror.apply(changes)
    // They belong to a newer state: Redis was emptied, and we have not noticed yet.
    else if (announcer.born !== null && Number(born) > Number(announcer.born)) announcer.rejoin()
  }
  const subscription = link.subscribe(CHANNEL, hear)

  const countInRedis = async (rooms: string[]): Promise<number[] | null> => {
    const { born } = announcer
    if (rooms.length === 0 || !isLive() || born === null) return null
    try {
      const reply = await call(link, COUNT, [born, ...rooms])
      return reply === null ? null : replies.count.parse(reply)
    } catch (error) {
      failed(error)
      return null
    }
  }
  const remember = (room: string, count: number) => {
    lastCounts.delete(room)
    if (count > 0) lastCounts.set(room, count)
    if (lastCounts.size > MAX_COUNTS) for (const oldest of lastCounts.keys()) { lastCounts.delete(oldest); break }
  }

  return {
    enter(room, user) {
      if (!tabs.enter(room, user)) return
      told.come(room, user)
      mirror.follow(room)
      announcer.set(room, user, true)
    },

    leave(room, user) {
      if (!tabs.leave(room, user)) return
      if (!tabs.in(room)) mirror.idle(room)
      announcer.set(room, user, false)
      mirror.refresh(room, user)
    },

    async counts(rooms) {
      const others = rooms.filter(room => !mirror.isLoaded(room))
      const asked = await countInRedis(others)
      const counts = told.counts(rooms)
      for (const [i, room] of others.entries()) {
        const last = asked === null || settling ? lastCounts.get(room) ?? 0 : 0
        const count = Math.max(counts.get(room) ?? 0, asked?.[i] ?? 0, last)
        if (asked) remember(room, count)
        if (count > 0) counts.set(room, count)
      }
      return counts
    },

    async online(room) {
      mirror.follow(room)
      if (isLive()) await mirror.load(room)
      return told.online(room)
    },

    async close() {
      if (settling) clearTimeout(settling)
      await announcer.close()
      await Promise.all(sending)
      subscription.end()
      mirror.close()
      told.close()
    }
  }
}
