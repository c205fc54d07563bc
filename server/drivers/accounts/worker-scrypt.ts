import { scryptSync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Derive, Derived } from './hashers'

/** Hashes, one after another, on a thread that steps back for everybody else: the entry of a worker thread. */

/** Of -20 (first) to 19: what talks to people gets nine tenths of a processor that both want. With less for hashes, a machine that is busy with something else lets nobody sign in for half a minute. */
const NICENESS = 10

if (!parentPort) throw new Error('hashes are made in a worker thread')
const port = parentPort

// On Linux this is of this thread; elsewhere it would be of the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(0, NICENESS)
  } catch { /* A sandbox may forbid it. Then a hash is only less polite. */ }
}

port.on('message', ({ password, salt, bytes, N, r, p }: Derive) => {
  const answer: Derived = { key: scryptSync(password, salt, bytes, { N, r, p, maxmem: 128 * (N + p + 2) * r }) }
  port.postMessage(answer)
})
