import { setImmediate } from 'node:timers/promises'
import type { Connection } from './connection'
import type { Context } from './context'
import { dismissVisitors, lookAgain } from './controls'

/** Parts compared in one go. */
const CHUNK = 200
/** From one try to the next, ms: it doubles. */
const RETRY = { first: 250, most: 10_000 }

/** What is compared with storage by itself, and again by itself where that failed. */
type Part = 'rooms' | 'visitors' | Connection

/** Compares rooms and sessions with storage after a time in which controls and events may have been missed. */
export interface CatchUp {
  /** Begins at once; where one is under way, everything is compared once more after it. */
  ask: () => void
  close: () => void
}

/** Nobody says twice that something was missed: what could not be compared is tried until it has been. One comparison at a time. */
export function createCatchUp(context: Context): CatchUp {
  const { hub, connections } = context
  let due = new Set<Part>()
  let running = false
  let closed = false
  let wait = RETRY.first
  let timer: NodeJS.Timeout | undefined

  const compare = async (part: Part) => {
    if (part === 'rooms') await hub.catchUp()
    else if (part === 'visitors') await dismissVisitors(context)
    else if (part.viewer && !part.closed) await lookAgain(context, part)
  }

  /** Everything that is due, once. Gives what went wrong: one failure is told of for all, since storage is away for all of them. */
  const round = async (): Promise<unknown[]> => {
    const parts = due
    const failures: unknown[] = []
    due = new Set()
    let done = 0
    for (const part of parts) {
      if (closed) break
      try {
        await compare(part)
      } catch (error) {
        due.add(part)
        if (failures.length === 0) failures.push(error)
      }
      if (++done % CHUNK === 0) await setImmediate()
    }
    return failures
  }

  const run = async () => {
    if (running) return
    running = true
    let failures: unknown[] = []
    while (due.size > 0 && failures.length === 0 && !closed) failures = await round()
    running = false
    for (const failure of failures) context.failed(failure)
    if (failures.length === 0) wait = RETRY.first
    else if (!closed) {
      timer = setTimeout(() => void run(), wait * (0.5 + Math.random() / 2)).unref()
      wait = Math.min(wait * 2, RETRY.most)
    }
  }

  return {
    ask() {
      clearTimeout(timer)
      for (const part of ['rooms', 'visitors', ...connections] as const) due.add(part)
      void run()
    },
    close() {
      closed = true
      clearTimeout(timer)
    }
  }
}
