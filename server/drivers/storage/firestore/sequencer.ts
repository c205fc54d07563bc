import { randomBytes } from 'node:crypto'
import { ChatError } from '#shared/errors'
import type { Append, AppendResult } from '../../../core/ports'
import { type Client, sleep } from './client'
import type { Note } from './controls'
import { evaluate } from './effects'
import { unavailable } from './outages'
import { hasWrites, needsOf, readState, writeState } from './room-state'

interface Waiting { item: Append, until: number, bytes: number, done: boolean, resolve: (result: AppendResult) => void, reject: (error: unknown) => void }
/** A try whose outcome is unknown: had it been committed, the event `seq` carried its mark, and each item had the result that was worked out then. */
interface Doubt { mark: string, seq: number, results: Map<Waiting, AppendResult> }
/**
 * `head`: the room's, as we know it from our last flush. `pace`: for how long a flush that went well leaves the room to others, ms. `failures`: in a row.
 * `trouble`: why the last one failed.
 */
interface Lane { waiting: Waiting[], doubts: Doubt[], head: number | null, pace: number, failures: number, running: boolean, trouble: unknown, forget?: NodeJS.Timeout }

export interface Sequencer {
  append: (items: readonly Append[]) => Promise<AppendResult[]>
  /** Resolves when nothing waits any more; what comes later is refused. */
  close: () => Promise<void>
}

/** Of one transaction; Google's limit is 10 MiB. */
const GROUP = { items: 200, least: 20, bytes: 1024 * 1024 }
const BOUNDS = { items: 10_000, bytes: 32 * 1024 * 1024 }
/**
 * Where other instances write to the same room, whoever has had a turn leaves it to them for a while, ms; it doubles with each collision, and halves with each
 * flush that met nobody. Whoever has lost tries again sooner: else the one who is ahead would stay so.
 */
const PACE = { least: 50, most: 500 }
const AGAIN = { first: 20, most: 500 }
/** After so many failures there is no hurry any more. */
const PATIENT = 6
/** A room is remembered for so long after its last flush, ms. */
const REMEMBERED = 2_000

const weigh = ({ effects }: Append) => effects.reduce((sum, effect) => sum + 512 + ('text' in effect ? effect.text.length * 3 : 0), 512)

/** How long a room is left alone after a flush that took so long, ms: others need as long for theirs. */
function restOf({ failures, pace }: Lane, took: number): number {
  if (failures > 0) return Math.min(AGAIN.first * 2 ** (failures - 1), AGAIN.most)
  return pace > 0 ? Math.max(pace, took) : 0
}

/**
 * Commits changes to rooms: in this process at most one transaction per room at a time, with all that waits for the room by then. A try that failed is made
 * again with what has come meanwhile, until an item's time is over.
 *
 * No answer is ever a guess. A try that may have been committed leaves a doubt; the next transaction reads the event that it would have made. Is it there with
 * its mark, then all of that try was committed, as worked out then. Is it not, then it never will be: this transaction creates the event of that seq, or
 * reads a room that has gone on, and the late try fails either way.
 */
export function createSequencer(client: Client, note: Note): Sequencer {
  const lanes = new Map<string, Lane>()
  let items = 0
  let bytes = 0
  let closing: (() => void) | null = null

  async function flush(room: string, lane: Lane): Promise<void> {
    const now = performance.now()
    for (const late of lane.waiting.filter(one => one.until <= now)) settle(late, () => late.reject(client.outages.explain(lane.trouble ?? unavailable())))
    lane.waiting = lane.waiting.filter(one => !one.done)
    const group = take(lane)
    if (group.length === 0) return
    const mark = randomBytes(9).toString('base64url')
    let planned: Doubt | null = null
    let readOnly = false
    let head = 0
    let made = 0
    let settled = new Map<Waiting, AppendResult>()
    try {
      await client.attempt(async (tx) => {
        settled = new Map()
        readOnly = false
        const { state, found } = await readState(client, tx, room, needsOf(group.map(({ item }) => item)), lane.doubts.map(({ seq }) => seq))
        lane.doubts.forEach((doubt, index) => {
          if (found[index]?.mark === doubt.mark) for (const [one, result] of doubt.results) settled.set(one, result)
        })
        head = state.room?.seq ?? 0
        const seq = head + 1
        for (const one of group) if (!settled.has(one)) settled.set(one, evaluate(state, one.item, mark))
        readOnly = !hasWrites(state)
        if (readOnly) return
        writeState(client, tx, state)
        note(tx, state.controls)
        planned = { mark, seq, results: settled }
        made = state.made.length
      }, client.patience)
    } catch (error) {
      if (planned) lane.doubts.push(planned)
      // Where there was nothing to write, all is known that there is to know.
      if (!readOnly) return failed(lane, group, error)
    }
    lane.doubts = []
    lane.trouble = null
    const others = lane.head !== null && head > lane.head
    lane.head = head + made
    lane.failures = 0
    lane.pace = lane.pace > PACE.least ? lane.pace / 2 : others ? PACE.least : 0
    for (const [one, result] of settled) settle(one, () => one.resolve(result))
    // Those that an earlier try settled need not be in this group.
    lane.waiting = lane.waiting.filter(one => !one.done)
  }

  function failed(lane: Lane, group: Waiting[], error: unknown): void {
    lane.trouble = error
    lane.failures = client.outages.isFull(error) ? Math.max(lane.failures + 1, PATIENT) : lane.failures + 1
    lane.pace = Math.min(Math.max(lane.pace * 2, PACE.least), PACE.most)
    if (client.outages.mayPass(error)) {
      lane.waiting.unshift(...group)
      return
    }
    const reason = client.outages.explain(error)
    // One of them may be at fault: each alone, so that it takes no neighbour with it.
    if (group.length > 1 && !(reason instanceof ChatError && reason.code === 'unavailable')) {
      lane.waiting.unshift(...group)
      alone = new Set([...alone, ...group])
      return
    }
    for (const one of group) settle(one, () => one.reject(reason))
  }

  let alone: ReadonlySet<Waiting> = new Set()
  /** The next group: all that waits, up to a bound. */
  function take(lane: Lane): Waiting[] {
    let length = 0
    let size = 0
    // A short transaction meets fewer others.
    const most = Math.max(Math.floor(GROUP.items / 2 ** lane.failures), GROUP.least)
    while (length < lane.waiting.length && length < most) {
      const next = lane.waiting[length]
      if (!next || (length > 0 && (size + next.bytes > GROUP.bytes || alone.has(next)))) break
      size += next.bytes
      length++
      if (alone.has(next)) break
    }
    return lane.waiting.splice(0, length)
  }

  function settle(one: Waiting, answer: () => void): void {
    if (one.done) return
    one.done = true
    items--
    bytes -= one.bytes
    if (alone.has(one)) alone = new Set([...alone].filter(other => other !== one))
    answer()
    if (items === 0) closing?.()
  }

  async function run(room: string, lane: Lane): Promise<void> {
    lane.running = true
    // What comes in the same turn goes together.
    await new Promise(setImmediate)
    while (lane.waiting.length > 0) {
      const since = performance.now()
      await flush(room, lane)
      const rest = restOf(lane, performance.now() - since)
      if (rest > 0) await sleep(rest * (0.75 + Math.random() / 2))
    }
    lane.running = false
    // Doubts that are left are nobody's any more: whoever repeats is known by the nonce.
    lane.doubts = []
    lane.forget = setTimeout(() => lanes.delete(room), REMEMBERED).unref()
  }

  function enqueue(item: Append): Promise<AppendResult> {
    const size = weigh(item)
    if (items >= BOUNDS.items || bytes + size > BOUNDS.bytes) return Promise.reject(new ChatError('unavailable', 'Chatly is busy. Try again in a moment.', 1_000))
    items++
    bytes += size
    const lane = lanes.get(item.room) ?? { waiting: [], doubts: [], head: null, pace: 0, failures: 0, running: false, trouble: null }
    lanes.set(item.room, lane)
    clearTimeout(lane.forget)
    return new Promise((resolve, reject) => {
      lane.waiting.push({ item, until: performance.now() + client.deadline, bytes: size, done: false, resolve, reject })
      if (!lane.running) void run(item.room, lane)
    })
  }

  return {
    async append(all) {
      if (closing || client.closed) throw unavailable()
      // All of them are over before any is answered: who repeats a batch must not meet its first try.
      const outcomes = await Promise.allSettled(all.map(enqueue))
      return outcomes.map((outcome) => {
        if (outcome.status === 'rejected') throw outcome.reason
        return outcome.value
      })
    },
    close: () => new Promise((resolve) => {
      closing = resolve
      if (items === 0) resolve()
    })
  }
}
