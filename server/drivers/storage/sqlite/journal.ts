import type { Control } from '../../../core/ports'
import type { Db } from './database'
import { highestPos } from './epoch'

/** What the open transaction has done; taken back with it. */
export interface Journal {
  /** Highest `pos` given out. */
  pos: number
  /** Whether content was taken out. */
  erased: boolean
  /** Leaves a control for other processes, in the same commit as what it speaks of. */
  note: (control: Control) => void
}

/** Controls that are kept. At the busiest (everybody reads along) this is many seconds; a process that looks later is told that it missed some. */
const KEEP = 20_000
const TRIM_EVERY = 1_000

/** `origin`: this process among those that share the storage; null where there can be no other, and nobody to leave controls for. */
export function createJournal(db: Db, origin: string | null): Journal {
  const insert = db.prepare('INSERT INTO controls (origin, json) VALUES (?, ?)')
  const trim = db.prepare('DELETE FROM controls WHERE pos <= ?')
  return {
    pos: highestPos(db),
    erased: false,
    note(control) {
      if (origin === null) return
      const pos = Number(insert.run(origin, JSON.stringify(control)).lastInsertRowid)
      if (pos % TRIM_EVERY === 0) trim.run(pos - KEEP)
    }
  }
}
