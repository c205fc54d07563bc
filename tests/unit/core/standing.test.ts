import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Directory, Ports } from '../../../server/core/ports'
import { createStanding, type Standing } from '../../../server/core/standing'
import { testClock, type TestClock } from '../../support/ports'

let clock: TestClock
/** What the directory says of each subject; whoever is not here is disabled or deleted. */
let there: Map<string, string>
/** What storage keeps of each account. */
let stored: Map<string, { subject: string, secretHash: string }>
let asked: string[][]
let down: boolean
let standing: Standing
const end = vi.fn(async (_: string) => {})

beforeEach(() => {
  clock = testClock()
  there = new Map([['s-ann', '1'], ['s-bob', '1']])
  stored = new Map([['ann', { subject: 's-ann', secretHash: '1' }], ['bob', { subject: 's-bob', secretHash: '1' }]])
  asked = []
  down = false
  end.mockClear()
  const directory: Pick<Directory, 'marks'> = {
    async marks(subjects) {
      asked.push([...subjects])
      if (down) throw new Error('away')
      return new Map(subjects.flatMap(subject => there.has(subject) ? [[subject, there.get(subject)!]] : []))
    }
  }
  const storage = {
    credentialOf: async (_: string, user: string) => stored.get(user) ?? null,
    setSecret: async (_: string, user: string, secretHash: string) => { stored.get(user)!.secretHash = secretHash }
  }
  standing = createStanding({ storage, accounts: { directory }, clock } as unknown as Ports, end)
})

describe('standing', () => {
  it('holds while the directory says nothing else, and asks no more than every half minute', async () => {
    for (let turn = 0; turn < 5; turn++) expect(await standing.holds('ann')).toBe(true)
    expect(asked).toEqual([['s-ann']])
    clock.pass(31_000)
    expect(await standing.holds('ann')).toBe(true)
    expect(asked).toHaveLength(2)
    expect(end).not.toHaveBeenCalled()
  })

  it('ends with the account there, within half a minute of requests and at once where sockets are asked about', async () => {
    await Promise.all([standing.holds('ann'), standing.holds('bob')])
    there.delete('s-ann')
    expect(await standing.holds('ann'), 'an answer of just now').toBe(true)
    clock.pass(30_000)
    expect(await standing.holds('ann')).toBe(false)
    there.delete('s-bob')
    await standing.recheck(['ann', 'bob'])
    expect(end.mock.calls).toContainEqual(['bob'])
  })

  it('ends where everything of before was revoked, and holds again after a new sign-in', async () => {
    await standing.holds('ann')
    there.set('s-ann', '2')
    await standing.recheck(['ann'])
    expect(end.mock.calls).toEqual([['ann']])
    expect(stored.get('ann')?.secretHash).toBe('2')
    clock.pass(31_000)
    expect(await standing.holds('ann')).toBe(true)
    expect(end).toHaveBeenCalledTimes(1)
  })

  it('does not take a sign-in on another instance for a revocation', async () => {
    await standing.holds('ann')
    there.set('s-ann', '2')
    stored.get('ann')!.secretHash = '2'
    await standing.recheck(['ann'])
    expect(end).not.toHaveBeenCalled()
  })

  it('lets everybody go on while the directory is away, and leaves it alone for a while', async () => {
    down = true
    expect(await standing.holds('ann')).toBe(true)
    expect(await standing.holds('bob')).toBe(true)
    expect(asked).toHaveLength(1)
    down = false
    there.clear()
    clock.pass(31_000)
    expect(await standing.holds('ann')).toBe(false)
  })

  it('asks about many in one go, and about those who come meanwhile in the next', async () => {
    const first = standing.holds('ann')
    const others = Array.from({ length: 20 }, () => standing.holds('bob'))
    expect(await Promise.all([first, ...others])).not.toContain(false)
    expect(asked.flat().length).toBeLessThanOrEqual(3)
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('knows nothing of who has no account there', async () => {
    expect(await standing.holds('local')).toBe(true)
    expect(asked).toEqual([])
  })
})
