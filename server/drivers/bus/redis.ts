import { randomBytes } from 'node:crypto'
import type { Bus, StoredEvent } from '../../core/ports'
import type { RedisLink } from '../redis/link'
import { createPayloads, createReceiver } from '../redis/payload'
import { decode, encode, isOwn, ORIGIN_BYTES, type Envelope } from './envelope'
import { createLocalDelivery } from './local'

interface RedisBusOptions {
  link: RedisLink
  /** The same on all instances: what another secret signed is not heard. */
  secret: string
  /** Told of a listener that threw, and, once for each kind, of payloads that are dropped. */
  onError?: (error: unknown) => void
}

const CONTROL = 'chatly:control'
const channelOf = (room: string) => `chatly:room:${room}`

/** Bytes of events that go in one payload; and the largest that is taken, which leaves room for one more event and the rest. */
const BATCH = 128 * 1024
const LARGEST = 256 * 1024
/** After a publish that failed although Redis is there, ms. */
const RETRY = 1_000

interface Subscription { uses: number, confirmed: Promise<void>, end: () => void }

/**
 * The bus of several processes: Redis Pub/Sub, one channel per room. This process's listeners are told first and at once; what is published then goes to the
 * others, all events that a room gets in one turn of the event loop together. Whatever could not be sent is made up for by ringing with the room's head later.
 */
export default function createRedisBus({ link, secret, onError = console.error }: RedisBusOptions): Bus {
  const local = createLocalDelivery(onError)
  const payloads = createPayloads(secret)
  const origin = randomBytes(ORIGIN_BYTES)
  const subscriptions = new Map<string, Subscription>()
  const restored = new Set<() => void>()
  /** Events of this turn, by room. */
  const waiting = new Map<string, StoredEvent[]>()
  /** Heads that others may not have heard of. */
  const unheard = new Map<string, number>()
  const sending = new Set<Promise<unknown>>()
  /** Those who wait for a subscription that may not come now. */
  const impatient = new Set<() => void>()
  let retry: NodeJS.Timeout | null = null
  let flush: NodeJS.Immediate | null = null
  let closed = false

  const receive = createReceiver({
    payloads, largest: LARGEST, complain: line => onError(`bus: ${line}`),
    decode(bytes, channel) {
      const envelope = decode(bytes)
      return envelope && channel === (envelope.what === 'control' ? CONTROL : channelOf(envelope.room)) ? envelope : null
    }
  })

  const hear = (channel: string, payload: Buffer) => {
    if (isOwn(origin, payload)) return
    const envelope = receive(channel, payload)
    if (!envelope) return
    switch (envelope.what) {
      case 'events':
        for (const event of envelope.events) local.event(event)
        break
      case 'head':
        local.head(envelope.room, envelope.seq)
        break
      case 'typing':
        local.typing(envelope.room, envelope.user)
        break
      case 'control':
        local.control(envelope.control)
    }
  }

  const send = (channel: string, envelope: Envelope): Promise<boolean> => {
    const sent = link.publish(channel, payloads.seal(channel, encode(origin, envelope)))
    sending.add(sent)
    void sent.finally(() => sending.delete(sent))
    return sent
  }

  /** Others may not know of this head: they are told when Redis is back, or, if it was only slow, in a while. */
  const remember = (room: string, seq: number) => {
    unheard.set(room, Math.max(seq, unheard.get(room) ?? 0))
    if (link.state() === 'up' && !closed) retry ??= setTimeout(ring, RETRY)
  }

  const ring = () => {
    if (retry) clearTimeout(retry)
    retry = null
    if (link.state() !== 'up') return
    const heads = [...unheard]
    unheard.clear()
    for (const [room, seq] of heads) {
      void send(channelOf(room), { what: 'head', room, seq }).then((sent) => { if (!sent) remember(room, seq) })
    }
  }

  const sendEvents = async (room: string, events: readonly StoredEvent[]) => {
    const head = Math.max(...events.map(({ seq }) => seq))
    if (link.state() !== 'up') return remember(room, head)
    const sent = batchesOf(events).map(batch => send(channelOf(room), { what: 'events', room, events: batch }))
    if ((await Promise.all(sent)).includes(false)) remember(room, head)
  }

  const flushNow = () => {
    if (flush) clearImmediate(flush)
    flush = null
    const rooms = [...waiting]
    waiting.clear()
    for (const [room, events] of rooms) void sendEvents(room, events)
  }

  link.onUp(() => {
    if (closed) return
    ring()
    for (const listen of restored) listen()
  })
  link.onDown(() => {
    for (const goOn of impatient) goOn()
    impatient.clear()
  })
  const controlled = link.subscribe(CONTROL, payload => hear(CONTROL, payload))

  const begin = (room: string): Subscription => {
    const channel = channelOf(room)
    const { confirmed: there, end } = link.subscribe(channel, payload => hear(channel, payload))
    // While Redis is away nothing comes, and `onRestored` rings when it is back: nobody has to wait for that.
    const confirmed = link.state() !== 'up'
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          impatient.add(resolve)
          void there.then(() => {
            impatient.delete(resolve)
            resolve()
          })
        })
    return { uses: 0, confirmed, end }
  }

  return {
    publish(event) {
      local.event(event)
      const events = waiting.get(event.room)
      if (events) events.push(event)
      else waiting.set(event.room, [event])
      flush ??= setImmediate(flushNow)
    },

    typing(room, user) {
      local.typing(room, user)
      if (link.state() === 'up') void send(channelOf(room), { what: 'typing', room, user })
    },

    async subscribe(room, listener) {
      const end = local.subscribe(room, listener)
      const subscription = subscriptions.get(room) ?? begin(room)
      subscriptions.set(room, subscription)
      subscription.uses++
      await subscription.confirmed
      let ended = false
      return () => {
        if (ended) return
        ended = true
        end()
        if (--subscription.uses > 0) return
        subscriptions.delete(room)
        subscription.end()
      }
    },

    control(control) {
      local.control(control)
      if (link.state() === 'up') void send(CONTROL, { what: 'control', control })
    },

    onControl: local.onControl,
    onRestored: (listen) => { restored.add(listen) },
    state: link.state,

    async close() {
      if (closed) return
      closed = true
      flushNow()
      if (retry) clearTimeout(retry)
      await Promise.all(sending)
      for (const { end } of subscriptions.values()) end()
      controlled.end()
      subscriptions.clear()
      restored.clear()
      local.clear()
    }
  }
}

/** Runs of events that fit into a payload; usually one. */
function batchesOf(events: readonly StoredEvent[]): StoredEvent[][] {
  const batches: StoredEvent[][] = []
  let bytes = Infinity
  for (const event of events) {
    // A character of JSON takes up to three bytes; this errs on the safe side.
    const size = event.json.length * 3
    if (bytes + size > BATCH) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(event)
    bytes += size
  }
  return batches
}
