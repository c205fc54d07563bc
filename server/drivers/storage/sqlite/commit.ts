import { createAdminWrites } from './admin-writes'
import { createAppend, type Shared } from './append'
import { createAudit } from './audit'
import { createBegin } from './begin'
import { createChecks } from './checks'
import { type Db, isOutage } from './database'
import { createHeads } from './heads'
import { createJournal } from './journal'
import { createModerationWrites } from './moderation-writes'
import { createPeopleWrites } from './people-writes'
import type { Outcome, Request, WriteName, Writes, WriteTypes } from './requests'
import { createRoomWrites } from './room-writes'
import { createStandings } from './standings'

export interface Committer {
  /**
   * Commits the requests as one transaction, in order; the outcomes are true once it returns. A request that fails by itself leaves nothing and
   * does not touch its neighbours; an outage fails them all.
   */
  commit: (requests: readonly Request[]) => Outcome[]
  /** Removes the next slice of a deleted room. false: nothing is left to do. Throws on an outage. */
  sweep: () => boolean
  /** Highest `pos` that this process committed, or found there. */
  pos: () => number
  /** Whether content was taken out since the last call, so that a checkpoint is due. */
  erased: () => boolean
}

const failure = (error: unknown): Outcome =>
  ({ ok: false, outage: isOutage(error), message: error instanceof Error ? error.message : String(error) })

/** `origin`: this process among those that share the database, or null. `wait`: for another process that writes, ms. */
export function createCommitter(db: Db, { origin, wait }: { origin: string | null, wait: number }): Committer {
  const journal = createJournal(db, origin)
  const heads = createHeads(db)
  const standings = createStandings(db)
  const audit = createAudit(db)
  const shared: Shared = { heads, standings, journal, audit, checks: createChecks(db, heads, standings) }
  const append = createAppend(db, shared)
  const { sweep, ...rooms } = createRoomWrites(db, journal, audit)
  const touch = db.prepare('INSERT INTO meta (key, value) VALUES (\'checkedAt\', ?) ON CONFLICT DO UPDATE SET value = excluded.value')
  const writes: Writes = {
    append: items => items.map(append),
    ...rooms,
    ...createModerationWrites(db, shared),
    ...createPeopleWrites(db, { ...rooms, sweep }, journal, audit),
    ...createAdminWrites(db, journal, audit),
    check() { touch.run(String(Date.now())); return null }
  }
  const begin = createBegin(db, wait)
  const end = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const savepoint = db.prepare('SAVEPOINT request')
  const release = db.prepare('RELEASE request')
  const undo = db.prepare('ROLLBACK TO request')
  let erased = false

  function run<K extends WriteName>({ name, input }: Request<K>): WriteTypes[K]['out'] {
    // Appends know rooms from `heads`; the others look at the tables.
    if (name !== 'append') heads.flush()
    return writes[name](input)
  }

  /** One request with a way back of its own. */
  function guarded(request: Request): Outcome {
    const pos = journal.pos
    savepoint.run()
    try {
      const value = run(request)
      heads.flush()
      release.run()
      return { ok: true, value }
    } catch (error) {
      if (isOutage(error)) throw error
      heads.forget()
      undo.run()
      release.run()
      journal.pos = pos
      return failure(error)
    }
  }

  function transaction<T>(work: () => T): T {
    const pos = journal.pos
    journal.erased = false
    begin()
    try {
      const result = work()
      heads.flush()
      end.run()
      erased ||= journal.erased
      return result
    } catch (error) {
      heads.forget()
      journal.pos = pos
      // SQLite has already rolled back by itself after some errors, a full disk among them.
      if (db.inTransaction) rollback.run()
      throw error
    }
  }

  return {
    commit(requests) {
      const all = (one: (request: Request) => Outcome) => transaction(() => requests.map(one))
      try {
        return all(request => ({ ok: true, value: run(request) }))
      } catch (error) {
        if (isOutage(error) || requests.length === 1) return requests.map(() => failure(error))
      }
      // One of them is at fault. Again, each with a savepoint; that costs more, so only now.
      try {
        return all(guarded)
      } catch (error) {
        return requests.map(() => failure(error))
      }
    },
    sweep: () => transaction(sweep),
    pos: () => journal.pos,
    erased() {
      const was = erased
      erased = false
      return was
    }
  }
}
