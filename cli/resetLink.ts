import { email } from '#shared/schemas'
import { makeResetToken } from '../server/core/reset'
import { openCredentials } from '../server/drivers/credentials'
import { loadSecret, parseConfig } from '../server/utils/config'

/**
 * `chatly reset-link EMAIL`: prints a link that sets a new password for this account, once, within 30 minutes. Only reads, so it is safe while
 * the server runs. Throws an Error with one line for the person at the terminal.
 */
export async function resetLink(args: string[]): Promise<void> {
  const wanted = email.safeParse(args[0])
  if (!wanted.success || args.length > 1) throw new Error('Usage: chatly reset-link EMAIL')
  const config = parseConfig(process.env)
  if (config.accounts === 'firebase') throw new Error('Firebase keeps the passwords of this site (CHATLY_ACCOUNTS): a new one is set by "Forgot your password?".')
  const credentials = await openCredentials(config)
  try {
    const account = await credentials.credential('password', wanted.data)
    if (!account) throw new Error(`There is no account with the e-mail address ${wanted.data}.`)
    const token = makeResetToken({ secret: loadSecret(config.dataFolder, config.secret), user: account.user, secretHash: account.secretHash }, Date.now())
    console.log(`${config.origins[0] ?? `http://localhost:${config.port}`}/reset/${token}`)
    console.error('Give this link to its owner. It works once, within 30 minutes, and ends all of their sessions.')
  } finally {
    await credentials.close()
  }
}
