import type { Ports } from './ports'

/** For how long an answer of the directory holds, ms. Whoever has a socket open is asked about every heartbeat, so that none of their requests waits. */
const HOLDS = 30_000
/** How long the directory is left alone after it could not be reached, ms: nobody should wait for it again and again. */
const PAUSE = 15_000
/** After this time without a question about somebody nothing is kept of them, ms. */
const FORGET = 10 * 60_000

/** Whether people whose accounts are kept elsewhere may go on: not after their account was disabled or deleted there, or what they were signed in to was revoked. */
export interface Standing {
  /** Asks again where the last answer is old. false: their sessions were ended. While the directory can't be reached everybody goes on. */
  holds: (user: string) => Promise<boolean>
  /** Asks about all of them, in one go. */
  recheck: (users: readonly string[]) => Promise<void>
}

/** `subject` is null for somebody whom the directory does not know, such as one with an account of the time before there was one. */
interface Known { subject: string | null, mark: string, asked: number, used: number }

export function createStanding({ storage, accounts: { directory }, clock }: Ports, end: (user: string) => Promise<unknown>): Standing {
  if (!directory) return { holds: async () => true, recheck: async () => {} }

  const known = new Map<string, Known>()
  let waiting: { users: Set<string>, answer: Promise<ReadonlySet<string>> } | null = null
  let running: Promise<unknown> = Promise.resolve()
  let failed = -Infinity

  const recall = async (user: string): Promise<Known> => {
    const before = known.get(user)
    if (before?.subject) return before
    const found = await storage.credentialOf('firebase', user)
    const now = { subject: found?.subject ?? null, mark: found?.secretHash ?? '', asked: -Infinity, used: clock.now() }
    known.set(user, now)
    return now
  }

  /** null: it can't be reached. */
  const marksOf = async (subjects: readonly string[], now: number): Promise<ReadonlyMap<string, string> | null> => {
    if (subjects.length === 0) return new Map()
    if (Math.abs(now - failed) < PAUSE) return null
    return directory.marks(subjects).catch(() => {
      failed = now
      return null
    })
  }

  /** Another mark than the one we know: it may be that they have signed in again since, perhaps on another instance. */
  const isNews = async (user: string, mark: string): Promise<boolean> => {
    const stored = await storage.credentialOf('firebase', user)
    return stored !== null && stored.secretHash !== mark
  }

  /** Gives those whose sessions were ended. */
  const ask = async (users: readonly string[]): Promise<ReadonlySet<string>> => {
    const ended = new Set<string>()
    const asked = clock.now()
    const people = await Promise.all(users.map(async user => ({ user, person: await recall(user) })))
    const marks = await marksOf(people.flatMap(({ person }) => person.subject ?? []), asked)
    await Promise.all(people.map(async ({ user, person }) => {
      person.asked = asked
      if (person.subject === null || marks === null) return
      const mark = marks.get(person.subject)
      if (mark === person.mark) return
      if (mark === undefined || await isNews(user, mark)) {
        ended.add(user)
        await end(user)
      }
      if (mark === undefined) return void known.delete(user)
      if (ended.has(user)) await storage.setSecret('firebase', user, mark)
      person.mark = mark
    }))
    forget(asked)
    return ended
  }

  const forget = (now: number) => {
    for (const [user, { used }] of known) if (now - used > FORGET) known.delete(user)
  }

  /** One question at a time: whoever comes meanwhile is in the next. */
  const askTogether = (users: readonly string[]): Promise<ReadonlySet<string>> => {
    if (!waiting) {
      const batch = new Set<string>()
      const answer = running.then(() => {
        waiting = null
        return ask([...batch])
      })
      waiting = { users: batch, answer }
      running = answer.catch(() => {})
    }
    for (const user of users) waiting.users.add(user)
    return waiting.answer
  }

  const use = (user: string): Known | undefined => {
    const person = known.get(user)
    if (person) person.used = clock.now()
    return person
  }

  return {
    async holds(user) {
      const person = use(user)
      if (person && Math.abs(clock.now() - person.asked) < HOLDS) return true
      return !(await askTogether([user])).has(user)
    },

    async recheck(users) {
      if (users.length === 0) return
      for (const user of users) use(user)
      await askTogether(users)
    }
  }
}
