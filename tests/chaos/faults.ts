import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import type { Cluster } from './cluster'
import { sleep } from './person'
import type { Random } from './random'

export interface Fault {
  name: string
  /** Two faults of one part come one after the other. */
  part: 'instances' | 'redis' | 'lines' | 'disk'
  /** Breaks something, and mends it before it resolves. `thorough`: as long as it takes. */
  run: (cluster: Cluster, random: Random, thorough: boolean) => Promise<void>
}

const run = promisify(execFile)

async function roll({ nodes }: Cluster): Promise<void> {
  for (const node of nodes) {
    await node.stop('SIGTERM')
    await node.start()
  }
}

/** The proxies in front of the instances, or those before Redis, one of them or all. */
function some({ nodes }: Cluster, random: Random, side: 'front' | 'back') {
  const proxies = nodes.map(node => node[side])
  return random.chance(0.5) ? proxies : [random.pick(proxies)]
}

async function delays(cluster: Cluster, random: Random, side: 'front' | 'back'): Promise<void> {
  const proxies = some(cluster, random, side)
  for (const proxy of proxies) proxy.set({ delay: random.whole(20, 150) })
  await sleep(random.whole(1_000, 2_500))
  for (const proxy of proxies) proxy.set({ delay: 0, halves: true })
  await sleep(random.whole(500, 1_500))
  for (const proxy of proxies) proxy.heal()
}

async function cuts(cluster: Cluster, random: Random, side: 'front' | 'back'): Promise<void> {
  const proxies = some(cluster, random, side)
  for (let turn = 0; turn < 3; turn++) {
    for (const proxy of proxies) {
      proxy.set({ closed: random.chance(0.5) })
      proxy.cut()
    }
    await sleep(random.whole(100, 800))
    for (const proxy of proxies) proxy.heal()
    await sleep(random.whole(100, 500))
  }
}

async function blackhole(cluster: Cluster, random: Random, side: 'front' | 'back'): Promise<void> {
  const proxies = some(cluster, random, side)
  for (const proxy of proxies) proxy.set({ blackhole: true })
  await sleep(random.whole(1_000, 4_000))
  for (const proxy of proxies) {
    proxy.heal()
    if (random.chance(0.5)) proxy.cut()
  }
}

async function pause({ redis }: Cluster, ms: number): Promise<void> {
  redis.pause()
  await sleep(ms)
  redis.resume()
}

/** A quota of the kernel on the size of the files that a process writes: what is beyond cannot be written, in whichever file. */
async function limitFiles({ nodes }: Cluster, bytes: string): Promise<void> {
  await Promise.all(nodes.map(({ server }) => run('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]).catch((error: unknown) => {
    // One that is gone meanwhile has no files; without the program there is no such fault.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw error
  })))
}

export const faults: readonly Fault[] = [
  {
    name: 'kill -9 of an instance', part: 'instances',
    async run({ nodes }, random) {
      const node = random.pick(nodes)
      await node.stop('SIGKILL')
      await sleep(random.whole(100, 1_500))
      await node.start()
    }
  },
  {
    name: 'rolling restart', part: 'instances',
    async run(cluster, _, thorough) { for (let turn = 0; turn < (thorough ? 3 : 1); turn++) await roll(cluster) }
  },
  {
    name: 'Redis killed, and empty when it comes back', part: 'redis',
    async run({ redis }, random) {
      await redis.kill('SIGKILL')
      await sleep(random.whole(300, 2_000))
      await redis.restart()
    }
  },
  { name: 'Redis hangs for 1 s', part: 'redis', run: cluster => pause(cluster, 1_000) },
  { name: 'Redis hangs for 5 s', part: 'redis', run: cluster => pause(cluster, 5_000) },
  {
    name: 'Redis ends its subscribers', part: 'redis',
    async run({ redis }, random) {
      for (let turn = 0; turn < 3; turn++) {
        await redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
        await sleep(random.whole(100, 600))
      }
    }
  },
  { name: 'delays and halves before Redis', part: 'redis', run: (cluster, random) => delays(cluster, random, 'back') },
  { name: 'cuts before Redis', part: 'redis', run: (cluster, random) => cuts(cluster, random, 'back') },
  { name: 'a black hole before Redis', part: 'redis', run: (cluster, random) => blackhole(cluster, random, 'back') },
  { name: 'delays and halves before the instances', part: 'lines', run: (cluster, random) => delays(cluster, random, 'front') },
  { name: 'cuts before the instances', part: 'lines', run: (cluster, random) => cuts(cluster, random, 'front') },
  { name: 'a black hole before the instances', part: 'lines', run: (cluster, random) => blackhole(cluster, random, 'front') },
  {
    name: 'readers at 1 KB/s', part: 'lines',
    async run({ nodes }) {
      for (const { slow } of nodes) slow.set({ rate: 1_024 })
      await sleep(4_000)
      for (const { slow } of nodes) slow.heal()
    }
  },
  {
    name: 'the database locked for 5 s', part: 'disk',
    async run({ folder }) {
      const other = new Database(join(folder, 'chatly.db'), { timeout: 4_000 })
      other.exec('BEGIN IMMEDIATE')
      await sleep(5_000)
      other.exec('ROLLBACK')
      other.close()
    }
  },
  {
    name: 'no room for files', part: 'disk',
    async run(cluster, random) {
      await limitFiles(cluster, '4096')
      await sleep(random.whole(500, 2_000))
      await limitFiles(cluster, 'unlimited')
    }
  }
]

/** Everything is whole again, whatever it was. */
export async function healAll(cluster: Cluster): Promise<void> {
  const { nodes, redis } = cluster
  redis.resume()
  for (const { front, slow, back } of nodes) for (const proxy of [front, slow, back]) proxy.heal()
  await Promise.all(nodes.map(node => node.start()))
  await limitFiles(cluster, 'unlimited')
}
