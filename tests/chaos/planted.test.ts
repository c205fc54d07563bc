import { describe, expect, it } from 'vitest'
import { runLocal } from './local'
import { plants } from './plants'

/** Tried for each planted bug at most. */
const SEEDS = 5

describe.concurrent('the checker', () => {
  it.each([1, 2])('finds nothing where nothing is wrong, and much has happened (seed %i)', async (seed) => {
    const { anomalies, acknowledged, applied } = await runLocal(seed)
    expect(anomalies).toEqual([])
    expect(acknowledged).toBeGreaterThan(20)
    expect(applied).toBeGreaterThan(acknowledged)
  }, 120_000)

  // What a run does not come across, it can't report: another seed, then. Most are found by the first.
  it.each(Object.entries(plants))('finds a planted bug: %s', async (_, plant) => {
    const rules = new Set<string>()
    for (let seed = 1; seed <= SEEDS && !rules.has(plant.rule); seed++) {
      for (const { rule } of (await runLocal(seed, plant)).anomalies) rules.add(rule)
    }
    expect(rules).toContain(plant.rule)
  }, 240_000)
})
