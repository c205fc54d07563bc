import { existsSync } from 'node:fs'
import { ChatError } from '#shared/errors'
import { type Db, openDatabase } from './database'
import { filesOf } from './files'
import { checkSchema, migrations, schemaVersion } from './schema'

/**
 * Opens the database of a data folder to read it, beside a server that may run.
 * @throws ChatError conflict where there is none, or it is not of this version
 */
export function openExisting(folder: string): Db {
  const { database } = filesOf(folder)
  if (!existsSync(database)) throw new ChatError('conflict', `There is no Chatly in ${folder}. Set CHATLY_DATA to its data folder.`)
  const db = openDatabase(database, { readonly: true })
  try {
    checkSchema(db)
    if (schemaVersion(db) !== migrations.length) throw new ChatError('conflict', `${database} was written by an older Chatly. Start this version once: it brings the database up to date.`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
