import { createChat, type Chat } from '../core/chat'
import { openDrivers, type Drivers } from '../drivers'
import { createRealtime, type Realtime } from '../realtime'
import { loadSecret, parseConfig, prepareFolder, type Config } from './config'

/** One whole Chatly: what the doors need, and the way to end it. */
export interface Chatly extends Pick<Drivers, 'degraded'> {
  config: Config
  chat: Chat
  realtime: Realtime
  /** Finishes what was begun, then lets go of the files. */
  close: () => Promise<void>
}

let started: Promise<Chatly> | undefined

/**
 * The composition root: settings → drivers → core → real-time layer, once per process.
 * @throws ConfigError, or what a driver says, with one line for the person who starts it
 */
export const useChat = (): Promise<Chatly> => started ??= start()

async function start(): Promise<Chatly> {
  const given = parseConfig(process.env)
  prepareFolder(given.dataFolder)
  const config = { ...given, secret: loadSecret(given.dataFolder, given.secret) }
  const drivers = await openDrivers(config)
  const chat = createChat(drivers, { ...config, guests: true, post: drivers.post, provider: drivers.provider })
  const realtime = createRealtime(chat)
  return {
    config, chat, realtime, degraded: drivers.degraded,
    async close() {
      realtime.close()
      await drivers.close()
    }
  }
}
