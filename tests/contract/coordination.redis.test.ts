import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rates } from '../../shared/limits'
import { startRedis, type TestRedis } from '../support/redis'
import { describeCoordination } from './coordination'
import { openInstance, soon, type Instance } from './coordination.instances'

let redis: TestRedis
beforeAll(async () => { redis = await startRedis() })
afterAll(() => redis.stop())
beforeEach(() => redis.cli('FLUSHALL'))

describeCoordination('redis', async () => {
  const { coordination, link } = await openInstance(redis)
  return {
    ...coordination,
    async close() {
      await coordination.close()
      await link.close()
    }
  }
})

describe('marks and rates of several instances', () => {
  let all: Instance[]
  beforeEach(async () => { all = await Promise.all([openInstance(redis), openInstance(redis), openInstance(redis)]) })
  afterEach(async () => {
    redis.resume()
    await Promise.all(all.map(instance => instance.close()))
    expect(all.flatMap(instance => instance.errors)).toEqual([])
    if (await redis.cli('PING').catch(() => '') !== 'PONG') await redis.restart()
  })
  const [at, on] = [(i: number) => all[i]!.coordination, (n: number) => all[n % all.length]!.coordination]

  it('accepts a mark once among all', async () => {
    const accepted = await Promise.all(Array.from({ length: 99 }, (_, i) => on(i).once('mark', 10_000)))
    expect(accepted.filter(Boolean)).toHaveLength(1)
    expect(await Promise.all([0, 1, 2].map(i => at(i).once('mark', 10_000)))).toEqual([false, false, false])
    expect(await redis.cli('PTTL', '{chatly}:once:mark').then(Number)).toBeGreaterThan(5_000)
  })

  it('keeps a mark used where it was used when Redis goes away, and accepts new ones once per instance', async () => {
    expect(await at(0).once('used', 10_000)).toBe(true)
    await redis.kill('SIGKILL')
    expect(await at(0).once('used', 10_000)).toBe(false)
    expect([await at(0).once('new', 10_000), await at(0).once('new', 10_000), await at(1).once('new', 10_000)]).toEqual([true, false, true])
  })

  it('shares the points of a rate, and what is forgotten of them', async () => {
    const waits = await Promise.all(Array.from({ length: 30 }, (_, i) => on(i).take('ann', rates.loginSubject)))
    expect(waits.filter(wait => wait === 0)).toHaveLength(rates.loginSubject.points)
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(300_000)
    // An instance that never met this rate forgets it for all.
    const fresh = await openInstance(redis)
    all.push(fresh)
    await fresh.coordination.forget('ann')
    expect(await at(0).take('ann', rates.loginSubject)).toBe(0)
  })

  it('shares what is given back', async () => {
    const rate = { points: 3, seconds: 60 }
    for (let i = 0; i < 3; i++) await on(i).take('ann', rate)
    await Promise.all([0, 1].map(i => at(i).giveBack('ann', rate)))
    expect([await at(2).take('ann', rate), await at(2).take('ann', rate), await at(2).take('ann', rate) > 0]).toEqual([0, 0, true])
    expect(await redis.cli('PTTL', '{chatly}:rate:3/60:ann').then(Number)).toBeGreaterThan(0)
    await at(0).giveBack('nobody', rate)
    expect(await redis.cli('EXISTS', '{chatly}:rate:3/60:nobody')).toBe('0')
  })

  it.each([['gone', () => redis.kill('SIGKILL')], ['hung', async () => redis.pause()]])('limits by itself while Redis is %s, without waiting long', async (_, harm) => {
    const rate = { points: 3, seconds: 60 }
    expect(await at(0).take('ann', rate)).toBe(0)
    await harm()
    const start = performance.now()
    const waits = await Promise.all(Array.from({ length: 10 }, () => at(0).take('ann', rate)))
    expect(performance.now() - start).toBeLessThan(8_000)
    expect(waits.filter(wait => wait === 0)).toHaveLength(3)
    // What was taken here is given back here.
    await Promise.all(Array.from({ length: 8 }, () => at(0).giveBack('ann', rate)))
    expect([await at(0).take('ann', rate), await at(0).take('ann', rate) > 0]).toEqual([0, true])
    expect(await at(0).once('mark', 60_000)).toBe(true)
    expect(await at(0).once('mark', 60_000)).toBe(false)
  })

  it.each([
    ['refuses commands to our user', ['ACL', 'SETUSER', 'default', '-eval', '-evalsha', '-set'], ['ACL', 'SETUSER', 'default', '+@all'], /NOPERM/, 3],
    ['has no memory left', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], /OOM/, 1]
  ])('is by itself while Redis %s, says so in a line for each thing that somebody must change, and shares again', async (_, harm, mend, why, most) => {
    const rate = { points: 2, seconds: 60 }
    const refuses = () => all.map(({ link }) => link.refuses())
    await redis.cli(...harm)
    await soon(refuses).toEqual([true, true, true])
    for (const { coordination } of all) {
      expect([await coordination.once('mark', 60_000), await coordination.once('mark', 60_000)]).toEqual([true, false])
      expect([await coordination.take('eve', rate), await coordination.take('eve', rate), await coordination.take('eve', rate) > 0]).toEqual([0, 0, true])
    }
    at(0).enter('lobby', 'ann')
    expect((await at(0).online('lobby')).users).toEqual(['ann'])
    expect([...refuses(), ...all.map(({ link }) => link.state())]).toEqual([true, true, true, 'up', 'up', 'up'])
    await redis.cli(...mend)
    await soon(async () => (await at(1).online('lobby')).users).toEqual(['ann'])
    expect([await at(0).once('again', 60_000), await at(1).once('again', 60_000), await at(2).once('another', 60_000)]).toEqual([true, false, true])
    expect([await at(0).take('fay', rate), await at(1).take('fay', rate), await at(2).take('fay', rate) > 0]).toEqual([0, 0, true])
    await soon(refuses).toEqual([false, false, false])
    for (const { lines } of all) {
      const [end, ...begins] = lines.splice(0).reverse()
      expect(end).toMatch(/refuses nothing any more/)
      expect(begins.length).toBeLessThanOrEqual(most)
      for (const line of begins) expect(line).toMatch(new RegExp(`^Redis at [^\\n]+ is there, but refuses what is needed: [^\\n]*${why.source}[^\\n]+$`))
    }
  })

  it('needs no more rights in Redis than the documentation says', async () => {
    const line = /ACL SETUSER chatly .*/.exec(await readFile('docs/scaling.md', 'utf8'))?.[0] ?? expect.fail('no line')
    await redis.cli(...line.split(' '))
    const [one, two] = await Promise.all([1, 2].map(() => openInstance({ ...redis, url: redis.url.replace('//', '//chatly:password@') })))
    if (!one || !two) return expect.fail('no instances')
    all.push(one, two)
    expect([await one.coordination.once('its mark', 60_000), await two.coordination.once('its mark', 60_000)]).toEqual([true, false])
    expect([await one.coordination.take('its key', { points: 1, seconds: 60 }), await two.coordination.take('its key', { points: 1, seconds: 60 }) > 0]).toEqual([0, true])
    await two.coordination.giveBack('its key', { points: 1, seconds: 60 })
    await two.coordination.forget('its key')
    one.coordination.enter('attic', 'ann')
    await soon(async () => (await two.coordination.online('attic')).users).toEqual(['ann'])
    await soon(() => two.coordination.counts(['attic', 'hall'])).toEqual(new Map([['attic', 1]]))
    one.coordination.leave('attic', 'ann')
    await soon(async () => (await two.coordination.online('attic')).users).toEqual([])
    await one.close()
    expect([one, two].map(({ link, lines }) => [link.refuses(), lines])).toEqual([[false, []], [false, []]])
  })

  it('shares again when Redis is back', async () => {
    const rate = { points: 2, seconds: 60 }
    await redis.restart()
    await soon(() => all.every(({ link }) => link.state() === 'up'), 10_000).toBe(true)
    expect([await at(0).take('bob', rate), await at(1).take('bob', rate), await at(2).take('bob', rate) > 0]).toEqual([0, 0, true])
  })
})
