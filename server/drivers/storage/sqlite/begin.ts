import Database from 'better-sqlite3'
import type { Db } from './database'

/** Pauses between two tries to become the one writer, ms: short, because the others are done in about a millisecond; random, so that nobody is always late. */
const PAUSE = { least: 0.2, spread: 0.8 }

const clock = new Int32Array(new SharedArrayBuffer(4))
/** Blocks the thread. */
const pause = (ms: number) => { Atomics.wait(clock, 0, 0, ms) }

/**
 * The way to begin a write transaction on this connection, which must not wait by itself. While another process writes it tries again for `wait` ms, then
 * throws SQLITE_BUSY. SQLite's own waiting sleeps longer and longer: a process that writes without a rest would starve the others.
 */
export function createBegin(db: Db, wait: number): () => void {
  const begin = db.prepare('BEGIN IMMEDIATE')
  return () => {
    for (const since = performance.now(); ;) {
      try {
        begin.run()
        return
      } catch (error) {
        const busy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
        if (!busy || performance.now() - since >= wait) throw error
      }
      pause(PAUSE.least + Math.random() * PAUSE.spread)
    }
  }
}
