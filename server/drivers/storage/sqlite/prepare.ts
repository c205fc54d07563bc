import { closeSync, existsSync, openSync } from 'node:fs'
import { type Db, openDatabase } from './database'
import { epochOf, highestPos, resetSidecar, settleEpoch } from './epoch'
import { filesOf, swapIn } from './files'
import { checkSchema, migrate } from './schema'

/**
 * Makes a data folder ready to be used: takes in a database that `chatly restore` left, brings the schema up to date, settles the epoch, which it gives.
 * `alone`: nobody else has the folder open, so that files may be moved.
 */
export function prepareFolder(folder: string, { alone, wait }: { alone: boolean, wait: number }): string {
  const files = filesOf(folder)
  if (alone) adoptRestored(folder)
  // Password hashes are in it: for its owner only, wherever the folder is. SQLite gives its other files the same mode.
  closeSync(openSync(files.database, 'a', 0o600))
  const db: Db = openDatabase(files.database, { wait })
  try {
    checkSchema(db)
    migrate(db)
    return settleEpoch(db, files.position)
  } finally {
    db.close()
  }
}

/**
 * Puts the database that `chatly restore` left in the place of the current one; gives the path of what was there, or null. Only while nobody has the
 * folder open. Interrupted halfway, it is completed at the next start.
 */
export function adoptRestored(folder: string): string | null {
  const files = filesOf(folder)
  if (!existsSync(files.restored)) return null
  const kept = swapIn(folder, files.restored, new Date())
  const db = openDatabase(files.database)
  const epoch = epochOf(db)
  if (epoch !== null) resetSidecar(files.position, epoch, highestPos(db))
  db.close()
  return kept
}
