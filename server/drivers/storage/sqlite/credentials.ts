import type { Credentials } from '../../credentials'
import { openExisting } from './existing'
import { createPeopleReads } from './people'

/** Finds accounts in the SQLite file of a data folder, beside a server that may run. */
export default function openSqliteCredentials({ folder }: { folder: string }): Credentials {
  const db = openExisting(folder)
  const { credential } = createPeopleReads(db)
  return { credential, close: async () => { db.close() } }
}
