import { announceSetUp } from '../entry/announce'
import { ConfigError } from '../utils/config'

/** Starts the chat with the server, and ends it with it. Nitro waits for no plugin: this one only sets things going, and `/ready` says when they are. */
export default defineNitroPlugin((nitro) => {
  const chat = useChat()
  chat.catch((error: unknown) => {
    const line = error instanceof Error ? error.message : String(error)
    console.error(`Chatly cannot start: ${line}`)
    if (!(error instanceof ConfigError) && process.env.DEBUG) console.error(error)
    process.exit(1)
  })
  // The development server stands before us like a proxy, so that nobody comes from loopback there: the link is needed, and no listener of ours prints it.
  if (import.meta.dev) void chat.then(chatly => announceSetUp(chatly, chatly.config.port), () => {})
  nitro.hooks.hook('close', async () => (await chat).close())
})
