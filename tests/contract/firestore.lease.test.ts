import { setTimeout as pass } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Storage } from '../../server/core/ports'
import openFirestore from '../../server/drivers/storage/firestore'
import type { LeaseOptions } from '../../server/drivers/storage/firestore/lease'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { account } from '../support/storage'

/** A process without Redis has the database for itself; those with Redis have it together. */

const isOurs = !process.env.FIRESTORE_EMULATOR_JAR
const REFUSED = /^Another Chatly already uses this database \(of the project [\w-]+\)\. Stop it first; set REDIS_URL .*CHATLY_SINGLE_INSTANCE=1/
const [RENEW, LASTS] = [200, 1_500]
let firestore: TestFirestore
let projectId: string
const opened: Storage[] = []
const trouble: string[] = []

beforeAll(async () => { firestore = await startFirestore() }, 60_000)
afterAll(() => firestore.stop())
beforeEach(() => {
  projectId = firestore.project()
  trouble.length = 0
})
afterEach(async () => {
  if (isOurs) await firestore.fail(projectId, [])
  await Promise.all(opened.splice(0).map(storage => storage.close()))
})

async function open(lease: Partial<LeaseOptions> = {}): Promise<Storage> {
  const alone = (lease.mode ?? 'hold') === 'hold'
  const storage = await openFirestore({
    projectId, several: !alone, deadline: 5_000, onTrouble: error => trouble.push(error.message), lease: { mode: 'hold', renew: RENEW, lasts: LASTS, onWait: () => {}, ...lease }
  })
  opened.push(storage)
  return storage
}
const took = async (work: Promise<unknown>) => {
  const since = performance.now()
  await work
  return performance.now() - since
}
/** As of a process that was killed: it never renews, and never lets go. */
const killed = () => open({ renew: 3_600_000 })

describe('while a process has the database', () => {
  it('another one is refused in one line as soon as it is heard, and it serves on', async () => {
    const first = await open()
    const error = await open().catch((error: Error) => error)
    expect(error).toMatchObject({ code: 'conflict', message: expect.stringMatching(REFUSED) as string })
    expect(String(error)).not.toContain('\n')
    expect(await first.createAccount(account())).toBe(true)
  })

  it('so is one with Redis, and one that was told to start all the same starts', async () => {
    await open()
    await expect(open({ mode: 'share' })).rejects.toThrow(REFUSED)
    await (await open({ mode: 'none' })).check()
  })

  it('it keeps it for as long as it runs', async () => {
    const lost = vi.fn()
    await open({ onLost: lost })
    await expect(took(open())).rejects.toThrow(REFUSED)
    await pass(LASTS + 500)
    await expect(open()).rejects.toThrow(REFUSED)
    expect(lost).not.toHaveBeenCalled()
  })
})

describe('while several that have Redis share the database', () => {
  const three = () => Promise.all([open({ mode: 'share' }), open({ mode: 'share' }), open({ mode: 'share' })])

  it('one without Redis is refused in one line as soon as one of them is heard', async () => {
    await three()
    await expect(open()).rejects.toThrow(REFUSED)
  })

  it('it stays theirs while one of them is left', async () => {
    const [first, second] = await three()
    await Promise.all([first.close(), second.close()])
    await pass(LASTS + 500)
    await expect(open()).rejects.toThrow(REFUSED)
  })

  it('one without Redis comes in when the last of them has been gone for long enough', async () => {
    await Promise.all((await three()).map(storage => storage.close()))
    expect(await took(open())).toBeLessThan(LASTS + 10_000)
  })

  it.runIf(isOurs)('it is renewed once for all of them', async () => {
    await three()
    await firestore.forgetCounts(projectId)
    const reads = async () => (await firestore.counts(projectId)).reads
    await vi.waitFor(async () => expect(await reads()).toBeGreaterThanOrEqual(15), { timeout: 10_000, interval: 10 })
    const { reads: looks, writes } = await firestore.counts(projectId)
    expect(writes / looks).toBeLessThan(0.5)
  })

  it('one of them that lost it to another in an outage hears of that', async () => {
    const lost = vi.fn()
    await open({ mode: 'share', renew: LASTS * 4, onLost: lost })
    await open()
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), { timeout: 15_000 })
  })
})

describe('after a process has ended', () => {
  it('in order, the next one comes in at once', async () => {
    const first = await open()
    await first.close()
    await open({ onWait: () => expect.fail('nobody is there') })
  })

  it('by a kill, the next one waits until the lease has run out, says so, and comes in', async () => {
    await killed()
    const waits: number[] = []
    const waited = await took(open({ onWait: most => waits.push(most) }))
    expect(waits).toEqual([expect.any(Number)])
    expect(waits[0]).toBeLessThanOrEqual(LASTS)
    expect(waited).toBeLessThan(LASTS + 10_000)
    expect(waited).toBeGreaterThan(waits[0]! - 200)
  })

  it('one of two that wait comes in', async () => {
    await killed()
    const both = await Promise.allSettled([open(), open()])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const one of both) if (one.status === 'rejected') expect(one.reason).toMatchObject({ message: expect.stringMatching(REFUSED) as string })
  })
})

describe.runIf(isOurs)('an outage', () => {
  it('that ends: nobody came meanwhile, and it goes on', async () => {
    const lost = vi.fn()
    await open({ onLost: lost })
    await firestore.fail(projectId, [{ method: 'Commit', when: 'before', code: 14, times: 10_000 }])
    await pass(LASTS * 1.5)
    await firestore.fail(projectId, [])
    await pass(3_000)
    await expect(open()).rejects.toThrow(REFUSED)
    expect(lost).not.toHaveBeenCalled()
  })

  it('in which another one came: it hears of that, and the log says it in one line', async () => {
    const lost = vi.fn()
    await open({ renew: LASTS * 4, onLost: lost })
    await open()
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1), { timeout: 15_000 })
    expect(trouble).toEqual([expect.stringMatching(/^Firestore: another Chatly has taken this database over/)])
  })
})

it.runIf(isOurs)('costs one read and one write each time', async () => {
  await open({ renew: 300 })
  const commits = async () => (await firestore.counts(projectId)).commits
  const before = await commits()
  // Between two of them, and all that belongs to the start is over.
  await vi.waitFor(async () => expect(await commits()).toBeGreaterThan(before), { timeout: 10_000, interval: 10 })
  await firestore.forgetCounts(projectId)
  await vi.waitFor(async () => {
    const { commits: times, ...counts } = await firestore.counts(projectId)
    expect(times).toBeGreaterThanOrEqual(3)
    // Not so for a moment in each, between its read and its write.
    expect(counts).toMatchObject({ reads: times, writes: times, queries: {} })
  }, { timeout: 10_000, interval: 10 })
})
