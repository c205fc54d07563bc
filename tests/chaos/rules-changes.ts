import type { RoomEvent } from '#shared/types'
import type { EntryOf } from './log'
import { only, type Anomaly, type History } from './rules'

/** Rules about what people wrote: was it kept, once, in their order, and were they told the truth? */

type Change = Pick<EntryOf<'ok'>, 'room' | 'person' | 'nonce'>
const keyOf = ({ room, person, nonce }: Change) => `${room} ${person} ${nonce}`
const name = ({ person, nonce, room }: Change) => `${nonce} of ${person} in ${room}`

/** The events that have a nonce, by the change that made them. */
function committed({ stored }: History): Map<string, RoomEvent[]> {
  const found = new Map<string, RoomEvent[]>()
  for (const [room, { events }] of stored) {
    for (const event of events) {
      if (event.nonce === null) continue
      const key = keyOf({ room, person: event.author, nonce: event.nonce })
      found.set(key, [...found.get(key) ?? [], event])
    }
  }
  return found
}

export function* acknowledgedLoss(history: History): Generator<Anomaly> {
  const events = committed(history)
  for (const ok of only(history.log, 'ok')) {
    const [event] = events.get(keyOf(ok)) ?? []
    if (!event) yield { rule: 'acknowledged-loss', text: `${name(ok)} was acknowledged at seq ${ok.seq}, and storage has no such event` }
  }
}

export function* honestOk(history: History): Generator<Anomaly> {
  const first = new Map<string, number>()
  const events = committed(history)
  for (const ok of only(history.log, 'ok')) {
    const before = first.get(keyOf(ok))
    if (before !== undefined && before !== ok.seq) yield { rule: 'honest-ok', text: `${name(ok)} was acknowledged at seq ${before}, then at seq ${ok.seq}` }
    first.set(keyOf(ok), before ?? ok.seq)
    const [event] = events.get(keyOf(ok)) ?? []
    if (event && event.seq !== ok.seq) yield { rule: 'honest-ok', text: `${name(ok)} was acknowledged at seq ${ok.seq}, and is stored at ${event.seq}` }
  }
}

/** Of each device: a person's devices have an outbox each. */
export function* authorOrder(history: History): Generator<Anomaly> {
  const events = committed(history)
  const last = new Map<string, { seq: number, nonce: string }>()
  for (const change of only(history.log, 'queued')) {
    const [event] = events.get(keyOf(change)) ?? []
    if (!event) continue
    const outbox = `${change.device} ${change.room}`
    const before = last.get(outbox)
    if (before && before.seq > event.seq) {
      yield { rule: 'author-order', text: `${name(change)} was written after ${before.nonce}, and is stored before it (${event.seq}, ${before.seq})` }
    }
    last.set(outbox, { seq: event.seq, nonce: change.nonce })
  }
}

export function* unanswered({ log }: History): Generator<Anomaly> {
  for (const { device, room, waiting } of only(log, 'shown')) {
    if (waiting > 0) yield { rule: 'unanswered', text: `${device} still has ${waiting} changes to ${room} that nobody answered` }
  }
}
