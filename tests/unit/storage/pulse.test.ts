import { expect, it, vi } from 'vitest'
import { createPulse } from '../../../server/drivers/storage/pulse'

let now = 0
const pulseOf = (take: () => Promise<void>) => createPulse(take, 1_000, () => now)

it('a thousand who ask at once, and those of the next second, are one check', async () => {
  const take = vi.fn(async () => {})
  const check = pulseOf(take)
  await Promise.all(Array.from({ length: 1_000 }, check))
  now += 999
  await check()
  expect(take).toHaveBeenCalledTimes(1)
  now += 1
  await check()
  expect(take).toHaveBeenCalledTimes(2)
})

it('a failure is told to all who wait for it, and remembered for nobody', async () => {
  const take = vi.fn(async () => {}).mockRejectedValueOnce(new Error('full'))
  const check = pulseOf(take)
  const asked = await Promise.allSettled(Array.from({ length: 10 }, check))
  expect(asked.map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
  await check()
  expect(take).toHaveBeenCalledTimes(2)
})

it('a storage that has just failed says so as soon as the success before is a second old', async () => {
  const take = vi.fn(async () => {})
  const check = pulseOf(take)
  await check()
  take.mockRejectedValue(new Error('full'))
  await check()
  now += 1_000
  await expect(check()).rejects.toThrow('full')
})
