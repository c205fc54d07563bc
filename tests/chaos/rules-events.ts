import type { RoomEvent } from '#shared/types'
import type { EntryOf } from './log'
import { only, type Anomaly, type History } from './rules'

/** Rules about what devices were told: is it true, all of it, once, in one order, and theirs to know? */

type Applied = EntryOf<'applied'>['event']

const nameOf = (event: Applied) => `${event.kind} by ${event.author}${event.nonce ? ` (${event.nonce})` : ''}`
const about = (event: RoomEvent | Applied) => 'message' in event ? event.message : null
const same = (a: RoomEvent | Applied, b: Applied) => a.kind === b.kind && a.author === b.author && a.nonce === b.nonce && about(a) === about(b)

export function* phantom({ log, stored }: History): Generator<Anomaly> {
  const bySeq = new Map([...stored].map(([room, { events }]) => [room, new Map(events.map(event => [event.seq, event]))]))
  for (const { device, room, event } of only(log, 'applied')) {
    const there = bySeq.get(room)?.get(event.seq)
    if (!there) yield { rule: 'phantom', text: `${device} applied ${nameOf(event)} as ${event.seq} of ${room}, and storage has no such event` }
    else if (!same(there, event)) yield { rule: 'phantom', text: `${device} applied ${nameOf(event)} as ${event.seq} of ${room}, where storage has ${there.kind} by ${there.author}` }
  }
}

/** One pass over each device's stream of a room: nothing twice, nothing backwards, nothing left out. */
export function* delivery({ log }: History): Generator<Anomaly> {
  const streams = new Map<string, { last: number | null, applied: Set<number> }>()
  for (const entry of only(log, 'applied', 'page', 'reset')) {
    const key = `${entry.device} ${entry.room}`
    if (entry.what !== 'applied') {
      streams.set(key, { last: entry.what === 'page' ? entry.seq : null, applied: new Set() })
      continue
    }
    const stream = streams.get(key) ?? { last: null, applied: new Set() }
    const { seq } = entry.event
    const say = `${entry.device} applied ${seq} of ${entry.room}`
    if (stream.applied.has(seq)) yield { rule: 'duplicate', text: `${say} twice` }
    else if (stream.last === null) yield { rule: 'skip', text: `${say} before it had a page` }
    else if (seq <= stream.last) yield { rule: 'order', text: `${say} after ${stream.last}` }
    else if (seq > stream.last + 1) yield { rule: 'skip', text: `${say} after ${stream.last}, without a reset` }
    stream.applied.add(seq)
    stream.last = Math.max(stream.last ?? 0, seq)
    streams.set(key, stream)
  }
}

export function* totalOrder({ log, stored }: History): Generator<Anomaly> {
  const seen = new Map<string, { event: Applied, device: string }>()
  const acknowledged = new Map<string, EntryOf<'ok'>>()
  for (const entry of only(log, 'applied', 'ok')) {
    if (entry.what === 'applied') {
      const key = `${entry.room} ${entry.event.seq}`
      const first = seen.get(key)
      if (!first) seen.set(key, entry)
      else if (!same(first.event, entry.event)) yield { rule: 'order', text: `seq ${entry.event.seq} of ${entry.room} is ${nameOf(first.event)} to ${first.device}, and ${nameOf(entry.event)} to ${entry.device}` }
    } else {
      const key = `${entry.room} ${entry.seq}`
      const first = acknowledged.get(key)
      if (!first) acknowledged.set(key, entry)
      else if (first.nonce !== entry.nonce) yield { rule: 'order', text: `seq ${entry.seq} of ${entry.room} was given to ${first.nonce} and to ${entry.nonce}` }
    }
  }
  for (const [room, { events }] of stored) yield* storedOnce(room, events)
}

function* storedOnce(room: string, events: readonly RoomEvent[]): Generator<Anomaly> {
  const nonces = new Set<string>()
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) yield { rule: 'order', text: `storage has ${event.seq} of ${room} where ${index + 1} must be` }
    if (event.nonce === null) continue
    const key = `${event.author} ${event.nonce}`
    if (nonces.has(key)) yield { rule: 'duplicate', text: `storage has ${event.nonce} of ${event.author} in ${room} twice` }
    nonces.add(key)
  }
}

/** What ends somebody's right to a room's stream: for good, or until they subscribe again. */
interface Removal { seq: number, person: string, forGood: boolean }

/** A room that becomes private is lost for good to all who are not in it: nobody is invited here. */
function* removals(events: readonly RoomEvent[], people: ReadonlySet<string>): Generator<Removal> {
  const members = new Set<string>()
  for (const event of events) {
    const { seq, author } = event
    if (event.kind === 'join') {
      members.add(author)
    } else if (event.kind === 'leave') {
      members.delete(author)
      yield { seq, person: author, forGood: false }
    } else if (event.kind === 'member' && event.data.role === null) {
      members.delete(event.data.user)
      yield { seq, person: event.data.user, forGood: event.data.banned }
    } else if (event.kind === 'room' && event.data.visibility === 'private' && event.data.recheck) {
      for (const person of people) if (!members.has(person) && person !== author) yield { seq, person, forGood: true }
    }
  }
}

/** A device's subscription to a room, as far as it is known. Removals up to `from` were before it. */
interface Subscription { line: number, asked: number, from: number | null, endedAt: number | null }

export function* nonMember({ log, stored }: History): Generator<Anomaly> {
  const ends = new Map<string, Removal[]>()
  const people = new Set([...only(log, 'subscribe')].map(({ person }) => person))
  for (const [room, { events }] of stored) {
    for (const removal of removals(events, people)) ends.set(`${room} ${removal.person}`, [...ends.get(`${room} ${removal.person}`) ?? [], removal])
  }
  const subscriptions = new Map<string, Subscription>()
  for (const entry of only(log, 'subscribe', 'subscribed', 'received')) {
    const key = `${entry.device} ${entry.room}`
    const mine = subscriptions.get(key)
    if (entry.what === 'subscribe') {
      subscriptions.set(key, { line: entry.line, asked: entry.request, from: null, endedAt: null })
    } else if (entry.what === 'subscribed') {
      if (mine?.line === entry.line && mine.asked === entry.request) mine.from = entry.head
    } else {
      const breach = beyond(entry, mine, ends.get(`${entry.room} ${entry.person}`) ?? [])
      if (breach) yield { rule: 'non-member', text: `${entry.device} heard of ${entry.seq} in ${entry.room}, where ${entry.person} was removed at ${breach}` }
    }
  }
}

/** The seq of the removal that this event should not have come after; null: it may. */
function beyond({ seq, line }: EntryOf<'received'>, subscription: Subscription | undefined, removals: readonly Removal[]): number | null {
  const end = removals.find(removal => removal.forGood && removal.seq < seq)
  if (end) return end.seq
  // One that is not answered yet, or of another line: what comes may be of either.
  if (!subscription || subscription.from === null || subscription.line !== line) return null
  if (subscription.endedAt !== null && seq > subscription.endedAt) return subscription.endedAt
  const { from } = subscription
  if (removals.some(removal => removal.seq === seq && seq > from)) subscription.endedAt = seq
  return null
}
