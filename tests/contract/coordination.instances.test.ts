import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BEAT, call, JOIN, replies } from '../../server/drivers/coordination/redis/scripts'
import { createPayloads } from '../../server/drivers/redis/payload'
import { SECRET } from '../support/ports'
import { startRedis, type TestRedis } from '../support/redis'
import { openInstance, soon, type Instance, type InstanceOptions } from './coordination.instances'

let redis: TestRedis
let all: Instance[]

beforeAll(async () => { redis = await startRedis() })
afterAll(() => redis.stop())
beforeEach(async () => {
  all = []
  await redis.cli('FLUSHALL')
})
afterEach(async () => {
  redis.resume()
  await Promise.all(all.map(instance => instance.close()))
  expect(all.flatMap(instance => instance.errors.map(error => `${instance.name}: ${String(error)}`)).join('\n')).toBe('')
})

async function open(options: InstanceOptions = {}): Promise<Instance> {
  const instance = await openInstance(redis, options)
  all.push(instance)
  return instance
}
const openThree = (options: InstanceOptions = {}) => Promise.all([open(options), open(options), open(options)])
const enter = ({ coordination }: Instance, ...users: string[]) => { for (const user of users) coordination.enter('lobby', user) }
const leave = ({ coordination }: Instance, ...users: string[]) => { for (const user of users) coordination.leave('lobby', user) }
/** Every instance names these people, asked or by what it told. */
async function everywhere(instances: readonly Instance[], users: string[], timeout?: number): Promise<void> {
  await Promise.all(instances.flatMap(instance => [
    soon(() => instance.online('lobby'), timeout).toEqual(users), soon(() => instance.heard('lobby'), timeout).toEqual(users)
  ]))
}
const membersInRedis = async () => (await redis.cli('HKEYS', '{chatly}:room:lobby')).split('\n').filter(Boolean).sort()

describe('presence of several instances', () => {
  it('is one', async () => {
    const [a, b, c] = await openThree()
    enter(a, 'ann')
    enter(b, 'bob')
    await everywhere([a, b], ['ann', 'bob'])
    // Nobody is here, yet it has been asked for: a visitor may be following.
    expect(await c.online('lobby')).toEqual(['ann', 'bob'])
    enter(a, 'cem')
    await everywhere([a, b, c], ['ann', 'bob', 'cem'])
    leave(a, 'ann')
    await everywhere([a, b, c], ['bob', 'cem'])
    expect(c.left('lobby')).toEqual(['ann'])
  })

  it('has a person who is on two instances until they have left both', async () => {
    const [a, b, c] = await openThree()
    enter(c, 'cem')
    enter(a, 'ann')
    enter(b, 'ann')
    await everywhere([a, b, c], ['ann', 'cem'])
    leave(a, 'ann')
    // A later change of the same instance has come through.
    enter(a, 'dan')
    await everywhere([a, b, c], ['ann', 'cem', 'dan'])
    expect(all.flatMap(instance => instance.left('lobby'))).toEqual([])
    leave(b, 'ann')
    await everywhere([a, b, c], ['cem', 'dan'])
  })

  it('counts rooms that it does not follow, and keeps the last number while Redis is away', async () => {
    const [a, b] = await openThree()
    enter(a, 'ann', 'bob')
    a.coordination.enter('attic', 'ann')
    const rooms = ['lobby', 'attic', 'nowhere']
    const counts = new Map([['lobby', 2], ['attic', 1]])
    await soon(() => b.coordination.counts(rooms)).toEqual(counts)
    await redis.kill('SIGKILL')
    b.coordination.enter('attic', 'bob')
    await soon(() => b.link.state()).toBe('down')
    expect(await b.coordination.counts(rooms)).toEqual(counts)
    await redis.restart()
  })

  it('loses the people of an instance that died, but not those who are elsewhere too', async () => {
    const [a, b, c] = await openThree()
    const crowd = Array.from({ length: 1200 }, (_, i) => `person${i}`)
    enter(a, 'ann', 'bob', ...crowd)
    enter(b, 'bob')
    await soon(() => b.coordination.counts(['lobby'])).toEqual(new Map([['lobby', 1202]]))
    await c.online('lobby')
    const died = performance.now()
    await a.kill()
    await everywhere([b, c], ['bob'])
    // The lease of 600 ms, a beat of 100 ms, and 250 ms in which changes gather; the rest is this machine.
    expect(performance.now() - died).toBeLessThan(10_000)
    expect(b.left('lobby')).not.toContain('bob')
    expect(await redis.cli('EXISTS', `{chatly}:on:${a.name}`)).toBe('0')
    expect(await redis.cli('ZCARD', '{chatly}:instances')).toBe('2')
  })

  it('keeps those of an instance that wakes while it is swept', async () => {
    // Nobody beats by itself here: what sweeps is a fourth, in one step.
    const lease = 60_000
    const [a, b] = await openThree({ lease })
    enter(a, ...Array.from({ length: 1200 }, (_, i) => `person${i}`))
    await soon(() => b.coordination.counts(['lobby'])).toEqual(new Map([['lobby', 1200]]))
    const times = [String(lease), String(lease / 3)]
    const born = replies.join.parse(await call(b.link, JOIN, ['sweeper', '1', ...times]))
    await redis.cli('ZADD', '{chatly}:instances', 'XX', '1', a.name)
    await call(b.link, BEAT, ['sweeper', born, ...times])
    expect(await redis.cli('HLEN', '{chatly}:room:lobby')).toBe('700')
    enter(a, 'late')
    await soon(() => b.coordination.counts(['lobby'])).toEqual(new Map([['lobby', 1201]]))
  })

  it('loses those of an instance that closes at once', async () => {
    const [a, b] = await openThree({ lease: 60_000 })
    enter(a, 'ann')
    enter(b, 'bob')
    await everywhere([a, b], ['ann', 'bob'])
    await a.close()
    await everywhere([b], ['bob'])
    expect(await redis.cli('ZCARD', '{chatly}:instances')).toBe('2')
  })

  it('finds what a lost message would have told', async () => {
    const [a, b, c] = await openThree()
    enter(b, 'bob')
    await everywhere([b], ['bob'])
    expect(await c.online('lobby')).toEqual(['bob'])
    a.mute(true)
    enter(a, 'ann', 'cem')
    await everywhere([a, b, c], ['ann', 'bob', 'cem'])
    leave(a, 'ann')
    await everywhere([a, b, c], ['bob', 'cem'])
    // Lost, and then a change that does not follow on.
    enter(a, 'dan')
    await soon(membersInRedis).toContain('dan')
    a.mute(false)
    enter(a, 'eve')
    await everywhere([a, b, c], ['bob', 'cem', 'dan', 'eve'])
    // The last one of a room leaves, unheard.
    a.mute(true)
    b.mute(true)
    leave(a, 'cem', 'dan', 'eve')
    leave(b, 'bob')
    await everywhere([a, b, c], [])
  })

  it('keeps apart rooms and people whatever their ids', async () => {
    const [a, b] = await openThree()
    const odd = ['a:b', 'a', ':', '1:a', '{x}', '*', 'new\nline', 'ünï 🙂', '__proto__', ' ', '']
    for (const room of odd) for (const user of odd.slice(0, 1 + odd.indexOf(room))) a.coordination.enter(room, user)
    for (const [i, room] of odd.entries()) await soon(() => b.online(room)).toEqual(odd.slice(0, i + 1).sort())
    for (const room of odd) for (const user of odd) a.coordination.leave(room, user)
    for (const room of odd) await soon(() => b.online(room)).toEqual([])
    await soon(() => redis.cli('KEYS', '{chatly}:room:*')).toBe('')
    expect(await redis.cli('HLEN', '{chatly}:versions')).toBe('0')
  })

  it('believes nobody without the secret, and nothing that cannot be', async () => {
    const [a] = [await open(), await open({ secret: 'the secret of somebody else' })]
    const b = all[1]!
    enter(a, 'ann')
    await everywhere([a], ['ann'])
    const payloads = createPayloads(SECRET)
    const born = await redis.cli('HGET', '{chatly}:state', 'born')
    const publish = (text: string, channel = 'chatly:presence') => b.link.publish('chatly:presence', payloads.seal(channel, Buffer.from(text)))
    const forged = JSON.stringify([born, [['lobby', 0, Number(born) * 2, ['mallory'], []]]])
    await b.link.publish('chatly:presence', Buffer.from(forged))
    await publish(forged, 'chatly:control')
    await publish('{')
    await publish('[1]')
    await publish('["1",[["lobby",-1,2,["mallory"],[]]]]')
    await publish(forged + ' '.repeat(1024 * 1024))
    b.coordination.enter('lobby', 'bob')
    // What b did is in Redis, where a finds it although it may not believe the message.
    await everywhere([a], ['ann', 'bob'])
    // One line for each kind, however many came.
    expect(a.errors.map(String)).toEqual([
      expect.stringContaining('not signed by this installation'), expect.stringContaining('nothing that this version understands'), expect.stringContaining('larger than')
    ])
    for (const { errors } of all) errors.length = 0
  })
})

describe('presence while Redis is away', () => {
  /** Long enough for the slowest of the links to be back before it has passed. */
  const lease = 6_000

  /** People on each of three instances, some on two. */
  async function people(): Promise<Instance[]> {
    const [a, b, c] = await openThree({ lease })
    enter(a, 'ann', 'both')
    enter(b, 'bob', 'both')
    enter(c, 'cem')
    await everywhere([a, b, c], ['ann', 'bob', 'both', 'cem'])
    return [a, b, c]
  }
  const down = (instances: readonly Instance[]) => soon(() => instances.every(({ link }) => link.state() === 'down'), 6_000).toBe(true)
  const up = (instances: readonly Instance[]) => soon(() => instances.every(({ link }) => link.state() === 'up'), 10_000).toBe(true)

  it('freezes, and never empties, when Redis is killed and comes back empty', async () => {
    const instances = await people()
    const [a, b, c] = [instances[0]!, instances[1]!, instances[2]!]
    await redis.kill('SIGKILL')
    await down(instances)
    enter(a, 'ann-2')
    leave(b, 'bob')
    await soon(() => a.heard('lobby')).toEqual(['ann', 'ann-2', 'bob', 'both', 'cem'])
    expect(await b.online('lobby')).toEqual(['ann', 'bob', 'both', 'cem'])
    await redis.restart()
    await up(instances)
    // bob alone has left, and is told as left once everybody had the time to come back.
    await everywhere(instances, ['ann', 'ann-2', 'both', 'cem'], 20_000)
    expect(instances.map(instance => instance.left('lobby'))).toEqual([['bob'], ['bob'], ['bob']])
    expect(await c.coordination.counts(['lobby'])).toEqual(new Map([['lobby', 4]]))
    leave(a, 'both')
    leave(b, 'both')
    await everywhere(instances, ['ann', 'ann-2', 'cem'])
  }, 40_000)

  it('waits for an instance that is slower to come back than the others', async () => {
    const instances = await people()
    const [a, b, c] = [instances[0]!, instances[1]!, instances[2]!]
    c.late(true)
    await redis.restart()
    await up(instances)
    // a and b know of the new state, and have told one another; cem is not in it.
    enter(a, 'ann-2')
    await everywhere([a, b], ['ann', 'ann-2', 'bob', 'both', 'cem'])
    await soon(membersInRedis).toEqual(['ann', 'ann-2', 'bob', 'both'])
    expect(await a.coordination.counts(['lobby'])).toEqual(new Map([['lobby', 5]]))
    c.late(false)
    await soon(membersInRedis).toEqual(['ann', 'ann-2', 'bob', 'both', 'cem'])
    leave(b, 'bob')
    await everywhere(instances, ['ann', 'ann-2', 'both', 'cem'], 20_000)
    expect(instances.map(instance => instance.left('lobby'))).toEqual([['bob'], ['bob'], ['bob']])
  }, 40_000)

  it('notices that Redis was emptied behind its back', async () => {
    const instances = await people()
    await redis.cli('FLUSHALL')
    leave(instances[0]!, 'ann')
    await everywhere(instances, ['bob', 'both', 'cem'], 20_000)
    expect(instances.map(instance => instance.left('lobby'))).toEqual([['ann'], ['ann'], ['ann']])
    expect(await membersInRedis()).toEqual(['bob', 'both', 'cem'])
  }, 30_000)

  it('expires nobody when Redis hung for longer than a lease', async () => {
    const instances = await people()
    redis.pause()
    await down(instances)
    const hung = new Promise(resolve => setTimeout(resolve, lease + 500))
    leave(instances[1]!, 'bob')
    await hung
    expect(await instances[0]!.online('lobby')).toEqual(['ann', 'bob', 'both', 'cem'])
    redis.resume()
    await up(instances)
    await everywhere(instances, ['ann', 'both', 'cem'], 20_000)
    expect(instances.map(instance => instance.left('lobby'))).toEqual([['bob'], ['bob'], ['bob']])
    expect(await membersInRedis()).toEqual(['ann', 'both', 'cem'])
  }, 40_000)

  it('lets those go who died meanwhile', async () => {
    const instances = await people()
    await redis.kill('SIGKILL')
    await down(instances)
    await instances[0]!.kill()
    await redis.restart()
    await up(instances.slice(1))
    await everywhere(instances.slice(1), ['bob', 'both', 'cem'], 20_000)
    expect(instances[2]!.left('lobby')).toEqual(['ann'])
  }, 40_000)

  it('begins without Redis, and tells of the others when it is there', async () => {
    await redis.kill('SIGKILL')
    const waiting = [openInstance(redis, { lease }), openInstance(redis, { lease })]
    await redis.restart()
    all.push(...await Promise.all(waiting))
    enter(all[0]!, 'ann')
    enter(all[1]!, 'bob')
    await everywhere(all, ['ann', 'bob'], 20_000)
  }, 40_000)
})
