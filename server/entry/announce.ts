import type { AddressInfo } from 'node:net'
import type { Chatly } from '../utils/chat'
import { errorForLog } from '../utils/log'

type Started = Pick<Chatly, 'chat' | 'config'>

/** Says, once, where Chatly is; and, while it has no account, the link that makes the first one. */
export async function announce(chatly: Started, { port }: AddressInfo): Promise<void> {
  console.info(`Chatly is ready on http://localhost:${port}`)
  await announceSetUp(chatly, port)
}

/** Says the link that makes the first account, while there is none. Storage may be away at this very moment, which the process outlives. */
export async function announceSetUp({ chat, config }: Started, port: number): Promise<void> {
  try {
    if (!await chat.accounts.needsSetUp()) return
    console.info(`Nobody is here yet. Make the first account, the administrator's: ${config.origins[0] ?? `http://localhost:${port}`}/setup?token=${chat.accounts.setUpToken()}`)
  } catch (error) {
    console.error(`Whether there is an account could not be looked up: ${errorForLog(error)}`)
  }
}
