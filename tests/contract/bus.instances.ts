import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Bus, Control, Listener, StoredEvent } from '../../server/core/ports'
import createRedisBus from '../../server/drivers/bus/redis'
import { encode } from '../../server/drivers/bus/envelope'
import openRedis, { type RedisLink } from '../../server/drivers/redis/link'
import { createPayloads } from '../../server/drivers/redis/payload'
import { layCable } from '../support/cable'
import { addressOf, freePort, startRedis, type TestRedis } from '../support/redis'

const SECRET = 'a secret of at least sixteen characters'
const event = (room: string, seq: number): StoredEvent =>
  ({ room, seq, kind: seq % 2 ? 'message' : 'join', author: 'ann', message: seq % 2 ? `m${seq}` : null, json: `{"type":"event","room":${JSON.stringify(room)},"seq":${seq},"data":"grüß dich ☃"}` })

interface Instance { bus: Bus, link: RedisLink, errors: string[], lines: string[], restored: number }

/** Resolves when this holds; the last failure says what did not. */
const until = (holds: () => void | Promise<void>, timeout = 10_000) => vi.waitFor(holds, { timeout, interval: 10 })

/** What buses of several processes must do for each other over one Redis. */
export function describeInstances(name: string, redis: () => TestRedis): void {
  describe(`bus: ${name}, several instances`, () => {
    const open: Instance[] = []
    afterEach(async () => {
      redis().resume()
      for (const { bus, link } of open.splice(0)) await bus.close().then(link.close)
    })

    function start(url = redis().url, secret = SECRET): Instance {
      const instance: Instance = { errors: [], lines: [], restored: 0, link: openRedis({ address: addressOf(url), onTrouble: line => instance.lines.push(line) }), bus: null as never }
      instance.bus = createRedisBus({ link: instance.link, secret, onError: error => instance.errors.push(String(error)) })
      instance.bus.onRestored(() => { instance.restored++ })
      open.push(instance)
      return instance
    }
    const up = (...instances: Instance[]) => until(() => expect(instances.map(({ bus }) => bus.state())).toEqual(instances.map(() => 'up')), 15_000)
    async function instances(count: number): Promise<Instance[]> {
      const list = Array.from({ length: count }, () => start())
      await up(...list)
      return list
    }
    async function ear({ bus }: Instance, room: string) {
      const heard: (number | string)[] = []
      const events: StoredEvent[] = []
      const listener: Listener = { event: (one) => { heard.push(one.seq); events.push(one) }, head: seq => heard.push(`to ${seq}`), typing: user => heard.push(user) }
      return { heard, events, end: await bus.subscribe(room, listener) }
    }
    /** How many connections Redis delivers a room to. */
    const subscribers = async (room: string) => Number((await redis().cli('PUBSUB', name.includes('cluster') ? 'SHARDNUMSUB' : 'NUMSUB', `chatly:room:${room}`)).split('\n')[1])

    it('hear each other, and themselves once, with every field as it was', async () => {
      const [a, b, c] = await instances(3) as [Instance, Instance, Instance]
      const ears = await Promise.all([a, b, c].map(one => ear(one, 'lobby')))
      const attic = await ear(b, 'attic')
      for (const seq of [1, 2]) a.bus.publish(event('lobby', seq))
      await until(() => expect(ears.map(({ heard }) => heard)).toEqual([[1, 2], [1, 2], [1, 2]]))
      b.bus.publish(event('lobby', 3))
      c.bus.typing('lobby', 'bob')
      await until(() => expect(ears.map(({ heard }) => new Set(heard))).toEqual(ears.map(() => new Set([1, 2, 3, 'bob']))))
      expect(ears.map(({ heard }) => heard.length)).toEqual([4, 4, 4])
      expect(ears.map(({ events }) => events)).toEqual(ears.map(() => [1, 2, 3].map(seq => event('lobby', seq))))
      expect(attic.heard).toEqual([])
    })

    it('keep the order in which one of them published', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const { heard } = await ear(b, 'lobby')
      const seqs = Array.from({ length: 500 }, (_, index) => index + 1)
      for (const seq of seqs) {
        a.bus.publish(event('lobby', seq))
        if (seq % 7 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      await until(() => expect(heard).toHaveLength(seqs.length))
      expect(heard).toEqual(seqs)
    })

    it('send what a room gets in one turn together, and large turns in pieces', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const { events } = await ear(b, 'lobby')
      let payloads = 0
      await a.link.subscribe('chatly:room:lobby', () => payloads++).confirmed
      for (let seq = 1; seq <= 50; seq++) a.bus.publish(event('lobby', seq))
      await until(() => expect(events).toHaveLength(50))
      await until(() => expect(payloads).toBe(1))
      const long = { ...event('lobby', 51), json: 'ü'.repeat(40_000) }
      for (let seq = 51; seq <= 60; seq++) a.bus.publish({ ...long, seq })
      await until(() => expect(events).toHaveLength(60))
      expect(events.at(-1)).toEqual({ ...long, seq: 60 })
      await until(() => expect(payloads).toBe(11))
      expect(b.errors).toEqual([])
    })

    it('tell each other what happens outside of rooms, and themselves once', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const heard: Control[][] = [[], []]
      a.bus.onControl(control => heard[0]?.push(control))
      b.bus.onControl(control => heard[1]?.push(control))
      const all: { [Kind in Control['kind']]: Omit<Extract<Control, { kind: Kind }>, 'kind'> } = {
        'session-ended': { session: 's' }, 'person-changed': { user: 'u' }, 'room-deleted': { room: 'r' }, 'room-changed': { room: 'r' }, 'joined': { room: 'r', user: 'u' },
        'read': { room: 'r', user: 'u', readSeq: 4 }, 'settings-changed': {}
      }
      const controls = Object.entries(all).map(([kind, rest]) => ({ kind, ...rest }) as Control)
      for (const control of controls) a.bus.control(control)
      expect(heard[0]).toEqual(controls)
      await until(() => expect(heard[1]).toEqual(controls))
      b.bus.control(controls[0]!)
      await until(() => expect(heard[0]).toHaveLength(controls.length + 1))
      expect(heard[0]).toEqual([...controls, controls[0]])
    })

    it('subscribe to a room once each, and let go with the last listener', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const ears = [await ear(a, 'lobby'), await ear(a, 'lobby'), await ear(b, 'lobby')]
      expect(await subscribers('lobby')).toBe(2)
      ears[0]?.end()
      ears[0]?.end()
      expect(await subscribers('lobby')).toBe(2)
      ears[1]?.end()
      await until(async () => expect(await subscribers('lobby')).toBe(1))
      const again = await ear(a, 'lobby')
      expect(await subscribers('lobby')).toBe(2)
      b.bus.publish(event('lobby', 9))
      await until(() => expect(again.heard).toEqual([9]))
      expect(ears[0]?.heard).toEqual([])
    })

    it('take any room id as it is', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const ids = ['*', 'a*', 'ab', '?', '[a-z]b', 'a:b', 'a', '{a}', '}{', 'a b', 'a\r\nb', '\0', 'ü☃', '..', 'room:a', 'a'.repeat(300), '__proto__']
      const ears = await Promise.all(ids.map(id => ear(b, id)))
      for (const [index, id] of ids.entries()) a.bus.publish(event(id, index + 1))
      await until(() => expect(ears.map(({ events }) => events)).toEqual(ids.map((id, index) => [event(id, index + 1)])))
      expect(b.errors).toEqual([])
    })

    it('drop what is forged, foreign, broken, too large or of another room: said once each, and nothing else happens', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const { heard } = await ear(b, 'lobby')
      const controls: Control[] = []
      b.bus.onControl(control => controls.push(control))
      const ours = createPayloads(SECRET)
      const body = encode(Buffer.alloc(8), { what: 'events', room: 'lobby', events: [event('lobby', 1)] })
      const channel = 'chatly:room:lobby'
      const publish = async (name: string, payload: Buffer) => expect(await a.link.publish(name, payload)).toBe(true)

      const flipped = ours.seal(channel, body)
      flipped[20]! ^= 1
      const forged = [Buffer.from('hello'), Buffer.alloc(0), body, flipped, createPayloads('somebody else, who has another secret').seal(channel, body), ours.seal('chatly:room:attic', body)]
      for (const payload of forged) await publish(channel, payload)
      await publish('chatly:control', Buffer.from('{"kind":"session-ended","session":"s"}'))
      await until(() => expect(b.errors).toHaveLength(1))

      const of = (room: string) => encode(Buffer.alloc(8), { what: 'head', room, seq: 7 })
      const broken = [body.subarray(0, -1), body.subarray(0, 11), Buffer.from([9, ...body.subarray(1)]), Buffer.from([1, 77, ...body.subarray(2)]), Buffer.concat([body, Buffer.alloc(3)]), Buffer.alloc(0), of('attic')]
      for (const bytes of broken) await publish(channel, ours.seal(channel, bytes))
      const controlWith = (control: unknown) => encode(Buffer.alloc(8), { what: 'control', control: control as Control })
      for (const wrong of [null, {}, { kind: 'everything-changed' }, { kind: 'read', room: 'r', user: 'u', readSeq: -1 }]) await publish('chatly:control', ours.seal('chatly:control', controlWith(wrong)))
      await publish('chatly:control', ours.seal('chatly:control', of('lobby')))
      await until(() => expect(b.errors).toHaveLength(2))

      await publish(channel, ours.seal(channel, Buffer.alloc(300 * 1024)))
      await until(() => expect(b.errors).toHaveLength(3))
      for (const payload of forged) await publish(channel, payload)

      a.bus.publish(event('lobby', 2))
      a.bus.control({ kind: 'room-changed', room: 'lobby' })
      await until(() => expect([heard, controls]).toEqual([[2], [{ kind: 'room-changed', room: 'lobby' }]]))
      expect(b.errors).toEqual([expect.stringContaining('not signed'), expect.stringContaining('understands'), expect.stringContaining('larger')])
      expect(b.errors.join()).not.toMatch(/\n/)
    })

    it('do not hear an instance that has another secret', async () => {
      const [a, stranger] = [start(), start(redis().url, 'another secret of at least sixteen')]
      await up(a, stranger)
      const [ours, theirs] = [await ear(a, 'lobby'), await ear(stranger, 'lobby')]
      stranger.bus.publish(event('lobby', 1))
      await until(() => expect(a.errors).toEqual([expect.stringContaining('CHATLY_SECRET')]))
      expect([ours.heard, theirs.heard]).toEqual([[], [1]])
    })

    it('begin without Redis, and are all there when it comes', async () => {
      const port = await freePort()
      const late = `redis://127.0.0.1:${port}`
      const [a, b] = [start(late), start(late)]
      const [here, there] = [await ear(a, 'lobby'), await ear(b, 'lobby')]
      a.bus.publish(event('lobby', 4))
      expect(here.heard).toEqual([4])
      await until(() => expect([a.lines, b.lines].map(({ length }) => length)).toEqual([1, 1]))
      expect(a.lines[0]).toMatch(/^Redis at 127\.0\.0\.1:\d+ cannot be used: the connection is refused\. [^\n]+$/)
      expect([a.bus.state(), a.restored]).toEqual(['starting', 0])
      const server = await startRedis({ port, cluster: name.includes('cluster') })
      try {
        await up(a, b)
        // Whoever comes later misses the ring, and looks for itself.
        expect([a.restored, b.restored]).toEqual([1, 1])
        b.bus.publish(event('lobby', 5))
        a.bus.publish(event('lobby', 6))
        await until(() => expect([here.heard, there.heard.at(-1)]).toEqual([expect.arrayContaining([4, 5, 6]), 6]))
        expect([...a.lines, ...b.lines]).toHaveLength(4)
      } finally {
        await server.stop()
      }
    })

    it('live through a kill of Redis and its empty restart', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const [here, there] = [await ear(a, 'lobby'), await ear(b, 'lobby')]
      const restored = b.restored
      await redis().kill('SIGKILL')
      await until(() => expect([a.bus.state(), b.bus.state()]).toEqual(['down', 'down']), 3_000)
      for (const seq of [1, 2, 3]) a.bus.publish(event('lobby', seq))
      a.bus.typing('lobby', 'ann')
      a.bus.control({ kind: 'room-changed', room: 'lobby' })
      expect(here.heard).toEqual([1, 2, 3, 'ann'])
      const attic = await ear(b, 'attic')
      await redis().restart()
      await up(a, b)
      expect(b.restored).toBe(restored + 1)
      a.bus.publish(event('attic', 1))
      b.bus.publish(event('lobby', 4))
      await until(() => expect([here.heard, attic.heard]).toEqual([[1, 2, 3, 'ann', 4], [1]]))
      expect(there.heard.filter(what => what !== 'to 3')).toEqual([4])
      expect([await subscribers('lobby'), await subscribers('attic')]).toEqual([2, 1])
      for (const { lines } of [a, b]) expect(lines).toEqual([expect.stringMatching(/ is away: /), expect.stringMatching(/ is back after [\d.]+ s\.$/)])
    })

    it('find a Redis that hangs within 3 s, and recover when it goes on', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const [here, there] = [await ear(a, 'lobby'), await ear(b, 'lobby')]
      redis().pause()
      const since = performance.now()
      a.bus.publish(event('lobby', 1))
      expect(here.heard).toEqual([1])
      await until(() => expect([a.bus.state(), b.bus.state()]).toEqual(['down', 'down']), 3_000)
      expect(performance.now() - since).toBeLessThan(3_000)
      a.bus.publish(event('lobby', 2))
      await ear(b, 'attic')
      redis().resume()
      await up(a, b)
      a.bus.publish(event('lobby', 3))
      await until(() => expect(there.heard.at(-1)).toBe(3))
      expect(a.lines).toHaveLength(2)
    })

    it.skipIf(name.includes('cluster'))('ring with the head of what could not be sent, for those whose own line never broke', async () => {
      const cable = await layCable(redis().port)
      try {
        const [a, b] = [start(cable.url.replace('http:', 'redis:')), start()]
        await up(a, b)
        const [here, there, attic] = [await ear(a, 'lobby'), await ear(b, 'lobby'), await ear(b, 'attic')]
        const restored = b.restored
        cable.cut()
        await until(() => expect(a.bus.state()).toBe('down'))
        for (const seq of [7, 8]) a.bus.publish(event('lobby', seq))
        a.bus.publish(event('attic', 1))
        b.bus.publish(event('lobby', 9))
        cable.mend()
        await until(() => expect([there.heard, attic.heard]).toEqual([[9, 'to 8'], ['to 1']]))
        expect(here.heard).toEqual([7, 8])
        expect([b.restored, b.lines]).toEqual([restored, []])
        cable.cut()
        await until(() => expect(a.bus.state()).toBe('down'))
        cable.mend()
        await up(a)
        a.bus.publish(event('lobby', 10))
        await until(() => expect(there.heard).toEqual([9, 'to 8', 10]))
      } finally {
        await cable.close()
      }
    })

    it('ring soon for a publish that nobody answered while Redis was there', async () => {
      const link = openRedis({ address: addressOf(redis().url), onTrouble: () => {} })
      let refuse = true
      const bus = createRedisBus({ link: { ...link, publish: (channel, payload) => refuse ? Promise.resolve(refuse = false) : link.publish(channel, payload) }, secret: SECRET })
      open.push({ bus, link, errors: [], lines: [], restored: 0 })
      const [b] = await instances(1) as [Instance]
      await until(() => expect(link.state()).toBe('up'))
      const { heard } = await ear(b, 'lobby')
      bus.publish(event('lobby', 3))
      await until(() => expect(heard).toEqual(['to 3']))
    })

    it('notice that only their subscriptions were cut', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const [here, there] = [await ear(a, 'lobby'), await ear(b, 'lobby')]
      const before = [a.restored, b.restored]
      await redis().cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await until(() => expect([a.restored, b.restored]).toEqual(before.map(count => count + 1)))
      await up(a, b)
      a.bus.publish(event('lobby', 1))
      b.bus.publish(event('lobby', 2))
      await until(() => expect([here.heard.length, there.heard.length]).toEqual([2, 2]))
    })

    it('say on closing what they have just said, and leave nothing', async () => {
      const [a, b] = await instances(2) as [Instance, Instance]
      const { heard } = await ear(b, 'lobby')
      await ear(a, 'attic')
      a.bus.publish(event('lobby', 1))
      await a.bus.close()
      await until(() => expect(heard).toEqual([1]))
      await until(async () => expect(await subscribers('attic')).toBe(0))
      a.bus.publish(event('lobby', 2))
      await a.link.close()
      expect(await b.link.run('list', client => client.sendCommand(['CLIENT', 'LIST']))).toBeTypeOf('string')
    })
  })
}
