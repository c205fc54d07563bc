import type { ResetReason } from '#shared/protocol'
import type { Bus, Coordination, Listener, Online, Ports, PresenceChange, StoredEvent } from '../../../server/core/ports'
import type { Batch } from '../../../server/realtime/frames'
import type { Device } from '../../../server/realtime/people'
import type { Room } from '../../../server/realtime/room'
import type { Wire } from '../../../server/realtime/wire'

/** A socket that keeps what was written to it. */
export class FakeWire implements Wire {
  open = true
  backlog = 0
  /** One entry per write. */
  readonly writes: Batch[] = []
  closedWith: number | null = null

  get frames(): Record<string, unknown>[] { return this.writes.flatMap(batch => batch.texts).map(text => JSON.parse(text) as Record<string, unknown>) }
  write(batch: Batch) { if (batch.texts.length > 0) this.writes.push(batch) }
  close(code: number) {
    this.open = false
    this.closedWith = code
  }

  terminate() { this.open = false }
}

export class FakeDevice implements Device {
  readonly wire = new FakeWire()
  readonly drops: string[] = []
  readonly rechecks: string[] = []
  readonly said: Record<string, unknown>[] = []
  readonly subscribed = new Set<string>()
  slow = false

  get seqs(): unknown[] { return this.wire.frames.filter(frame => frame.type === 'event').map(frame => frame.seq) }
  tooSlow() { this.slow = true }
  recheck(room: Room, seq: number) { this.rechecks.push(`${room.id} ${seq}`) }
  dropped(room: Room, reason: ResetReason | 'deleted') { this.drops.push(`${room.id} ${reason}`) }
  reads(room: string) { return this.subscribed.has(room) }
  send(frame: string) { this.said.push(JSON.parse(frame) as Record<string, unknown>) }
}

export function event(seq: number, body: { kind?: StoredEvent['kind'], author?: string, message?: string | null, data?: object, room?: string } = {}): StoredEvent {
  const { kind = 'message', author = 'ann', message = kind === 'message' ? `m${seq}` : null, data = { text: `text ${seq}`, replyTo: null }, room = 'hall' } = body
  return { room, seq, kind, author, message, json: JSON.stringify({ type: 'event', room, seq, kind, at: seq, author, nonce: null, ...message !== null && { message }, data }) }
}

/** A bus, a presence and a storage of events that a test plays by hand. */
export function fakePorts(stored: StoredEvent[] = []) {
  const listeners = new Map<string, Listener>()
  /** Rooms that the bus was asked for. */
  const asked: string[] = []
  const reads: { after: number }[] = []
  const gone = new Set<string>()
  const standing = new Set<string>(['ann', 'ben'])
  let restored = () => {}
  let presence: (change: PresenceChange) => void = () => {}
  const online: Online = { version: 0, online: 0, users: [] }
  const bus: Pick<Bus, 'subscribe' | 'onRestored'> = {
    async subscribe(room, listener) {
      asked.push(room)
      listeners.set(room, listener)
      return () => void listeners.delete(room)
    },
    onRestored: (listen) => { restored = listen }
  }
  const coordination: Pick<Coordination, 'onPresence' | 'online'> = { onPresence: (listen) => { presence = listen }, online: async () => ({ ...online }) }
  const unreadAsked: string[][] = []
  const storage = {
    eventsAfter: async (room: string, after: number, limit: number) => {
      reads.push({ after })
      return stored.filter(event => event.room === room && event.seq > after).slice(0, limit)
    },
    heads: async (rooms: readonly string[]) => new Map(rooms.filter(room => !gone.has(room)).map(room => [room, Math.max(0, ...stored.filter(event => event.room === room).map(event => event.seq))])),
    unread: async (_room: string, users: readonly string[]) => {
      unreadAsked.push([...users])
      return new Map(users.map(user => [user, { unread: result.unread, readSeq: 1 }]))
    },
    access: async ({ id }: { id: string }, user: string) => {
      const read = { role: standing.has(user) ? 'member' : null, room: { id, seq: Math.max(0, ...stored.filter(event => event.room === id).map(event => event.seq)) } }
      await result.held
      return read
    },
    people: async (ids: readonly string[]) => ids.map(id => ({ id, name: id, kind: 'member' as const }))
  }
  const result = {
    ports: { bus, coordination, storage } as unknown as Ports,
    reads, asked, unreadAsked, stored, gone, standing, online,
    unread: 3,
    /** What storage read of somebody's standing is given no sooner. */
    held: Promise.resolve(),
    publish: (event: StoredEvent) => listeners.get(event.room)?.event(event),
    typing: (room: string, user: string) => listeners.get(room)?.typing(user),
    subscribed: (room: string) => listeners.has(room),
    restore: () => restored(),
    presence: (change: PresenceChange) => presence(change)
  }
  return result
}

/** The end of the event loop's turn, when calm rooms flush. */
export const turn = () => new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)))
