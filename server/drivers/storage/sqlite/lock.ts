import Database from 'better-sqlite3'
import { ChatError } from '#shared/errors'
import { filesOf } from './files'

/** `alone`: nobody else may have the folder. `shared`: others may, in the same way. */
export type LockMode = 'alone' | 'shared'

/**
 * Locks a data folder for this process; gives the way to let go, or null when another process is in the way. It is a lock of the kernel (SQLite's own,
 * on an empty file), so it ends with the process, however that ends, and a restart takes over at once.
 */
export function tryLock(folder: string, mode: LockMode): (() => void) | null {
  const db = new Database(filesOf(folder).lock, { timeout: 0 })
  try {
    // Nothing is ever written, so there is nothing to undo: no second file.
    db.pragma('journal_mode = MEMORY')
    db.exec(mode === 'alone' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_schema')
  } catch (error) {
    db.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return null
    throw error
  }
  return () => { db.close() }
}

export const refused = (folder: string) => new ChatError('conflict',
  `Another Chatly already uses this data folder (${folder}). Stop it first; set REDIS_URL to run several, or CHATLY_SINGLE_INSTANCE=1 if you are sure that it is gone.`)
