import type { AddressInfo } from 'node:net'
import type { Chatly } from '../utils/chat'

type Started = Pick<Chatly, 'chat' | 'config'>

/** Says, once, where Chatly is; and, while it has no account, the link that makes the first one. */
export async function announce(chatly: Started, { port }: AddressInfo): Promise<void> {
  console.info(`Chatly is ready on http://localhost:${port}`)
  await announceSetUp(chatly, port)
}

/** Says the link that makes the first account, while there is none. */
export async function announceSetUp({ chat, config }: Started, port: number): Promise<void> {
  if (!await chat.accounts.needsSetUp()) return
  console.info(`Nobody is here yet. Make the first account, the administrator's: ${config.origins[0] ?? `http://localhost:${port}`}/setup?token=${chat.accounts.setUpToken()}`)
}
