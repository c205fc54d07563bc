import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ChatError } from '#shared/errors'
import type { Rate } from '#shared/limits'
import type { Clock, Coordination, PresenceChange } from '../../core/ports'
import { createPresence, createTabs } from './presence'

interface MemoryCoordinationOptions {
  clock?: Clock
  /** Marks remembered at once; beyond it new ones are refused, because forgetting one would let it be used twice. */
  maxMarks?: number
  /** Told of a presence listener that threw. */
  onError?: (error: unknown) => void
}

/** Coordination within a single process: enough where one instance serves everybody, and what is left while the shared one is away. */
export default function createMemoryCoordination(options: MemoryCoordinationOptions = {}): Coordination {
  const { clock = { now: Date.now }, maxMarks = 100_000, onError = console.error } = options
  const once = createMarks(clock, maxMarks)
  const limiters = new Map<string, RateLimiterMemory>()
  const listeners = new Set<(change: PresenceChange) => void>()
  const tabs = createTabs()
  const presence = createPresence((change) => {
    for (const listen of listeners) {
      try {
        listen(change)
      } catch (error) {
        onError(error)
      }
    }
  })

  const limiter = ({ points, seconds }: Rate) => {
    const name = `${points}/${seconds}`
    const known = limiters.get(name)
    if (known) return known
    const made = new RateLimiterMemory({ points, duration: seconds })
    limiters.set(name, made)
    return made
  }

  return {
    once: async (mark, ms) => once(mark, ms),

    take: (key, rate) => limiter(rate).consume(key).then(() => 0, (refused: unknown) => {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
      throw refused
    }),

    async giveBack(key, rate) {
      const known = limiter(rate)
      const taken = await known.get(key)
      if (taken === null || taken.consumedPoints <= 0) return
      const { consumedPoints } = await known.reward(key)
      // Between the two the window has ended, or somebody else gave the last one back: a point too many would be one more try.
      if (consumedPoints < 0) await known.penalty(key)
    },

    async forget(key) {
      await Promise.all([...limiters.values()].map(known => known.delete(key)))
    },

    enter: (room, user) => { if (tabs.enter(room, user)) presence.come(room, user) },
    leave: (room, user) => { if (tabs.leave(room, user)) presence.go(room, user) },
    counts: async rooms => presence.counts(rooms),
    online: async room => presence.online(room),
    onPresence: (listen) => { listeners.add(listen) },

    async close() {
      listeners.clear()
      presence.close()
    }
  }
}

/** true for the first with this mark until its time is over. Outlived marks are swept whenever their number has doubled. */
function createMarks(clock: Clock, max: number): (mark: string, ms: number) => boolean {
  const until = new Map<string, number>()
  let sweepAt = Math.min(1024, max)

  const sweep = (now: number) => {
    for (const [mark, end] of until) if (end <= now) until.delete(mark)
    if (until.size >= max) throw new ChatError('unavailable', 'Too many people are coming in at once. Try again in a moment.', 1000)
    sweepAt = Math.min(Math.max(1024, until.size * 2), max)
  }

  return (mark, ms) => {
    const now = clock.now()
    if ((until.get(mark) ?? 0) > now) return false
    if (until.size >= sweepAt) sweep(now)
    until.set(mark, now + ms)
    return true
  }
}
