import { describe, expect, it } from 'vitest'
import createLocalAccounts from '../../server/drivers/accounts/local'
import { describeAccounts, type AccountsUnderTest } from './accounts'

const cheap = { ln: 10, r: 8, p: 1 }

function open(cost = cheap, rows: { user: string, subject: string, secretHash: string, verifiedAt: number | null, disabled: boolean }[] = []): AccountsUnderTest {
  const by = (field: 'user' | 'subject', value: string) => rows.find(row => row[field] === value) ?? null
  const accounts = createLocalAccounts({
    cost, concurrency: 2,
    storage: {
      credential: async (_, subject) => by('subject', subject),
      credentialOf: async (_, user) => by('user', user),
      setSecret: async (_, user, secretHash, { was } = {}) => {
        const found = rows.filter(row => row.user === user && (was === undefined || row.secretHash === was))
        for (const row of found) row.secretHash = secretHash
        return found.length > 0 ? [] : null
      }
    }
  })
  return {
    accounts,
    add: (user, subject, secretHash) => { rows.push({ user, subject, secretHash, verifiedAt: null, disabled: false }) },
    disable: user => rows.filter(row => row.user === user).forEach((row) => { row.disabled = true })
  }
}

describeAccounts('local', open)

describe('accounts: local', () => {
  it('hashes at the cost of production by default, in a form that says so', async () => {
    const accounts = createLocalAccounts({ storage: { credential: async () => null, credentialOf: async () => null, setSecret: async () => null } })
    expect(await accounts.hash('correct horse')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  })

  it('renews a hash of another cost when the password is next typed, and goes on taking it', async () => {
    const rows: Parameters<typeof open>[1] = []
    const before = open({ ln: 9, r: 8, p: 1 }, rows)
    before.add('ann', 'ann@example.org', await before.accounts.hash('correct horse'))
    const now = open(cheap, rows)
    await now.accounts.verify('ann@example.org', 'wrong')
    expect(rows[0]?.secretHash).toContain('ln=9')
    expect(await now.accounts.verify('ann@example.org', 'correct horse')).toEqual({ user: 'ann', secretHash: rows[0]?.secretHash })
    expect(rows[0]?.secretHash).toContain('ln=10')
    expect(await now.accounts.verifyOwn('ann', 'correct horse')).toBe(rows[0]?.secretHash)
  })

  it('says so when a stored hash is of an unknown form', async () => {
    const under = open()
    under.add('ann', 'ann@example.org', 'plain text')
    await expect(under.accounts.verify('ann@example.org', 'plain text')).rejects.toThrow('unknown form')
  })
})
