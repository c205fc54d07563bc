import { describe, expect, it } from 'vitest'
import createMemoryCoordination from '../../../server/drivers/coordination/memory'
import { testClock } from '../../support/ports'

describe('one-time marks in memory', () => {
  it('are refused when there are too many, rather than forgotten and used twice', async () => {
    const clock = testClock()
    const coordination = createMemoryCoordination({ clock, maxMarks: 3 })
    for (const mark of ['a', 'b', 'c']) expect(await coordination.once(mark, 1000)).toBe(true)
    await expect(coordination.once('d', 1000)).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1000 })
    expect(await coordination.once('a', 1000)).toBe(false)
    clock.pass(1000)
    expect(await coordination.once('d', 1000)).toBe(true)
    expect(await coordination.once('a', 1000)).toBe(true)
  })

  it('keep theirs through many sweeps', async () => {
    const clock = testClock()
    const coordination = createMemoryCoordination({ clock })
    expect(await coordination.once('kept', 1_000_000)).toBe(true)
    for (let i = 0; i < 20_000; i++) {
      clock.pass(1)
      expect(await coordination.once(`mark${i}`, 100)).toBe(true)
    }
    expect(await coordination.once('kept', 1)).toBe(false)
  })
})

describe('a presence listener', () => {
  it('that throws does not stop the others', async () => {
    const errors: unknown[] = []
    const coordination = createMemoryCoordination({ onError: error => errors.push(error) })
    coordination.onPresence(() => { throw new Error('broken') })
    const told = new Promise(resolve => coordination.onPresence(resolve))
    coordination.enter('lobby', 'ann')
    expect(await told).toMatchObject({ room: 'lobby', joined: ['ann'] })
    expect(errors).toEqual([new Error('broken')])
    await coordination.close()
  })
})
