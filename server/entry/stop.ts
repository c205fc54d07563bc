import type { Server } from 'node:http'
import type { Chatly } from '../utils/chat'
import { errorForLog } from '../utils/log'

/** Supervisors give ten seconds before they kill; we are gone before that, ms. */
const DEADLINE = 9_000
/** How long clients get to answer our close, and requests to end, ms. */
const FAREWELL = 2_000

/**
 * On SIGTERM or SIGINT: no new work, what is under way is finished and answered, clients are told to come back, storage is closed, exit code 0.
 * `closed` runs the hooks that let go of everything else.
 */
export function stopOnSignals(server: Server, sockets: { terminate: () => void }, { realtime, config }: Pick<Chatly, 'realtime' | 'config'>, closed: () => Promise<unknown>): void {
  let stopping = false

  const stop = async () => {
    // A terminal's Ctrl+C reaches us twice: from itself, and from npm.
    if (stopping) return
    stopping = true
    setTimeout(() => {
      console.error('Chatly did not stop in time.')
      process.exit(1)
    }, DEADLINE).unref()
    const ended = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeIdleConnections()
    await realtime.drain({ elsewhere: config.redis !== null })
    await Promise.race([ended, new Promise(resolve => setTimeout(resolve, FAREWELL))])
    sockets.terminate()
    server.closeAllConnections()
    realtime.close()
    await closed()
    process.exit(0)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop().catch((error) => {
      console.error(`Chatly did not stop cleanly: ${errorForLog(error)}`)
      process.exit(1)
    }))
  }
}
