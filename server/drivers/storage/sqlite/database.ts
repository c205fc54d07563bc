import Database from 'better-sqlite3'
import { ChatError } from '#shared/errors'

export type Db = Database.Database

/** A name as it is searched and sorted: without regard to case. In SQL, too; one that migrations use, so it never changes. */
export const fold = (name: string) => name.normalize('NFKC').toLowerCase()

/**
 * Opens a connection with the settings that every connection of ours has: durable commits (the library's default is less), and deleted content
 * overwritten with zeros. `wait` is how long to wait for another process's lock, in milliseconds.
 */
export function openDatabase(file: string, { readonly = false, wait = 5_000, journal = 'WAL' }: { readonly?: boolean, wait?: number, journal?: 'WAL' | 'DELETE' } = {}): Db {
  const db = new Database(file, { readonly, timeout: wait })
  if (!readonly) db.pragma(`journal_mode = ${journal}`)
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('secure_delete = ON')
  db.pragma('temp_store = MEMORY')
  db.pragma('cache_size = -16384')
  db.function('fold', { deterministic: true }, fold)
  if (readonly) db.pragma('query_only = ON')
  return db
}

/** Errors of one statement and its values. Every other error of SQLite (full, locked, unreadable) is an outage. */
const ofOneItem = /^SQLITE_(?:CONSTRAINT|ERROR|MISMATCH|RANGE|TOOBIG)/

export const isOutage = (error: unknown): error is Database.SqliteError =>
  error instanceof Database.SqliteError && !ofOneItem.test(error.code)

export const unavailable = (cause?: unknown) =>
  Object.assign(new ChatError('unavailable', 'Chatly can\'t reach its storage right now. Try again in a moment.'), { cause })

/** Reads in one snapshot: `work` may run several statements. Rejects with `unavailable` when the file can't be read. */
export async function snapshot<T>(db: Db, work: () => T): Promise<T> {
  if (!db.open) throw unavailable()
  try {
    return db.transaction(work)()
  } catch (error) {
    throw isOutage(error) ? unavailable(error) : error
  }
}
