import type { Entry, EntryOf, Shown } from './log'
import { only, type Anomaly, type History } from './rules'

/** Rules about how it ends: everybody in time, at rest, and with the same picture. */

/** More resets than this, of one room on one device within so many ms, are a loop. */
const loop = { resets: 3, ms: 2_000 } as const
/** An instance that could not stop gives up after so many ms (server/entry/stop.ts). */
const GIVES_UP = 9_000

export function* late({ log }: History): Generator<Anomaly> {
  for (const [index, expect] of log.entries()) {
    if (expect.what !== 'expect') continue
    for (const { device, room } of expect.devices) {
      const head = expect.heads[room]
      if (head === undefined) continue
      const reached = reachedAt(log, index, device, room, head)
      if (reached === null) yield { rule: 'late', text: `${device} never reached ${head} of ${room} (${expect.why})` }
      else if (reached - expect.at > expect.within) {
        yield { rule: 'late', text: `${device} reached ${head} of ${room} after ${Math.round(reached - expect.at)} ms, not ${expect.within} (${expect.why})` }
      }
    }
  }
}

/** When a device knew of everything up to `head`; at the earliest, the time of the entry at `since`. null: never. */
function reachedAt(log: readonly Entry[], since: number, device: string, room: string, head: number): number | null {
  let known = 0
  for (const [index, entry] of log.entries()) {
    const seq = positionOf(entry, device, room)
    if (index <= since) known = seq ?? known
    if (index === since && known >= head) return entry.at
    if (index > since && seq !== null && seq >= head) return entry.at
  }
  return null
}

function positionOf(entry: Entry, device: string, room: string): number | null {
  if (!('device' in entry) || !('room' in entry) || entry.device !== device || entry.room !== room) return null
  if (entry.what === 'applied') return entry.event.seq
  if (entry.what === 'page') return entry.seq
  return entry.what === 'reset' ? 0 : null
}

/** How long a message was on its way from the first device that was told to the last; Infinity where one never was. */
function spreads(log: readonly Entry[], { room, devices }: EntryOf<'rung'>): number[] {
  const told = new Map<number, number[]>()
  for (const entry of only(log, 'applied')) {
    if (entry.room === room && entry.event.kind === 'message' && devices.includes(entry.device)) told.set(entry.event.seq, [...told.get(entry.event.seq) ?? [], entry.at])
  }
  return [...told.values()].map(times => times.length < devices.length ? Infinity : Math.max(...times) - Math.min(...times))
}

export function* doorbell({ log }: History): Generator<Anomaly> {
  for (const rung of only(log, 'rung')) {
    const sorted = spreads(log, rung).sort((a, b) => a - b)
    const median = sorted[sorted.length >> 1] ?? Infinity
    if (median > rung.within) yield { rule: 'doorbell', text: `${sorted.length} messages of ${rung.room} took ${Math.round(median)} ms (median) to the other instances, not ${rung.within}` }
  }
}

export function* resets({ log }: History): Generator<Anomaly> {
  const recent = new Map<string, number[]>()
  const open = new Map<string, EntryOf<'reset'>>()
  for (const entry of only(log, 'reset', 'page', 'closed')) {
    const key = `${entry.device} ${entry.room}`
    if (entry.what !== 'reset') {
      open.delete(key)
      continue
    }
    // Who may not see the room any more gets no page.
    if (entry.reason === 'access' || entry.reason === 'refused') continue
    open.set(key, entry)
    const times = [...recent.get(key) ?? [], entry.at].filter(at => at > entry.at - loop.ms)
    recent.set(key, times)
    if (times.length === loop.resets + 1) yield { rule: 'resets', text: `${entry.device} is reset in ${entry.room} again and again (${entry.reason})` }
  }
  for (const { device, room, reason } of open.values()) yield { rule: 'resets', text: `${device} was reset in ${room} (${reason}), and got no page since` }
}

export function* endedSession({ log }: History): Generator<Anomaly> {
  for (const end of only(log, 'session-ended')) {
    for (const entry of only(log, 'received', 'line')) {
      if (entry.person !== end.person || entry.at <= end.at + end.within || (entry.what === 'line' && entry.state === 'lost')) continue
      yield { rule: 'ended-session', text: `${entry.device} still had a line ${Math.round(entry.at - end.at)} ms after the session of ${end.person} was ended` }
      break
    }
  }
}

/** Whether storage was broken at some time between the two. */
function storageBroken(log: readonly Entry[], from: number, to: number): boolean {
  let broken = false
  for (const { at, part, over } of only(log, 'fault')) {
    if (part !== 'storage' || at > to) continue
    if (over && at >= from) return true
    broken = !over
  }
  return broken
}

/**
 * What was begun is finished first: where storage takes nothing (the database is locked for as long as a stop may take), an instance gives up at its deadline, and may. Redis
 * excuses nothing: all that is said to it has a limit of its own.
 */
export function* stop({ log }: History): Generator<Anomaly> {
  for (const { at, instance, code, took } of only(log, 'stopped')) {
    const mayGiveUp = code === 1 && took >= GIVES_UP && storageBroken(log, at - took, at)
    if (code !== 0 && !mayGiveUp) yield { rule: 'stop', text: `instance ${instance} was told to stop, and ended ${code === null ? 'by a signal' : `with ${code}`} after ${Math.round(took)} ms` }
  }
}

const differs = (a: Shown, b: Shown) => (['key', 'id', 'seq', 'text', 'deleted', 'reactions'] as const).filter(field => a[field] !== b[field])

export function* diverged({ log, stored }: History): Generator<Anomaly> {
  for (const { device, room, seq, rows } of only(log, 'shown')) {
    const truth = stored.get(room)?.messages ?? []
    const first = rows[0]?.seq
    const keys = new Set<string>()
    for (const { key } of rows) {
      if (keys.has(key)) yield { rule: 'duplicate', text: `${device} shows ${key} of ${room} twice` }
      keys.add(key)
    }
    // Without a position there is nothing that it should show.
    if (seq === null || first === undefined) continue
    const shown = new Map(rows.map(row => [row.id, row]))
    for (const message of truth) {
      if (message.seq < first) continue
      const row = shown.get(message.id)
      if (!row) yield { rule: 'diverged', text: `${device} does not show ${message.key} (${message.seq}) of ${room}` }
      else if (differs(row, message).length > 0) yield { rule: 'diverged', text: `${device} shows ${message.key} (${message.seq}) of ${room} with another ${differs(row, message).join(', ')}` }
    }
    const oldest = truth[0]?.seq ?? 0
    const known = new Set(truth.map(({ id }) => id))
    for (const row of rows) if (row.seq >= oldest && !known.has(row.id)) yield { rule: 'diverged', text: `${device} shows ${row.key} (${row.seq}) of ${room}, which storage does not have` }
  }
}
