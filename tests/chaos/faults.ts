import type { Cluster } from './cluster'
import { openCrowd } from './crowd'
import { healStorage, storageFaults } from './faults-storage'
import type { GroundName } from './ground'
import { blackhole, cuts, delays } from './lines'
import type { Log } from './log'
import { sleep } from './person'
import type { Random } from './random'

export interface Fault {
  name: string
  /** Two faults of one part come one after the other. */
  part: 'instances' | 'redis' | 'lines' | 'storage' | 'crowd'
  /** What it needs, while nothing is broken yet. */
  prepare?: (cluster: Cluster, thorough: boolean) => Promise<void>
  /** Breaks something, and mends it before it resolves. `thorough`: as long as it takes. What the rules must know of it goes to the log. */
  run: (cluster: Cluster, random: Random, thorough: boolean, log: Log) => Promise<void>
}

async function roll({ nodes }: Cluster, log: Log): Promise<void> {
  for (const [instance, node] of nodes.entries()) {
    const since = log.now()
    const code = await node.stop('SIGTERM')
    log.add({ what: 'stopped', instance, code, took: log.now() - since })
    await node.start()
  }
}

async function pause({ redis }: Cluster, ms: number): Promise<void> {
  redis.pause()
  await sleep(ms)
  redis.resume()
}

/** How many lose their lines at once, thoroughly and otherwise. */
export const CROWD = { thorough: 1_000, usual: 150 } as const

const aCrowd: Fault = {
  name: 'a crowd loses its lines at once', part: 'crowd',
  async prepare(cluster, thorough) { cluster.crowds.push(await openCrowd(cluster, thorough ? CROWD.thorough : CROWD.usual)) },
  async run({ crowds }) { await Promise.all(crowds.map(crowd => crowd.drop())) }
}

const ofAll: readonly Fault[] = [
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
    async run(cluster, _, thorough, log) { for (let turn = 0; turn < (thorough ? 3 : 1); turn++) await roll(cluster, log) }
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
  }
]

/** All faults that there are where everything is kept in this. What a thousand people ask for at once takes the Firestore engine from npm too long. */
export const faultsOf = (ground: GroundName): readonly Fault[] => [...ofAll, ...ground === 'sqlite' ? [aCrowd] : [], ...storageFaults[ground]]

/** Everything is whole again, whatever it was. */
export async function healAll(cluster: Cluster): Promise<void> {
  const { nodes, redis } = cluster
  redis.resume()
  for (const { front, slow, back } of nodes) for (const proxy of [front, slow, back]) proxy.heal()
  await healStorage(cluster)
  await Promise.all(nodes.map(node => node.start()))
}
