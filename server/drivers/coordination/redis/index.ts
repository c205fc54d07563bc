import { randomBytes } from 'node:crypto'
import type { Clock, Coordination, PresenceChange } from '../../../core/ports'
import type { RedisLink } from '../../redis/link'
import createMemoryCoordination from '../memory'
import { createSharedLimits } from './limits'
import { createSharedPresence } from './presence'
import { createReporter } from './reporter'
import { PREFIX } from './scripts'

interface RedisCoordinationOptions {
  /** Shared with the bus; not closed here, and needed until `close` has resolved. */
  link: RedisLink
  secret: string
  clock?: Clock
  /** Names this process among all; never used twice. */
  instance?: string
  /** How long the people of an instance that died are kept, ms. */
  lease?: number
  /** Told of a presence listener that threw, and of answers from Redis that cannot be. */
  onError?: (error: unknown) => void
}

/**
 * Coordination between any number of instances with one Redis (or Valkey); none of its keys may be evicted (`maxmemory-policy` noeviction or
 * volatile-*). What happens while Redis is away, or refuses the call:
 *
 * - One-time marks hold within each process: a mark that was used here stays used, one that was used elsewhere would be accepted once more here.
 *   Tickets check the session in storage besides, so that such a replay opens nothing that its owner's session does not.
 * - Rate limits are counted per process: limited, not open.
 * - Presence is frozen: nobody is told as left, this process's arrivals are added.
 */
export default function createRedisCoordination(options: RedisCoordinationOptions): Coordination {
  const { link, secret, clock = { now: Date.now }, instance = randomBytes(9).toString('base64url'), lease = 6_000, onError = console.error } = options
  const failed = createReporter(onError)
  const alone = createMemoryCoordination({ clock, onError })
  const listeners = new Set<(change: PresenceChange) => void>()
  const presence = createSharedPresence({
    link, secret, instance, lease, failed, complain: onError,
    tell(change) {
      for (const listen of listeners) {
        try {
          listen(change)
        } catch (error) {
          onError(error)
        }
      }
    }
  })

  return {
    async once(mark, ms) {
      // Here too, always: it stays used when Redis goes away.
      if (!await alone.once(mark, ms)) return false
      try {
        const words = ['SET', `${PREFIX}:once:${mark}`, '1', 'NX', 'PX', String(Math.max(1, Math.ceil(ms)))]
        return await link.run('once', client => client.sendCommand(words)) !== null
      } catch (error) {
        failed(error)
        return true
      }
    },

    ...createSharedLimits(link, alone, failed),

    enter: presence.enter,
    leave: presence.leave,
    counts: presence.counts,
    online: presence.online,
    onPresence: (listen) => { listeners.add(listen) },

    async close() {
      await presence.close()
      listeners.clear()
      await alone.close()
    }
  }
}
