import { existsSync } from 'node:fs'
import { type Db, openDatabase } from './database'
import { settleEpoch } from './epoch'
import { filesOf, swapIn } from './files'
import { checkSchema, migrate } from './schema'

/**
 * Makes a data folder ready to be used: takes in a database that `chatly restore` left, brings the schema up to date, settles the epoch, which it gives.
 * `alone`: nobody else has the folder open, so that files may be moved.
 */
export function prepareFolder(folder: string, { alone, wait }: { alone: boolean, wait: number }): string {
  const files = filesOf(folder)
  if (alone && existsSync(files.restored)) swapIn(folder, files.restored, new Date())
  const db: Db = openDatabase(files.database, { wait })
  try {
    checkSchema(db)
    migrate(db)
    return settleEpoch(db, files.position)
  } finally {
    db.close()
  }
}
