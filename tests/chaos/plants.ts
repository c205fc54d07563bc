import { ChatError } from '#shared/errors'
import type { AppendResult, Bus, Storage, StoredEvent } from '../../server/core/ports'
import { receive } from '~/utils/timeline'
import type { BrokerFaults } from './broker'
import { goodHabits, type Habits } from './device'
import type { Rule } from './rules'

/** What a planted bug is given of the instance that it is in. */
export interface Soil {
  instance: number
  storage: Storage
  /** What is published goes out by this. */
  bus: () => Bus
  alive: () => boolean
}

/** A bug on purpose, and the rule that it breaks. Planted around the ports of an instance, in the broker, or in the client. */
export interface Plant {
  rule: Rule
  storage?: (soil: Soil) => Storage
  bus?: (bus: Bus, instance: number) => Bus
  broker?: BrokerFaults
  /** Made anew for each device. */
  habits?: () => Habits
}

type Ok = Extract<AppendResult, { ok: true }>
const later = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const renumbered = (event: StoredEvent, seq: number): StoredEvent => ({ ...event, seq, json: JSON.stringify({ ...JSON.parse(event.json), seq }) })

/** Changes each result of an append that was committed. */
const answering = (storage: Storage, change: (result: Ok, room: string) => Ok): Storage => ({
  ...storage,
  append: async items => (await storage.append(items)).map((result, index) => result.ok ? change(result, items[index]?.room ?? '') : result)
})

/** Says `ok` with the seq that will probably come, and saves a little later, if it still lives. */
function acknowledgeFirst({ storage, bus, alive }: Soil): Storage {
  const ahead = new Map<string, number>()
  return {
    ...storage,
    async append(items) {
      const heads = await storage.heads(items.map(item => item.room))
      void later(300).then(async () => {
        if (!alive()) return
        for (const result of await storage.append(items)) if (result.ok) for (const event of result.events) bus().publish(event)
      })
      return items.map(({ room, at, effects }) => {
        const last = effects.at(-1)
        const seq = Math.max(heads.get(room) ?? 0, ahead.get(room) ?? 0) + 1
        ahead.set(room, seq)
        return { ok: true, seq, at, message: last && 'message' in last ? last.message : null, duplicate: false, events: [] }
      })
    }
  }
}

/** Tells of an event that it then fails to save. */
function publishFirst({ storage, bus }: Soil): Storage {
  let count = 0
  return {
    ...storage,
    async append(items) {
      const [item] = items
      if (item && ++count % 5 === 0) {
        const seq = ((await storage.heads([item.room])).get(item.room) ?? 0) + 1
        const body = { kind: 'join', room: item.room, seq, at: item.at, author: 'nobody', nonce: null, data: { role: 'member' } } as const
        bus().publish({ room: item.room, seq, kind: 'join', author: 'nobody', message: null, json: JSON.stringify({ type: 'event', ...body }) })
        throw new ChatError('unavailable', 'Not saved.')
      }
      return storage.append(items)
    }
  }
}

/** An event of somebody's removal that does not look like one. */
const masked = (event: StoredEvent): StoredEvent => event.kind === 'member' ? { ...event, kind: 'react' } : event

function ownNumbers({ storage, instance }: Soil): Storage {
  if (instance !== 0) return storage
  const heads = new Map<string, number>()
  return answering(storage, (result, room) => {
    const seq = (heads.get(room) ?? 0) + 1
    heads.set(room, seq)
    return { ...result, seq, events: result.events.map(event => renumbered(event, seq)) }
  })
}

/** One change is never answered, however often it is sent, and to whom. */
function hanging(): (soil: Soil) => Storage {
  let count = 0
  let lost: string | null = null
  return ({ storage }) => ({
    ...storage,
    append(items) {
      const nonce = items[0]?.nonce ?? null
      if (++count >= 30) lost ??= nonce
      return nonce !== null && nonce === lost ? new Promise(() => {}) : storage.append(items)
    }
  })
}

/** A replica that is behind: what is read for a subscription is older than the page. */
const staleReplica = ({ storage, instance }: Soil): Storage => instance !== 2
  ? storage
  : {
      ...storage,
      async replay(...wanted) {
        const found = await storage.replay(...wanted)
        return found && { events: [], access: { ...found.access, room: { ...found.access.room, seq: Math.max(0, wanted[2] - 1) } } }
      }
    }

function fromTheMaximum(): Habits {
  const known = new Map<string, number>()
  return {
    ...goodHabits,
    acknowledged: (t, seq) => { known.set(t.room, Math.max(known.get(t.room) ?? 0, seq)) },
    beforeSubscribe: (t) => { if (t.position) t.position.seq = Math.max(t.position.seq, known.get(t.room) ?? 0) }
  }
}

const withReceive = (change: typeof receive) => (): Habits => ({ ...goodHabits, receive: change })

export const plants: Readonly<Record<string, Plant>> = {
  'drop a publish': { rule: 'late', broker: { lose: (from, { seq }) => from !== 2 && seq % 10 !== 0 } },
  'acknowledge before commit': { rule: 'acknowledged-loss', storage: soil => soil.instance === 0 ? acknowledgeFirst(soil) : soil.storage },
  'resume from the maximum instead of the last contiguous': { rule: 'skip', habits: fromTheMaximum },
  'skip the hold-back': {
    rule: 'skip',
    habits: withReceive((t, event) => {
      if (t.position && event.seq > t.position.seq) t.position.seq = event.seq - 1
      return receive(t, event)
    })
  },
  'apply twice': {
    rule: 'duplicate',
    habits: withReceive((t, event) => {
      if (t.position && event.seq <= t.position.seq) t.position.seq = event.seq - 1
      return receive(t, event)
    })
  },
  'reset a sequence': { rule: 'order', storage: ownNumbers },
  'stale membership': {
    rule: 'non-member',
    storage: ({ storage }) => ({ ...storage, eventsAfter: async (...wanted) => (await storage.eventsAfter(...wanted)).map(masked) }),
    bus: bus => ({ ...bus, subscribe: (room, listener) => bus.subscribe(room, { ...listener, event: event => listener.event(masked(event)) }) })
  },
  'forget a re-subscription': { rule: 'late', broker: { forgets: instance => instance === 2 } },
  'forget to look in storage once the bus is back': { rule: 'late', bus: bus => ({ ...bus, onRestored: () => {} }) },
  'send the newest first': { rule: 'author-order', habits: () => ({ ...goodHabits, inOrder: items => [...items].reverse() }) },
  'answer a retry with another seq': { rule: 'honest-ok', storage: ({ storage }) => answering(storage, result => result.duplicate ? { ...result, seq: result.seq + 1 } : result) },
  'publish before save': { rule: 'phantom', storage: soil => soil.instance === 1 ? publishFirst(soil) : soil.storage },
  'subscribe by a replica that is behind': { rule: 'resets', storage: staleReplica },
  'lose a request': { rule: 'unanswered', storage: hanging() },
  'keep the sockets of an ended session': { rule: 'ended-session', bus: (bus, instance) => instance === 2 ? { ...bus, onControl: () => {} } : bus },
  'show another text': {
    rule: 'diverged',
    habits: withReceive((t, event) => receive(t, event.kind === 'edit' ? { ...event, data: { text: 'something else' } } : event))
  }
}
