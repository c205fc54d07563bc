import { describe, expect, it } from 'vitest'
import { runLocal } from './local'
import { plants } from './plants'

describe.concurrent('the checker', () => {
  it.each([1, 2])('finds nothing where nothing is wrong, and much has happened (seed %i)', async (seed) => {
    const { anomalies, acknowledged, applied } = await runLocal(seed)
    expect(anomalies).toEqual([])
    expect(acknowledged).toBeGreaterThan(20)
    expect(applied).toBeGreaterThan(acknowledged)
  }, 30_000)

  it.each(Object.entries(plants))('finds a planted bug: %s', async (_, plant) => {
    const { anomalies } = await runLocal(1, plant)
    expect(new Set(anomalies.map(({ rule }) => rule))).toContain(plant.rule)
  }, 30_000)
})
