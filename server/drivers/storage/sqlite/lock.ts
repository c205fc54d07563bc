import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { ChatError } from '#shared/errors'
import { filesOf } from './files'

/** `alone`: nobody else may have the folder. `shared`: others may, in the same way. */
export type LockMode = 'alone' | 'shared'

/** How long another process may take to start (it may be bringing a large database up to date), ms. */
const PATIENCE = 120_000

/**
 * Locks a data folder for this process; gives the way to let go, or null when another process is in the way. Only within `whileStarting`.
 * It is a lock of the kernel (SQLite's own, on an empty file), so it ends with the process, however that ends, and a restart takes over at once.
 */
export const tryLock = (folder: string, mode: LockMode): (() => void) | null => tryFile(filesOf(folder).lock, mode)

/**
 * Does `work` while no other process starts on this folder or asks who is there: processes that start at once do so one after another, and nobody takes
 * a look of another process for its presence.
 */
export async function whileStarting<T>(folder: string, work: () => T): Promise<T> {
  for (const since = performance.now(); ;) {
    const unlock = tryFile(filesOf(folder).start, 'alone')
    if (unlock) {
      try {
        return work()
      } finally {
        unlock()
      }
    }
    if (performance.now() - since > PATIENCE) throw new ChatError('conflict', `Another Chatly has been starting on this data folder (${folder}) for a long time. Look after it first.`)
    await delay(10 + Math.random() * 30)
  }
}

function tryFile(file: string, mode: LockMode): (() => void) | null {
  const db = new Database(file, { timeout: 0 })
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
  `Another Chatly already uses this data folder (${folder}). Stop it first; set REDIS_URL for all of them to run several, or CHATLY_SINGLE_INSTANCE=1 if you are sure that it is gone.`)
