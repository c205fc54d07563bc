import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCluster, type Cluster } from './cluster'
import { runSeed } from './seed'

let cluster: Cluster
beforeAll(async () => { cluster = await openCluster({ people: 12 }) })
afterAll(() => cluster.close())

// Three that follow one another have all faults.
it.each([1, 2, 3])('three instances while things break: everything acknowledged is there, once, in one order, for everybody (seed %i)', async (seed) => {
  const { anomalies, acknowledged, applied } = await runSeed(cluster, seed)
  expect(anomalies).toEqual([])
  expect(acknowledged).toBeGreaterThan(100)
  expect(applied).toBeGreaterThan(acknowledged)
})
