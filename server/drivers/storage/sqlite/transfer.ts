import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs'
import { ChatError } from '#shared/errors'
import type { Entry } from '#shared/export'
import type { Transfer } from '../../../core/transfer'
import { type Db, openDatabase } from './database'
import { stampEpoch } from './epoch'
import { openExisting } from './existing'
import { filesOf } from './files'
import { tryLock, whileStarting } from './lock'
import { adoptRestored } from './prepare'
import { checkSchema, migrate, schemaVersion } from './schema'
import { readEverything } from './transfer-read'
import { createEntryWrites } from './transfer-write'

/** How far an import is: of which export, and how many of its entries. */
interface Mark { of: string, entries: number }

/**
 * Moves everything out of or into the SQLite file of a data folder. Reading is one transaction, beside a server that runs. What is taken in grows in a file of its
 * own, which takes the place of the database in the end.
 */
export default function openSqliteTransfer({ folder }: { folder: string }): Transfer {
  const files = filesOf(folder)
  let importing: Db | null = null
  let unlock: (() => void) | null = null

  async function* read(): AsyncGenerator<Entry, void> {
    if (importing) return yield* inSnapshot(importing)
    const db = openExisting(folder)
    try {
      yield* inSnapshot(db)
    } finally {
      db.close()
    }
  }

  return {
    slice: 2_000,
    read,
    async begin(sha256) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      unlock = await whileStarting(folder, () => enterAlone(folder))
      closeSync(openSync(files.imported, 'a', 0o600))
      importing = openDatabase(files.imported, { journal: 'DELETE' })
      checkSchema(importing)
      migrate(importing)
      const mark = readMark(importing)
      if (mark && mark.of !== sha256) {
        throw new ChatError('conflict', `The import of another file into ${folder} is not finished. Finish it with that file, or remove ${files.imported} to start anew.`)
      }
      if (!mark) writeMark(importing, { of: sha256, entries: 0 })
      return mark?.entries ?? 0
    },
    async write(entries, done) {
      const db = opened(importing)
      const mark = readMark(db)
      if (mark?.entries !== done) throw new ChatError('conflict', `Somebody else imports into ${folder}.`)
      const write = createEntryWrites(db)
      db.transaction(() => {
        for (const entry of entries) write(entry)
        writeMark(db, { ...mark, entries: done + entries.length })
      }).immediate()
    },
    async finish() {
      const db = opened(importing)
      stampEpoch(db)
      db.close()
      importing = null
      // The mark goes with it: aborted before this, the import begins where it is, at the end.
      renameSync(files.imported, files.restored)
      await whileStarting(folder, () => adoptRestored(folder))
    },
    async close() {
      importing?.close()
      unlock?.()
    }
  }
}

/** Locks a folder that no server uses and in which there is nobody yet; gives the way to let go. */
function enterAlone(folder: string): () => void {
  const unlock = tryLock(folder, 'alone')
  if (!unlock) throw new ChatError('conflict', `Chatly is running on this data folder (${folder}). Stop it first.`)
  try {
    adoptRestored(folder)
    const { database } = filesOf(folder)
    if (existsSync(database) && !isEmpty(database)) throw new ChatError('conflict', `There is a Chatly with people in ${folder} already. Set CHATLY_DATA to a new folder.`)
    return unlock
  } catch (error) {
    unlock()
    throw error
  }
}

/** Whether nobody was ever there: a server may have been started once. */
function isEmpty(database: string): boolean {
  const db = openDatabase(database, { readonly: true })
  try {
    checkSchema(db)
    const tables = ['users', 'rooms', 'events']
    return schemaVersion(db) === 0 || tables.every(table => db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() === undefined)
  } finally {
    db.close()
  }
}

function* inSnapshot(db: Db): Generator<Entry, void> {
  db.exec('BEGIN')
  try {
    yield* readEverything(db)
  } finally {
    db.exec('COMMIT')
  }
}

function opened(db: Db | null): Db {
  if (!db) throw new Error('the import has not begun')
  return db
}

function readMark(db: Db): Mark | null {
  const found = db.prepare<[], string>('SELECT value FROM meta WHERE key = \'import\'').pluck().get()
  return found === undefined ? null : JSON.parse(found)
}

function writeMark(db: Db, mark: Mark): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (\'import\', ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(JSON.stringify(mark))
}
