import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { rates } from '../../shared/limits'
import type { StoredEvent } from '../../server/core/ports'
import createRedisBus from '../../server/drivers/bus/redis'
import createRedisCoordination from '../../server/drivers/coordination/redis'
import openRedis from '../../server/drivers/redis/link'
import { layCable } from '../support/cable'
import { addressOf } from '../support/redis'
import { startCluster, type TestCluster } from '../support/redis-cluster'

const SECRET = 'a secret of at least sixteen characters'

/** What one node can't show: rooms whose channels are on different nodes, and coordination whose keys are on one of them. */
describe('a Redis Cluster of three nodes', () => {
  let cluster: TestCluster
  const open: (() => Promise<void>)[] = []
  const errors: unknown[] = []
  beforeAll(async () => { cluster = await startCluster(3) })
  afterEach(async () => {
    for (const close of open.splice(0)) await close()
    expect(errors.splice(0)).toEqual([])
  })
  afterAll(() => cluster.stop())

  /** One process, which knows of one node. */
  async function start(node: number) {
    const link = openRedis({ address: addressOf(cluster.nodes[node]!.url), onTrouble: () => {} })
    const onError = (error: unknown) => errors.push(error)
    const bus = createRedisBus({ link, secret: SECRET, onError })
    const coordination = createRedisCoordination({ link, secret: SECRET, lease: 600, onError })
    await new Promise<void>(resolve => link.onUp(resolve))
    open.push(async () => {
      await bus.close()
      await coordination.close()
      await link.close()
    })
    return { bus, coordination, link }
  }
  const event = (room: string, seq: number): StoredEvent => ({ room, seq, kind: 'message', author: 'ann', message: `m${seq}`, json: `{"room":"${room}","seq":${seq}}` })

  it('carries every room to every instance, whichever node its channel is on', async () => {
    const [a, b] = [await start(0), await start(2)]
    const rooms = Array.from({ length: 24 }, (_, n) => `room ${n}`)
    const heard: string[] = []
    for (const room of rooms) await b.bus.subscribe(room, { event: ({ room, seq }) => heard.push(`${room}/${seq}`), head: () => {}, typing: () => {} })
    for (const seq of [1, 2, 3]) for (const room of rooms) a.bus.publish(event(room, seq))
    await vi.waitFor(() => expect(heard).toHaveLength(72), { timeout: 5_000 })
    for (const room of rooms) expect(heard.filter(one => one.startsWith(`${room}/`))).toEqual([1, 2, 3].map(seq => `${room}/${seq}`))
    // Spread, not copied: each channel has its one subscriber on one node.
    const perNode = await Promise.all(cluster.nodes.map(async node => (await node.cli('PUBSUB', 'SHARDCHANNELS', 'chatly:room:*')).split('\n').filter(Boolean).length))
    expect(perNode.reduce((sum, count) => sum + count)).toBe(24)
    for (const count of perNode) expect(count).toBeGreaterThan(0)
  })

  it('finds a dead line for subscriptions, also to a node that the canary does not pass through', async () => {
    const cables = await Promise.all(cluster.nodes.map(node => layCable(node.port)))
    const announce = async (ports: readonly number[]) => {
      await Promise.all(cluster.nodes.map((node, n) => node.cli('CONFIG', 'SET', 'cluster-announce-port', String(ports[n]))))
      const known = (slots: string) => ports.every(port => slots.split('\n').includes(String(port)))
      await vi.waitFor(async () => { for (const node of cluster.nodes) expect(await node.cli('CLUSTER', 'SLOTS')).toSatisfy(known) }, { timeout: 15_000, interval: 100 })
    }
    onTestFinished(async () => {
      for (const node of cluster.nodes) await node.cli('CONFIG', 'SET', 'cluster-announce-port', '0')
      await announce(cluster.nodes.map(({ port }) => port))
      await Promise.all(cables.map(cable => cable.close()))
    }, 20_000)
    await announce(cables.map(({ port }) => port))
    const { bus, link } = await start(0)
    for (let n = 0; n < 24; n++) await bus.subscribe(`room ${n}`, { event: () => {}, head: () => {}, typing: () => {} })
    const canaries = await Promise.all(cluster.nodes.map(node => node.cli('PUBSUB', 'SHARDCHANNELS', 'chatly:canary:*')))
    const down = new Promise<void>(resolve => link.onDown(resolve))
    const since = performance.now()
    cables[canaries.indexOf('')]?.hush('ssubscribe')
    await down
    expect(performance.now() - since).toBeLessThan(20_000)
  }, 60_000)

  it('brings controls to every instance', async () => {
    const [a, b] = [await start(0), await start(1)]
    const heard: unknown[] = []
    b.bus.onControl(control => heard.push(control))
    a.bus.control({ kind: 'session-ended', session: 's' })
    await vi.waitFor(() => expect(heard).toEqual([{ kind: 'session-ended', session: 's' }]), { timeout: 5_000 })
  })

  it('takes a mark once, counts rates together and knows who is where', async () => {
    const [a, b] = [(await start(0)).coordination, (await start(1)).coordination]
    expect((await Promise.all([a, b, a, b].map(one => one.once('mark', 10_000)))).filter(Boolean)).toHaveLength(1)
    const waits = await Promise.all(Array.from({ length: 30 }, (_, n) => (n % 2 ? a : b).take('ann', rates.loginSubject)))
    expect(waits.filter(wait => wait === 0)).toHaveLength(rates.loginSubject.points)
    a.enter('hall', 'ann')
    b.enter('hall', 'ben')
    await vi.waitFor(async () => expect((await a.online('hall')).users.toSorted()).toEqual(['ann', 'ben']), { timeout: 5_000 })
    await vi.waitFor(async () => expect(await b.counts(['hall'])).toEqual(new Map([['hall', 2]])), { timeout: 5_000 })
    a.leave('hall', 'ann')
    await vi.waitFor(async () => expect((await b.online('hall')).users).toEqual(['ben']), { timeout: 5_000 })
  })
})
