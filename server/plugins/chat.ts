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
  nitro.hooks.hook('close', async () => (await chat).close())
})
