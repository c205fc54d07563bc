import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { closeCodes } from '#shared/errors'
import type { Connection } from './connection'
import type { Context } from './context'
import { frame } from './room'

/** How long requests under way may take when we stop, ms. */
const FINISH = 4_000
/** When clients come back after `bye`, ms: not all at once, where nothing else keeps them apart. */
const BACK = { after: 100, spread: 500 }
/** One after the other: this far apart, and all of them in no more than this, ms. */
const TURN = { each: 2, all: 2_000, spread: 100 }

/**
 * Stops this process's side of every line: no new ones, requests under way are finished, each hears `bye` and is closed with 1012. Where other instances take
 * them over (`elsewhere`), they leave one after the other and are served until their turn: a crowd that comes back at once would wait for itself.
 */
export async function drain(context: Context, elsewhere: boolean): Promise<void> {
  context.leaving = true
  if (elsewhere) await inTurn(context)
  context.draining = true
  const waited = new AbortController()
  await Promise.race([context.idle(), sleep(FINISH, undefined, { signal: waited.signal }).catch(() => {})])
  waited.abort()
  context.hub.flush()
  for (const connection of [...context.connections]) goodbye(connection, BACK.spread)
}

/** Those that are at work stay until the end. */
async function inTurn({ connections }: Context): Promise<void> {
  const each = Math.min(TURN.each, TURN.all / connections.size)
  const started = performance.now()
  for (const [index, connection] of [...connections].entries()) {
    const ahead = started + index * each - performance.now()
    // Also where we are late: what has come in meanwhile is served first.
    if (index > 0) await (ahead > 0 ? sleep(ahead) : setImmediate())
    if (!connection.busy) goodbye(connection, TURN.spread)
  }
}

function goodbye(connection: Connection, spread: number): void {
  connection.send(frame({ type: 'bye', after: BACK.after + Math.floor(Math.random() * spread) }))
  connection.close(closeCodes.restart, 'Restarting.')
}
