import { describe, expect, it } from 'vitest'
import type { Accounts } from '../../server/core/ports'

export interface AccountsUnderTest {
  accounts: Accounts
  /** Lets somebody in by the hash of their password. */
  add: (user: string, email: string, secretHash: string) => void
  disable: (user: string) => void
}

/** What every keeper of accounts must do. */
export function describeAccounts(name: string, open: () => AccountsUnderTest): void {
  describe(`accounts: ${name}`, () => {
    const withAnn = async () => {
      const under = open()
      const secretHash = await under.accounts.hash('correct horse')
      under.add('ann', 'ann@example.org', secretHash)
      return { ...under, secretHash }
    }

    it('knows a person by their password, and nobody by another', async () => {
      const { accounts, secretHash } = await withAnn()
      expect(await accounts.verify('ann@example.org', 'correct horse')).toEqual({ user: 'ann', secretHash })
      expect(await accounts.verify('ann@example.org', 'correct horsf')).toBeNull()
      expect(await accounts.verify('ann@example.org', '')).toBeNull()
      expect(await accounts.verify('nobody@example.org', 'correct horse')).toBeNull()
    })

    it('asks a signed-in person for their own password', async () => {
      const { accounts, secretHash } = await withAnn()
      expect(await accounts.verifyOwn('ann', 'correct horse')).toBe(secretHash)
      expect(await accounts.verifyOwn('ann', 'wrong')).toBeNull()
      expect(await accounts.verifyOwn('nobody', 'correct horse')).toBeNull()
    })

    it('tells whether a password made a hash that is no account\'s', async () => {
      const { accounts } = open()
      const secretHash = await accounts.hash('correct horse')
      expect(await accounts.matches(secretHash, 'correct horse')).toBe(true)
      expect(await accounts.matches(secretHash, 'correct horsf')).toBe(false)
      expect(await accounts.matches(secretHash, '')).toBe(false)
    })

    it('does not let a disabled account in, and tells only who knows its password', async () => {
      const { accounts, disable } = await withAnn()
      disable('ann')
      await expect(accounts.verify('ann@example.org', 'correct horse')).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('disabled') as string })
      expect(await accounts.verify('ann@example.org', 'correct horsf')).toBeNull()
    })

    it('makes a different hash each time, which does not hold the password', async () => {
      const { accounts } = open()
      const [a, b] = [await accounts.hash('correct horse'), await accounts.hash('correct horse')]
      expect(a).not.toBe(b)
      expect(a).not.toContain('correct horse')
    })

    it('takes passwords of any script, however the keyboard composes them', async () => {
      const { accounts, add } = open()
      add('zoe', 'zoe@example.org', await accounts.hash('caf\u00E9 日本語 🔑'))
      expect(await accounts.verify('zoe@example.org', 'cafe\u0301 日本語 🔑')).toMatchObject({ user: 'zoe' })
    })

    it('takes as long for an unknown address as for a wrong password', async () => {
      const { accounts } = await withAnn()
      const times: Record<string, number[]> = { 'ann@example.org': [], 'nobody@example.org': [] }
      for (let i = 0; i < 11; i++) {
        for (const [email, list] of Object.entries(times)) {
          // The processor's time, which other work on this machine does not change.
          const before = process.cpuUsage()
          await accounts.verify(email, 'wrong')
          const { user, system } = process.cpuUsage(before)
          list.push(user + system)
        }
      }
      const [known = 0, unknown = 0] = Object.values(times).map(list => list.sort((a, b) => a - b)[5])
      expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(1.5)
    })

    it('turns away those whom the queue has no place for, with a wait, and serves the others', async () => {
      const { accounts } = open()
      const known = await accounts.hash('correct horse')
      const results = await Promise.allSettled(Array.from({ length: 60 }, (_, turn) => turn % 2 ? accounts.hash('correct horse') : accounts.matches(known, 'correct horse')))
      const refused = results.flatMap(result => result.status === 'rejected' ? [result.reason] : [])
      expect(refused).toHaveLength(8)
      for (const error of refused) expect(error).toMatchObject({ code: 'unavailable', retryAfter: expect.any(Number) })
      expect(await accounts.hash('correct horse')).toEqual(expect.any(String))
    })
  })
}
