import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { checkSchema } from '../server/drivers/storage/sqlite/schema'
import { report } from './progress'

/** Pages copied between two looks at the progress. */
const STEP = 1_000

/** The data folder that the environment names. */
export const dataFolder = (): string => process.env.CHATLY_DATA?.trim() || './data'

/**
 * Copies the database `from` into the new file `to`, as it is at this moment, whoever writes to it meanwhile, and checks the copy: it is whole, and
 * ours. On any failure nothing is left of it. The copy is a single file, readable by its owner only.
 */
export async function copyDatabase(from: string, to: string, label: string): Promise<void> {
  const source = new Database(from, { readonly: true, fileMustExist: true })
  discard(to)
  try {
    checkSchema(source)
    // One snapshot to the end: a copy that follows a busy writer would start over and over.
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    closeSync(openSync(to, 'wx', 0o600))
    await source.backup(to, { progress: ({ totalPages, remainingPages }) => { report(label, totalPages - remainingPages, totalPages); return STEP } })
    report(label, 1, 1)
    checkCopy(to, from)
  } catch (error) {
    discard(to)
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB') throw new Error(`${from} is not a database of Chatly.`, { cause: error })
    throw error
  } finally {
    source.close()
  }
}

function checkCopy(file: string, from: string): void {
  const copy = new Database(file)
  try {
    // A single file, so that it can be moved and opened anywhere.
    copy.pragma('journal_mode = DELETE')
    checkSchema(copy)
    const found = copy.pragma('integrity_check(1)', { simple: true })
    if (found !== 'ok') throw new Error(`${from} is damaged: ${String(found).replaceAll('\n', ' ')}`)
  } finally {
    copy.close()
  }
}

function discard(file: string): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) if (existsSync(file + suffix)) rmSync(file + suffix)
}
