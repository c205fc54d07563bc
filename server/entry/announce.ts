import type { AddressInfo } from 'node:net'
import type { Chatly } from '../utils/chat'

/** Says, once, where Chatly is; and, while it has no account, the link that makes the first one. */
export async function announce({ chat, config }: Pick<Chatly, 'chat' | 'config'>, { port }: AddressInfo): Promise<void> {
  const local = `http://localhost:${port}`
  console.info(`Chatly is ready on ${local}`)
  if (!await chat.accounts.needsSetUp()) return
  console.info(`Nobody is here yet. Make the first account, the administrator's: ${config.origins[0] ?? local}/setup?token=${chat.accounts.setUpToken()}`)
}
