import { existsSync } from 'node:fs'
import { email } from '#shared/schemas'
import { makeResetToken } from '../server/core/reset'
import { openDatabase } from '../server/drivers/storage/sqlite/database'
import { filesOf } from '../server/drivers/storage/sqlite/files'
import { loadSecret, parseConfig } from '../server/utils/config'

/**
 * `chatly reset-link EMAIL`: prints a link that sets a new password for this account, once, within 30 minutes. Only reads, so it is safe while
 * the server runs. Throws an Error with one line for the person at the terminal.
 */
export async function resetLink(args: string[]): Promise<void> {
  const wanted = email.safeParse(args[0])
  if (!wanted.success) throw new Error('Usage: chatly reset-link EMAIL')
  const config = parseConfig(process.env)
  const { database } = filesOf(config.dataFolder)
  if (!existsSync(database)) throw new Error(`There is no Chatly in ${config.dataFolder}. Set CHATLY_DATA to its data folder.`)
  const account = findAccount(database, wanted.data)
  if (!account) throw new Error(`There is no account with the e-mail address ${wanted.data}.`)
  const token = makeResetToken({ secret: loadSecret(config.dataFolder, config.secret), ...account }, Date.now())
  console.log(`${config.origins[0] ?? `http://localhost:${config.port}`}/reset/${token}`)
  console.error('Give this link to its owner. It works once, within 30 minutes, and ends all of their sessions.')
}

function findAccount(database: string, subject: string): { user: string, secretHash: string } | undefined {
  const db = openDatabase(database, { readonly: true })
  try {
    return db.prepare<[string], { user: string, secretHash: string }>('SELECT user, secretHash FROM credentials WHERE kind = \'password\' AND subject = ?').get(subject)
  } finally {
    db.close()
  }
}
