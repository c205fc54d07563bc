import type { Audit } from '../../../core/ports'
import type { Db } from './database'

/** Writes down who did what, inside the current transaction. `room`: null for the site. */
export function createAudit(db: Db) {
  const insert = db.prepare('INSERT INTO audit (room, at, action, by, target, detail) VALUES (?, ?, ?, ?, ?, ?)')
  return ({ room, by, at, action, target, detail }: Audit & { room: string | null, by: string, at: number }): void => {
    insert.run(room, at, action, by, target, detail)
  }
}

export type WriteAudit = ReturnType<typeof createAudit>
