import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Directory } from '../../../server/core/ports'
import createFirebaseAccounts from '../../../server/drivers/accounts/firebase'
import { startGoogle, type TestGoogle } from '../../support/google'

/** As in production: no emulator, real signatures, Google's own library. */
let google: TestGoogle
let directory: Directory
const seconds = () => Math.floor(Date.now() / 1000)

beforeAll(async () => {
  google = await startGoogle()
  directory = createFirebaseAccounts({ projectId: google.projectId, retries: [], cost: { ln: 10, r: 8, p: 1 } }).directory!
})
afterAll(() => google.close())
beforeEach(() => {
  google.users.clear()
  google.users.set('ann', { localId: 'ann', email: 'ann@example.org', emailVerified: true, validSince: '1000' })
})
afterEach(() => { google.broken = false })

const refusal = { code: 'unauthenticated', message: expect.stringContaining('Sign in again') as string }

describe('the verifier of production', () => {
  it('believes Google\'s signature', async () => {
    expect(await directory.prove(google.token())).toEqual({
      subject: 'ann', email: 'ann@example.org', emailVerified: true, name: null, by: 'password', signedInAt: expect.any(Number) as number, mark: '1000000'
    })
    expect(google.asked).toContain('GET www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com')
  })

  it.each([
    ['by another key', () => google.token({}, { stranger: true })], ['by a key that Google does not have', () => google.token({}, { header: { kid: 'other' } })],
    ['without a key\'s name', () => google.token({}, { header: { kid: undefined } })],
    ['not signed at all, as an emulator\'s', () => google.token({}, { header: { alg: 'none', kid: undefined } }).replace(/[^.]*$/, '')],
    ['by another algorithm', () => google.token({}, { header: { alg: 'HS256' } })], ['expired', () => google.token({ iat: seconds() - 5000, exp: seconds() - 1000 })],
    ['for another project', () => google.token({ aud: 'other' })], ['by another issuer', () => google.token({ iss: 'https://securetoken.google.com/other' })],
    ['without a subject', () => google.token({ sub: '' })], ['changed after it was signed', () => google.token().replace(/\.([^.]+)\./, (_, claims: string) => `.${claims.slice(0, -4)}AAAA.`)],
    ['of nobody', () => google.token({ sub: 'nobody' })], ['malformed', () => 'a.b.c'], ['empty', () => '']
  ])('refuses a token %s', async (_, token) => {
    await expect(directory.prove(token())).rejects.toMatchObject(refusal)
  })

  it('refuses a token that was revoked since, by asking', async () => {
    const token = google.token()
    google.users.set('ann', { localId: 'ann', validSince: String(seconds() + 10) })
    await expect(directory.prove(token)).rejects.toMatchObject(refusal)
  })

  it('refuses whoever is disabled, by asking', async () => {
    google.users.set('ann', { localId: 'ann', validSince: '1000', disabled: true })
    await expect(directory.prove(google.token())).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('disabled') as string })
  })

  it('tells of those who are there and not disabled, a hundred with each question', async () => {
    const names = Array.from({ length: 150 }, (_, turn) => `person-${turn}`)
    for (const localId of names) google.users.set(localId, { localId, validSince: '2000' })
    google.users.set('person-3', { localId: 'person-3', disabled: true })
    google.users.delete('person-4')
    google.asked.length = 0
    const marks = await directory.marks(names)
    expect(marks.size).toBe(148)
    expect(marks.get('person-0')).toBe('2000000')
    expect(google.asked.filter(line => line.endsWith('accounts:lookup'))).toHaveLength(2)
  })
})

describe('Google that does not answer', () => {
  it('is no token\'s fault: keys that can\'t be had, and users that can\'t be asked for', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
    try {
      const fresh = createFirebaseAccounts({ projectId: 'prod-unseen', patience: { signIn: 1_500, marks: 500 } }).directory!
      google.broken = true
      const token = google.token({ aud: 'prod-unseen', iss: 'https://securetoken.google.com/prod-unseen' })
      await expect(fresh.prove(token)).rejects.toMatchObject({ code: 'unavailable', retryAfter: expect.any(Number) as number })
      await expect(fresh.marks(['ann'])).rejects.toMatchObject({ code: 'unavailable' })
      expect(logged.mock.calls.flat()).toEqual([expect.stringMatching(/^\[firebase\] Firebase Authentication can't be asked: \S+/)])
      expect(logged.mock.calls.flat().join()).not.toContain(token)
    } finally {
      logged.mockRestore()
    }
  })
})
