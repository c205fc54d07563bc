import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCluster, type Cluster } from './cluster'
import type { GroundName } from './ground'
import { runSeed } from './seed'

/** On SQLite three that follow one another have all faults. On Firestore a seed takes longer. */
const seeds: Record<GroundName, number[]> = { sqlite: [1, 2, 3], firestore: [1] }

describe.each(['sqlite', 'firestore'] as const)('three instances on %s while things break', (storage) => {
  let cluster: Cluster
  beforeAll(async () => { cluster = await openCluster({ people: 12, storage }) })
  afterAll(() => cluster.close())

  it.each(seeds[storage])('everything acknowledged is there, once, in one order, for everybody (seed %i)', async (seed) => {
    const { anomalies, acknowledged, applied } = await runSeed(cluster, seed)
    expect(anomalies).toEqual([])
    expect(acknowledged).toBeGreaterThan(100)
    expect(applied).toBeGreaterThan(acknowledged)
  }, 150_000)
})
