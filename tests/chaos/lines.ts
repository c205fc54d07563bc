import type { Cluster } from './cluster'
import { sleep } from './person'
import type { Proxy } from './proxy'
import type { Random } from './random'

/** In front of the instances, before Redis, or before storage where there is a line to it. */
export type Side = 'front' | 'back' | 'store'

/** The proxies of one side, one of them or all. */
function some({ nodes }: Cluster, random: Random, side: Side): Proxy[] {
  const proxies = nodes.flatMap(node => node[side] ?? [])
  return random.chance(0.5) ? proxies : [random.pick(proxies)]
}

/** Everything comes late, then in two pieces. */
export async function delays(cluster: Cluster, random: Random, side: Side): Promise<void> {
  const proxies = some(cluster, random, side)
  for (const proxy of proxies) proxy.set({ delay: random.whole(20, 150) })
  await sleep(random.whole(1_000, 2_500))
  for (const proxy of proxies) proxy.set({ delay: 0, halves: true })
  await sleep(random.whole(500, 1_500))
  for (const proxy of proxies) proxy.heal()
}

/** Lines break, three times, and now and then no new one comes through for a while. */
export async function cuts(cluster: Cluster, random: Random, side: Side): Promise<void> {
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

/** Nothing goes through; then all of it comes at once, or the lines break. */
export async function blackhole(cluster: Cluster, random: Random, side: Side): Promise<void> {
  const proxies = some(cluster, random, side)
  for (const proxy of proxies) proxy.set({ blackhole: true })
  await sleep(random.whole(1_000, 4_000))
  for (const proxy of proxies) {
    proxy.heal()
    if (random.chance(0.5)) proxy.cut()
  }
}
