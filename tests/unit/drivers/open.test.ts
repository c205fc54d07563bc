import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDrivers, type DriverConfig } from '../../../server/drivers'
import { addressOf } from '../../support/redis'

let folder: string
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'chatly-')) })
afterAll(() => rm(folder, { recursive: true, force: true }))
const config = (change: Partial<DriverConfig> = {}): DriverConfig =>
  ({
    storage: 'sqlite', accounts: 'local', secret: 'a secret of at least sixteen characters', dataFolder: folder, singleInstanceOverride: false, origins: [], smtpUrl: null, mailFrom: null,
    google: null, firebase: null, redis: null, ...change
  })

describe('openDrivers', () => {
  it('opens the embedded ones', async () => {
    const { storage, bus, coordination, clock, close } = await openDrivers(config())
    await storage.check()
    expect(await coordination.once('x', 10)).toBe(true)
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000)
    expect(bus.state()).toBe('up')
    await close()
    await expect(storage.check()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('opens mail and Google where they are set, and asks neither for anything', async () => {
    const none = await openDrivers(config())
    expect([none.post, none.provider]).toEqual([null, null])
    await none.close()
    const { post, provider, close } = await openDrivers(config({
      smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'chat@example.org', origins: ['https://chat.example.org', 'http://chat.lan'],
      google: { clientId: 'id', clientSecret: 'secret', issuer: 'http://127.0.0.1:9' }
    }))
    expect(post?.origin).toBe('https://chat.example.org')
    expect(provider).not.toBeNull()
    await close()
  })

  it('opens those of many instances without waiting for Redis', async () => {
    const { storage, bus, coordination, close } = await openDrivers(config({ redis: addressOf('redis://127.0.0.1:1') }))
    await storage.check()
    expect(bus.state()).toBe('starting')
    expect(await coordination.once('x', 10)).toBe(true)
    await close()
  })

  it.each([
    [config({ storage: 'firestore' }), /^FIREBASE_PROJECT_ID/],
    [config({ accounts: 'firebase' }), /^FIREBASE_PROJECT_ID/]
  ])('names the variable of a driver that is not there, in one line (%#)', async (wrong, text) => {
    wrong.dataFolder = join(folder, 'never')
    const error = await openDrivers(wrong).catch((error: Error) => error)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ message: expect.stringMatching(text) })
    expect(String(error)).not.toContain('\n')
  })
})
