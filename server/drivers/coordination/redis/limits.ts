import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { rates, type Rate } from '#shared/limits'
import type { Coordination } from '../../../core/ports'
import type { RedisLink } from '../../redis/link'
import { PREFIX } from './scripts'

const nameOf = ({ points, seconds }: Rate) => `${points}/${seconds}`

type Limits = Pick<Coordination, 'take' | 'giveBack' | 'forget'>

/** One step, because the library's `reward` would begin a new record below zero where the old one has just expired. */
const GIVE_BACK = `
local taken = redis.call('GET', KEYS[1])
if taken and tonumber(taken) > 0 then redis.call('DECR', KEYS[1]) end
`

/** Rate limits whose points all instances share. While Redis is away each process has points of its own (`alone`): limited, not open. */
export function createSharedLimits(link: RedisLink, alone: Limits, failed: (error: unknown) => void): Limits {
  const limiters = new Map<string, RateLimiterRedis>()
  const keyOf = (name: string, key: string) => `${PREFIX}:rate:${name}:${key}`
  // Another instance may have met rates that this one has not.
  const names = new Set(Object.values(rates).map(nameOf))

  /** What rate-limiter-flexible uses of a node-redis client here, through the link, which answers or fails within a second. */
  const client = {
    eval: (script: string, options: { keys: string[], arguments: string[] }) =>
      link.run('take', client => client.sendCommand(['EVAL', script, String(options.keys.length), ...options.keys, ...options.arguments]))
  }

  const limiter = (rate: Rate) => {
    const name = nameOf(rate)
    const known = limiters.get(name)
    if (known) return known
    const made = new RateLimiterRedis({
      storeClient: client, useRedisPackage: true, points: rate.points, duration: rate.seconds, keyPrefix: `${PREFIX}:rate:${name}`
    })
    names.add(name)
    limiters.set(name, made)
    return made
  }

  return {
    take: (key, rate) => limiter(rate).consume(key).then(() => 0, (refused: unknown) => {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
      failed(refused)
      return alone.take(key, rate)
    }),

    async giveBack(key, rate) {
      try {
        await link.run('give back', client => client.sendCommand(['EVAL', GIVE_BACK, '1', keyOf(nameOf(rate), key)]))
      } catch (error) {
        failed(error)
        await alone.giveBack(key, rate)
      }
    },

    async forget(key) {
      await alone.forget(key)
      try {
        await link.run('forget', client => client.sendCommand(['DEL', ...[...names].map(name => keyOf(name, key))]))
      } catch (error) {
        failed(error)
      }
    }
  }
}
