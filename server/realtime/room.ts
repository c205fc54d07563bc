import { limits } from '#shared/limits'
import type { ResetReason, ServerFrame } from '#shared/protocol'
import type { StoredEvent } from '../core/ports'
import { Batch } from './frames'
import { deliver, Outbox, type Flush, type Reader } from './outbox'
import { withoutDeleted, withoutText } from './redact'
import { Sequence, type SequenceOptions } from './sequence'

/** A socket that reads a room. */
export interface Member extends Reader {
  /** It was taken off the roster. */
  dropped: (room: Room, reason: ResetReason | 'deleted') => void
  /** Its right to read may have ended with the event at `seq`, which it has been sent: it must enter anew, at once, and has what comes held back until it is in. */
  recheck: (room: Room, seq: number) => void
}

/** Someone between registering and the shared stream. `seq` is what they have seen, null until their snapshot is read. */
export interface Entrant { seq: number | null, held: StoredEvent[], bytes: number, revoked: boolean, lost: boolean }

/** What the entrant read from storage after it was registered. */
export interface Snapshot { head: number, events: StoredEvent[], reset: ResetReason | null }

export interface RoomOptions extends Pick<SequenceOptions, 'read' | 'failed'> {
  /** Each event, once, in order, before it goes out. */
  passed: (room: Room, event: StoredEvent) => void
  /** Whether somebody here has joined it, and must hear of what changes even when nobody reads. */
  watched: () => boolean
  written: (sockets: number, frames: number) => void
}

/** What a slow reader gets of frames that may be lost. */
const NOTHING = new Batch([])

export const frame = (body: ServerFrame): string => JSON.stringify(body)

/** One room's sockets in this process: who reads it, who is on the way in, and what they have been sent. */
export class Room {
  readonly members = new Set<Member>()
  readonly #entrants = new Map<Member, Entrant>()
  readonly sequence: Sequence
  readonly #outbox: Outbox
  /** Last seq that the members were sent. */
  #flushed = 0
  /** When the last one left it, ms; for releasing its bus subscription late. */
  idleSince = 0
  /** Newest version of its presence that the members were told. */
  presenceVersion = 0
  /** Whether all members know who is there, and not only how many: differences tell them nothing otherwise. */
  presenceNamed = true
  /** The head that the members were last told by `heads`. */
  toldHead = 0

  constructor(readonly id: string, private readonly options: RoomOptions) {
    this.sequence = new Sequence({ read: options.read, failed: options.failed, emit: event => this.#emit(event), pass: event => options.passed(this, event), skip: head => this.#skip(head) })
    this.#outbox = new Outbox({ readers: this.members, flushed: flush => this.#sendToEntrants(flush), written: options.written })
  }

  get empty(): boolean { return this.members.size === 0 && this.#entrants.size === 0 }

  has(member: Member): boolean { return this.members.has(member) || this.#entrants.has(member) }

  /** An event from the bus. */
  take(event: StoredEvent): void {
    const { message } = event
    if (event.kind === 'delete' && message !== null) {
      this.sequence.replace(other => withoutText(other, message))
      this.#outbox.replace(other => withoutText(other, message))
    }
    // Where nobody reads and nobody has joined, nothing needs to be complete.
    if (this.empty) this.begin(event.seq - 1)
    this.sequence.take(event)
  }

  /** Storage has events up to `seq`: what did not come by itself is read there, for those who read and those who have joined and look elsewhere. */
  expect(seq: number): void {
    if (!this.empty) return this.sequence.expect(seq)
    if (!this.options.watched()) return
    if (this.sequence.head === null) this.begin(seq)
    else this.sequence.expect(seq)
  }

  /** Somebody follows it from `head` on, as storage had it when it said that they may. */
  begin(head: number): void {
    if (!this.empty || (this.options.watched() && this.sequence.head !== null)) return this.sequence.expect(head)
    this.sequence.jump(head)
    this.#flushed = Math.max(this.#flushed, head)
  }

  /** A frame that may be lost, for all members and for those who have been answered and wait for the stream to come as far: it stands in no order with that. */
  passing(body: ServerFrame): void {
    const text = frame(body)
    this.#outbox.passing(text)
    const batch = new Batch([text])
    for (const [member, { seq }] of this.#entrants) if (seq !== null) deliver(member, batch, NOTHING)
  }

  /** Registers first; what happens from now on is kept for `admit`. */
  enter(member: Member): Entrant {
    this.members.delete(member)
    const entrant: Entrant = { seq: null, held: [], bytes: 0, revoked: false, lost: false }
    this.#entrants.set(member, entrant)
    return entrant
  }

  /** Whether this is still how they come in: they may have left since, or begun anew. */
  awaits(member: Member, entrant: Entrant): boolean { return this.#entrants.get(member) === entrant }

  /** From here on they get the stream. Returns what they must be sent first: the snapshot, and what came after it was read. */
  admit(member: Member, entrant: Entrant, snapshot: Snapshot): Snapshot | null {
    if (!this.awaits(member, entrant)) return null
    if (this.sequence.head === null) this.#startAfter(snapshot.head)
    this.sequence.expect(snapshot.head)
    const late = entrant.held.filter(event => event.seq > snapshot.head)
    const head = Math.max(snapshot.head, late.at(-1)?.seq ?? 0, entrant.lost ? this.#flushed : 0)
    entrant.seq = head
    entrant.held = []
    if (this.#flushed >= head) this.#makeMember(member)
    if (entrant.lost) return { head, events: [], reset: 'too-old' }
    return { ...snapshot, head: snapshot.reset ? head : snapshot.head, events: snapshot.reset ? [] : withoutDeleted([...snapshot.events, ...late]) }
  }

  /** The first who comes in says where the stream begins. What was held until then is gone: the others may have read less, and read again. */
  #startAfter(head: number): void {
    this.#flushed = head
    for (const entrant of this.#entrants.values()) if (entrant.seq === null) entrant.revoked = true
    this.sequence.start(head)
  }

  leave(member: Member): void {
    this.members.delete(member)
    this.#entrants.delete(member)
  }

  /** Takes members off the roster because of the event at `seq`: they have been sent everything up to it, and get nothing beyond. */
  revoke(members: Iterable<Member>, seq: number): void {
    this.#outbox.flush()
    for (const member of members) {
      const entrant = this.#entrants.get(member)
      if (entrant?.seq === null) {
        entrant.revoked = true
      } else if (this.members.has(member) || (entrant && entrant.seq !== null && entrant.seq < seq)) {
        this.leave(member)
        member.dropped(this, 'access')
      }
    }
  }

  /** Everybody's right to read may have ended with the event at `seq`: takes all off the roster. Gives them; they must enter anew. */
  suspect(seq: number): Member[] {
    this.#outbox.flush()
    const inside = [...this.members]
    for (const [member, entrant] of this.#entrants) {
      if (entrant.seq === null) entrant.revoked = true
      else if (entrant.seq < seq) inside.push(member)
    }
    for (const member of inside) this.leave(member)
    return inside
  }

  /** Everything that waits leaves now. */
  flush(): void { this.#outbox.flush() }

  /** The room is no more. Gives those who were told. */
  destroy(): Set<Member> {
    this.#outbox.flush()
    const told = new Set(this.members)
    for (const [member, { seq }] of this.#entrants) if (seq !== null) told.add(member)
    this.close()
    for (const member of told) member.dropped(this, 'deleted')
    return told
  }

  close(): void {
    this.sequence.close()
    this.#outbox.close()
    this.members.clear()
    this.#entrants.clear()
  }

  #emit(event: StoredEvent): void {
    if (this.empty) this.#flushed = event.seq
    else this.#outbox.event(event)
    this.options.passed(this, event)
  }

  /** A hole too long to fill: everybody pages again. */
  #skip(head: number): void {
    this.#outbox.flush()
    this.#flushed = head
    const batch = new Batch([frame({ type: 'reset', room: this.id, reason: 'too-old' })])
    for (const member of this.members) deliver(member, batch)
    for (const [member, entrant] of this.#entrants) {
      if (entrant.seq === null) entrant.lost = true
      else if (entrant.seq < head) deliver(member, batch)
      if (entrant.seq !== null && entrant.seq <= head) this.#makeMember(member)
    }
  }

  #sendToEntrants({ events, batch }: Flush): void {
    const last = events.at(-1)
    if (!last) return
    this.#flushed = Math.max(this.#flushed, last.seq)
    for (const [member, entrant] of this.#entrants) {
      const { seq } = entrant
      if (seq === null) {
        hold(entrant, events)
        continue
      }
      const fresh = events.filter(event => event.seq > seq)
      if (fresh.length > 0) deliver(member, fresh.length === events.length ? batch : new Batch(fresh.map(event => event.json)))
      // Not before this flush is over: they have it already.
      if (last.seq >= seq) queueMicrotask(() => { if (this.#entrants.get(member) === entrant) this.#makeMember(member) })
    }
  }

  #makeMember(member: Member): void {
    this.#entrants.delete(member)
    this.members.add(member)
  }
}

/** Keeps events for an entrant, up to what may be replayed; beyond, they page again. */
function hold(entrant: Entrant, events: readonly StoredEvent[]): void {
  for (const event of events) {
    entrant.bytes += event.json.length
    if (entrant.held.length >= limits.replayEvents || entrant.bytes > limits.replayBytes) entrant.lost = true
    if (!entrant.lost) entrant.held.push(event)
  }
  if (entrant.lost) entrant.held = []
}
