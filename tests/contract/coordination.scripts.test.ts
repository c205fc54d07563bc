import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BEAT, call, CHANGE, COMPARE, COUNT, END, JOIN, READ, replies } from '../../server/drivers/coordination/redis/scripts'
import openRedis, { type RedisLink } from '../../server/drivers/redis/link'
import { addressOf, startRedis, type TestRedis } from '../support/redis'

let redis: TestRedis
let link: RedisLink
beforeAll(async () => {
  redis = await startRedis()
  link = openRedis({ address: addressOf(redis.url) })
  await new Promise<void>(resolve => link.onUp(resolve))
})
afterAll(async () => {
  await link.close()
  await redis.stop()
})
beforeEach(() => redis.cli('FLUSHALL'))

const LEASE = '4000'
const GAP = '1400'
const join = async (instance: string, number = 1) => replies.join.parse(await call(link, JOIN, [instance, String(number), LEASE, GAP]))
const change = async (instance: string, number: number, born: string, ...items: string[]) => {
  const reply = await call(link, CHANGE, [instance, String(number), born, ...items])
  return reply === null ? null : replies.changes.parse(reply).map(({ room, joined, left }) => ({ room, joined, left }))
}
const beat = async (instance: string, born: string) => {
  const reply = await call(link, BEAT, [instance, born, LEASE, GAP])
  return reply === null ? null : replies.beat.parse(reply)[2].map(({ joined, left }) => ({ joined, left }))
}
const end = async (instance: string) => replies.end.parse(await call(link, END, [instance]))
const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
/** Beats until this instance is the only one left, however slow this machine is. Gives who left with each beat. */
async function sweep(instance: string, born: string): Promise<string[][]> {
  const slices: string[][] = []
  while (await redis.cli('ZRANGE', '{chatly}:instances', '0', '-1') !== instance) {
    for (const { left } of await beat(instance, born) ?? []) slices.push(left)
    await pass(20)
  }
  return slices
}

describe('the scripts of shared presence', () => {
  it('do a change once, however often it comes, and count a person on two instances once', async () => {
    const born = await join('a')
    await join('b')
    expect(await change('a', 2, born, '+5:lobbyann', '+5:atticann')).toEqual([{ room: 'lobby', joined: ['ann'], left: [] }, { room: 'attic', joined: ['ann'], left: [] }])
    expect(await change('a', 3, born, '+5:lobbyann')).toEqual([])
    expect(await change('b', 2, born, '+5:lobbyann')).toEqual([])
    expect(await change('a', 4, born, '-5:lobbyann', '-5:lobbybob')).toEqual([])
    expect(await change('b', 3, born, '-5:lobbyann')).toEqual([{ room: 'lobby', joined: [], left: ['ann'] }])
    expect(await redis.cli('KEYS', '{chatly}:room:*')).toBe('{chatly}:room:attic')
  })

  it('refuse a call that comes late, from an instance without a lease, or for another state', async () => {
    const born = await join('a', 5)
    expect(await change('a', 5, born, '+5:lobbyann')).toBeNull()
    expect(await change('a', 4, born, '+5:lobbyann')).toBeNull()
    expect(await change('b', 1, born, '+5:lobbyann')).toBeNull()
    expect(await change('a', 6, '1', '+5:lobbyann')).toBeNull()
    expect(await call(link, JOIN, ['a', '5', LEASE, GAP])).toBeNull()
    for (const script of [READ, COMPARE, COUNT]) expect(await call(link, script, ['1', 'lobby'])).toBeNull()
    expect(await beat('b', born)).toBeNull()
    expect(await beat('a', '1')).toBeNull()
    expect(await redis.cli('EXISTS', '{chatly}:room:lobby')).toBe('0')
    expect(await change('a', 6, born, '+5:lobbyann')).toHaveLength(1)
  })

  it('sweep those whose lease has ended while others went on, in slices', async () => {
    const born = await join('a')
    await join('b')
    for (let from = 0; from < 1000; from += 500) await change('a', 2 + from, born, ...Array.from({ length: 500 }, (_, i) => `+5:lobbyperson${from + i}`))
    const slices = await sweep('b', born)
    expect(slices.map(people => people.length)).toEqual([500, 500])
    expect(new Set(slices.flat()).size).toBe(1000)
    expect(await redis.cli('HKEYS', '{chatly}:fences')).toBe('b')
    expect(await change('a', 9999, born, '+5:lobbyann')).toBeNull()
  }, 20_000)

  it('stop an instance that is being swept: what is left of them is read, and the rest put back', async () => {
    const born = await join('a')
    await join('b')
    const people = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `+5:lobbyperson${from + i}`)
    await change('a', 2, born, ...people(0, 700))
    // As if it had slept for longer than its lease; it wakes when a slice of its people is gone.
    await redis.cli('ZADD', '{chatly}:instances', 'XX', '1', 'a')
    expect((await beat('b', born))?.[0]?.left).toHaveLength(500)
    expect(await beat('a', born)).toBeNull()
    expect(await change('a', 3, born, '+5:lobbyann')).toBeNull()
    expect(await redis.cli('SCARD', '{chatly}:on:a')).toBe('200')
    expect(await join('a', 4)).toBe(born)
    await change('a', 5, born, ...people(0, 700), '+5:lobbyann')
    expect(await beat('b', born)).toEqual([])
    expect(await redis.cli('HLEN', '{chatly}:room:lobby')).toBe('701')
  })

  it('do not count time in which no instance came through against anybody', async () => {
    const born = await join('a')
    await join('b')
    await change('a', 2, born, '+5:lobbyann')
    await pass(Number(LEASE) + 200)
    expect(await beat('b', born)).toEqual([])
    const time = Number((await redis.cli('TIME')).split('\n')[0])
    expect(Number(await redis.cli('ZSCORE', '{chatly}:instances', 'a')) / 1000).toBeGreaterThan(time)
    // But once others go on again, the rest of its lease passes.
    expect(await sweep('b', born)).toEqual([['ann']])
  }, 20_000)

  it('move the leases with the clock of Redis when it jumps back', async () => {
    const born = await join('a')
    await join('b')
    // As if the clock had been an hour ahead until now.
    await redis.cli('HINCRBY', '{chatly}:state', 'tick', '3600000')
    for (const instance of ['a', 'b']) await redis.cli('ZINCRBY', '{chatly}:instances', '3600000', instance)
    await beat('b', born)
    expect(Number(await redis.cli('ZSCORE', '{chatly}:instances', 'a'))).toBeLessThan(Date.now() + 10_000)
  })

  it('number the changes so that each names the one before it, and none is used again in another state', async () => {
    const born = await join('a')
    const all = async (...items: string[]) => replies.changes.parse(await call(link, CHANGE, ['a', String(Date.now()), born, ...items]))
    const [first] = await all('+5:lobbyann')
    await pass(2)
    const [second] = await all('+5:lobbybob', '-5:lobbyann')
    expect([first?.before, second?.before]).toEqual([0, first?.version])
    expect(second?.version).toBeGreaterThan(first?.version ?? Infinity)
    expect(replies.compare.parse(await call(link, COMPARE, [born, 'lobby', 'attic']))).toEqual([second?.version, 0])
    expect(replies.read.parse(await call(link, READ, [born, 'lobby', 'attic']))).toEqual([second?.version, [second?.version, ['bob']], [0, []]])
    expect(replies.count.parse(await call(link, COUNT, [born, 'lobby', 'attic']))).toEqual([1, 0])
    expect((await end('a'))[1]).toMatchObject([{ before: second?.version, left: ['bob'] }])
    await redis.cli('FLUSHALL')
    expect(Number(await join('a'))).toBeGreaterThan((second?.version ?? Infinity) + 1)
  })
})
