import { closeSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { createCommitter } from './commit'
import { isOutage, openDatabase } from './database'
import { writePosition } from './epoch'
import type { FromWriter, ToWriter, WriterOptions } from './requests'

/** The one writer: the entry of a worker thread. Commits each group that arrives, then answers; tidies up when nothing is asked for. */

/** Milliseconds of rest before deleted text is also taken out of the write-ahead log. */
const REST = 250
/** A checkpoint that readers hold up must not hold up writers. */
const CHECKPOINT_WAIT = 20

if (!parentPort) throw new Error('the writer runs in a worker thread')
const port = parentPort
const { database, sidecar, line, epoch, origin, wait }: WriterOptions = workerData
const db = openDatabase(database, { wait })
// From here on it waits in its own way.
db.pragma('busy_timeout = 0')
const committer = createCommitter(db, { origin, wait })
const fd = openSync(sidecar, 'r+')
let checkpointDue = false
/** One for each kind of housekeeping: a write puts off the checkpoint, and never a sweep that is to be tried again. */
const timers = new Map<() => void, NodeJS.Timeout>()

const post = (message: FromWriter) => port.postMessage(message)

function checkpoint(): void {
  db.pragma(`busy_timeout = ${CHECKPOINT_WAIT}`)
  const busy = db.pragma('wal_checkpoint(TRUNCATE)', { simple: true })
  db.pragma('busy_timeout = 0')
  checkpointDue = busy !== 0
  tidyLater()
}

function tidyLater(): void {
  checkpointDue = committer.erased() || checkpointDue
  if (checkpointDue) later(checkpoint, REST)
}

function later(work: () => void, ms: number): void {
  clearTimeout(timers.get(work))
  timers.set(work, setTimeout(attempt, ms, work))
}

/** Housekeeping is repeated when the disk is full or locked: nobody waits for it. */
function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!isOutage(error)) throw error instanceof Error ? new Error(error.message) : error
    later(work, REST * 4)
  }
}

/** One slice of deleted rooms at a time; requests that came in meanwhile go first. */
function sweep(): void {
  if (!db.open) return
  if (committer.sweep()) setImmediate(attempt, sweep)
  tidyLater()
}

port.on('message', (message: ToWriter) => {
  if (message === 'close') {
    for (const timer of timers.values()) clearTimeout(timer)
    db.close()
    closeSync(fd)
    port.close()
    return
  }
  const outcomes = committer.commit(message)
  writePosition(fd, line, epoch, committer.pos())
  post(outcomes)
  if (message.some(({ name }) => name === 'deleteRoom')) setImmediate(attempt, sweep)
  tidyLater()
})

setImmediate(attempt, sweep)
// A start may follow a crash before the checkpoint.
checkpointDue = true
tidyLater()
post('ready')
