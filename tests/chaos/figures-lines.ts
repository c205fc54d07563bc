import { percentile, round } from '../../bench/measure'
import { withCluster, type Cluster } from './cluster'
import type { Figure } from './figures'
import { sleep } from './person'
import { behindProxy, openReaders, say, until, type Reader } from './reader'

const ms = (value: number) => `${round(value)} ms`
/** Without a proxy between: a thousand lines through one would be what is measured. */
const ports = ({ nodes }: Cluster) => nodes.map(({ server }) => server.port)

/** Three lines: half of the values, nearly all, all. `limit` in ms, for `share` of them. */
const spread = (what: string, values: number[], share: number, limit: number): Figure[] => {
  const reached = percentile(values, share) <= limit
  const name = share === 1 ? 'all' : `p${share * 100}`
  return [{
    what: `${what} (${values.length}): p50 / p95 / longest`, value: `${ms(percentile(values, 0.5))} / ${ms(percentile(values, 0.95))} / ${ms(Math.max(...values))}`,
    aim: `${name} ≤ ${limit / 1000} s`, reached
  }]
}

/** Those who lost their line, each with the time that it was away. */
const away = (readers: readonly Reader[], since: number): number[] =>
  readers.flatMap(({ lostAt, backAt }) => lostAt !== null && backAt !== null && lostAt >= since ? [backAt - lostAt] : [])

const areBack = (readers: readonly Reader[], head: number) => readers.every(({ backAt, position }) => backAt !== null && position >= head)

/** 300 people on three instances, one of which is killed, while others write; each instance in turn. */
export async function resume(): Promise<Figure[]> {
  return await withCluster({ people: 300, env: behindProxy }, async (cluster) => {
    const room = await cluster.room('hall')
    const readers = await openReaders(cluster, room, index => ({ ports: ports(cluster), first: index }))
    const times: number[] = []
    for (const node of cluster.nodes) {
      const since = performance.now()
      await node.stop('SIGKILL')
      let head = 0
      for (let turn = 0; turn < 10; turn++) {
        head = await say(cluster, room, 3)
        await sleep(100)
      }
      await until('all are back, with everything', () => areBack(readers, head))
      times.push(...away(readers, since))
      await node.start()
      await sleep(1_000)
    }
    for (const { socket } of readers) socket.stop()
    return spread('back after an instance was killed', times, 0.95, 3_000)
  })
}

/** 60 people on an instance that is killed, and do not come back; somebody on another one watches them go. */
export async function ghosts(): Promise<Figure[]> {
  return await withCluster({ people: 61, env: behindProxy }, async (cluster) => {
    const room = await cluster.room('hall')
    const [watched, watching] = ports(cluster) as [number, number]
    const times: number[] = []
    for (let turn = 0; turn < 3; turn++) {
      const [watcher] = await openReaders(cluster, room, () => ({ ports: [watching], first: 0 }), cluster.people.slice(-1)) as [Reader]
      let online = 0
      watcher.socket.on('presence', (frame) => { if (frame.room === room) online = frame.online })
      const readers = await openReaders(cluster, room, () => ({ ports: [watched], first: 0 }), cluster.people.slice(0, -1))
      await until('all are seen', () => online === cluster.people.length)
      const since = performance.now()
      await cluster.nodes[0]!.stop('SIGKILL')
      for (const { socket } of readers) socket.stop()
      await until('all ghosts are gone', () => online === 1)
      times.push(performance.now() - since)
      watcher.socket.stop()
      await cluster.nodes[0]!.start()
    }
    return spread('ghosts gone after an instance was killed', times, 1, 10_000)
  })
}

/** 1,000 people on three instances, one of which is restarted: `firstOf` says on which the n-th is. */
async function restart(what: string, firstOf: (index: number) => number): Promise<Figure[]> {
  return await withCluster({ people: 1_000, env: behindProxy }, async (cluster) => {
    const room = await cluster.room('hall')
    const readers = await openReaders(cluster, room, index => ({ ports: ports(cluster), first: firstOf(index) }))
    const concerned = readers.filter((_, index) => firstOf(index) % cluster.nodes.length === 0)
    const since = performance.now()
    const stopped = cluster.nodes[0]!.stop('SIGTERM').then(() => cluster.nodes[0]!.start())
    await until('all lost their line', () => concerned.every(({ lostAt }) => (lostAt ?? 0) >= since))
    const head = await say(cluster, room, 10)
    await until('all are back, with everything', () => areBack(readers, head))
    const times = away(readers, since)
    await stopped
    for (const { socket } of readers) socket.stop()
    return spread(what, times, 0.95, 2_000)
  })
}

export const blackout = async (): Promise<Figure[]> => [
  ...await restart('no line while one of three restarts', index => index),
  ...await restart('no line while the one with all 1,000 restarts', () => 0)
]

/** 1,000 people on three instances, all lines broken at once; 100 messages before any of them is back. */
export async function drop(): Promise<Figure[]> {
  return await withCluster({ people: 1_000, env: behindProxy }, async (cluster) => {
    const room = await cluster.room('hall')
    const readers = await openReaders(cluster, room, index => ({ ports: ports(cluster), first: index }))
    const caughtUp: number[] = []
    const since = performance.now()
    for (const reader of readers) reader.cut()
    const head = await say(cluster, room, 100)
    const missed = readers.every(({ position }) => position <= head - 100)
    for (const reader of readers) {
      reader.onEvent = ({ seq }) => { if (seq === head) caughtUp.push(performance.now() - since) }
    }
    await until('all have caught up', () => caughtUp.length === readers.length)
    for (const { socket } of readers) socket.stop()
    if (!missed) throw new Error('Somebody missed less than 100 messages.')
    return spread('1,000 dropped at once, each with 100 events to catch up on', caughtUp, 1, 5_000)
  })
}
