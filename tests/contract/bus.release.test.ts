import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Listener } from '../../server/core/ports'
import createRedisBus from '../../server/drivers/bus/redis'
import openRedis from '../../server/drivers/redis/link'
import { SECRET } from '../support/ports'
import { addressOf, freePort, startRedis } from '../support/redis'

const until = (holds: () => void | Promise<void>) => vi.waitFor(holds, { timeout: 10_000, interval: 10 })

describe('a room that is let go of', () => {
  const open: (() => Promise<unknown>)[] = []
  afterEach(async () => { for (const close of open.splice(0).reverse()) await close() })

  function start(port: number) {
    const link = openRedis({ address: addressOf(`redis://127.0.0.1:${port}`), onTrouble: () => {} })
    const bus = createRedisBus({ link, secret: SECRET })
    open.push(() => bus.close().then(link.close))
    return { bus, link }
  }
  async function redisOn(port: number) {
    const redis = await startRedis({ port })
    open.push(redis.stop)
    return redis
  }
  const listener = (typing: (user: string) => void = () => {}): Listener => ({ event: () => {}, head: () => {}, typing })

  it('while Redis is away is forgotten at once, and not asked for when it is back', async () => {
    const port = await freePort()
    const { bus, link } = start(port)
    for (let n = 0; n < 600; n++) (await bus.subscribe(`room ${n}`, listener()))()
    const end = await bus.subscribe('kept', listener())
    const redis = await redisOn(port)
    await until(() => expect(link.state()).toBe('up'))
    await until(async () => expect(await redis.cli('PUBSUB', 'CHANNELS', 'chatly:room:*')).toBe('chatly:room:kept'))
    // One for the canary and one for what is left.
    expect(await redis.cli('INFO', 'commandstats')).toMatch(/cmdstat_subscribe:calls=2,/)
    end()
    await until(async () => expect(await redis.cli('PUBSUB', 'CHANNELS', 'chatly:room:*')).toBe(''))
  })

  it('before Redis has confirmed it, and taken again, is heard', async () => {
    const redis = await redisOn(await freePort())
    const [a, b] = [start(redis.port), start(redis.port)]
    for (const { link } of [a, b]) await until(() => expect(link.state()).toBe('up'))
    const rooms = Array.from({ length: 200 }, (_, n) => `room ${n}`)
    const heard = new Set<string>()
    await Promise.all(rooms.map(async (room, n) => {
      const first = a.link.subscribe(`chatly:room:${room}`, () => {})
      first.end()
      // From at once to after the answer.
      if (n % 4 > 0) await first.confirmed
      for (let turns = n % 4; turns > 1; turns--) await new Promise(setImmediate)
      await a.bus.subscribe(room, listener(() => heard.add(room)))
    }))
    for (const room of rooms) b.bus.typing(room, 'ann')
    await until(() => expect(heard.size).toBe(rooms.length))
    expect((await redis.cli('PUBSUB', 'CHANNELS', 'chatly:room:*')).split('\n')).toHaveLength(rooms.length)
  })

  it('before Redis has confirmed it is let go of there, too', async () => {
    const redis = await redisOn(await freePort())
    const { link } = start(redis.port)
    await until(() => expect(link.state()).toBe('up'))
    const { confirmed, end } = link.subscribe('chatly:room:hall', () => {})
    end()
    end()
    await confirmed
    await until(async () => expect(await redis.cli('PUBSUB', 'CHANNELS', 'chatly:room:*')).toBe(''))
  })
})
