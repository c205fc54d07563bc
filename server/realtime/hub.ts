import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { limits } from '#shared/limits'
import { ChatError } from '#shared/errors'
import type { RoomChange } from '#shared/protocol'
import type { Person } from '#shared/types'
import type { Control, Ports, PresenceChange, StoredEvent } from '../core/ports'
import type { Device, People, PersonHere } from './people'
import { frame, Room, type Member, type Snapshot } from './room'
import { Unread } from './unread'

/** A room that nobody here reads keeps its bus subscription for this long, ms: people come back. */
const RELEASE = 10_000
/** Rooms compared with storage in one go. */
const CHUNK = 500

const standing = z.object({ data: z.object({ user: z.string(), role: z.string().nullable(), banned: z.boolean() }) })
/** Events of before there were private rooms do not say. */
const settings = z.object({ data: z.object({ recheck: z.boolean().default(false) }) })

/** A room in this process: the subscription that feeds it, and those who have joined it but may look elsewhere, with the seq at which they were known to be in it. */
interface Topic { room: Room, confirmed: Promise<() => void>, watchers: Map<PersonHere, number> }

export interface HubStats { events: number, flushes: number, deliveries: number, writes: number, gaps: number }

/** This process's sockets, by room. Everything that a room's members hear comes through here, the author's own messages included. */
export class Hub {
  readonly #topics = new Map<string, Topic>()
  readonly #unread: Unread
  readonly stats: HubStats = { events: 0, flushes: 0, deliveries: 0, writes: 0, gaps: 0 }

  constructor(private readonly ports: Ports, private readonly people: People, private readonly failed: (error: unknown) => void) {
    this.#unread = new Unread(ports.storage, room => this.#topics.get(room.id)?.watchers.keys() ?? [], failed)
    ports.coordination.onPresence(change => void this.#presence(change).catch(failed))
  }

  get size(): number { return this.#topics.size }

  get(room: string): Room | undefined { return this.#topics.get(room)?.room }

  /**
   * Puts a member into a room's stream: registered first, then `read` authorizes and reads what was missed, so that nothing falls between and no
   * removal slips through. `answer` is called with what the member must be sent before anything else of the room is. Throws what `read` throws.
   */
  async subscribe(member: Member, id: string, read: () => Promise<Snapshot>, answer: (room: Room, snapshot: Snapshot) => void): Promise<void> {
    // A room that nobody has open here is authorized before the bus is asked for it: a refusal must neither cost a subscription nor take longer than that of a
    // room which others read.
    if (!this.#topics.has(id)) await read()
    const { room, confirmed } = this.#open(id)
    const entrant = room.enter(member)
    try {
      await confirmed
      let snapshot: Snapshot
      do {
        entrant.revoked = false
        snapshot = await read()
      } while (entrant.revoked)
      const admitted = room.admit(member, entrant, snapshot)
      if (!admitted) throw new ChatError('not_found', 'That room is not there.')
      answer(room, admitted)
    } catch (error) {
      if (room.awaits(member, entrant)) this.leave(member, room)
      throw error
    }
  }

  leave(member: Member, room: Room): void {
    room.leave(member)
    if (room.empty) room.idleSince = performance.now()
  }

  /**
   * Tells this person, from now on, about a room that they have joined. `head`: the room's when storage said that they have. Where the room is further by now, their
   * removal may have gone by and found nobody: storage is asked once more.
   */
  watch(here: PersonHere, id: string, head: number): void {
    const { room, watchers } = this.#open(id)
    const since = watchers.get(here)
    room.begin(head)
    here.rooms.add(id)
    watchers.set(here, Math.max(head, since ?? 0))
    if (since === undefined && (room.sequence.head ?? 0) > head) void this.#dismiss(id, [here]).catch(this.failed)
  }

  unwatch(here: PersonHere, id: string): void {
    here.rooms.delete(id)
    const topic = this.#topics.get(id)
    if (!topic?.watchers.delete(here)) return
    if (topic.watchers.size === 0 && topic.room.empty) topic.room.idleSince = performance.now()
  }

  /** Follows a room for somebody who has just joined it, wherever that was, and tells their sockets. */
  joined(here: PersonHere, id: string, head: number): void {
    const known = here.rooms.has(id)
    this.watch(here, id, head)
    if (!known) tell(here, id, 'added')
  }

  /** Rooms that storage has events of, up to these seqs. */
  expect(heads: ReadonlyMap<string, number>): void {
    for (const [id, head] of heads) this.get(id)?.expect(head)
  }

  /** What other instances, or other doors of this one, did. */
  control(control: Control): void {
    if (control.kind === 'room-deleted') this.#delete(control.room)
    if (control.kind === 'room-changed') this.#tellWatchers(control.room, 'renamed', control.silent)
    if (control.kind === 'read') this.#forgetUnread(control.room, control.user)
  }

  /** Releases rooms that have been empty for a while. */
  sweep(now: number): void {
    for (const [id, topic] of this.#topics) {
      if (!topic.room.empty || topic.watchers.size > 0 || now - topic.room.idleSince < RELEASE) continue
      this.#topics.delete(id)
      release(topic)
    }
  }

  /** Asks storage for the heads of rooms that somebody reads: a hole that no later event shows is found here. Members hear of heads that moved. */
  async compareHeads(): Promise<void> {
    for (const [id, head] of await this.ports.storage.heads(this.#busy())) {
      const room = this.get(id)
      if (!room || room.empty) continue
      room.expect(head)
      if (head === room.toldHead) continue
      room.toldHead = head
      room.passing({ type: 'heads', rooms: { [id]: head } })
    }
  }

  /** After a time in which anything may have been missed: compares all rooms with storage, those that are gone from it included. */
  async catchUp(): Promise<void> {
    const ids = [...this.#topics.keys()]
    for (let at = 0; at < ids.length; at += CHUNK) {
      const some = ids.slice(at, at + CHUNK)
      const heads = await this.ports.storage.heads(some)
      for (const id of some) if (!heads.has(id)) this.#delete(id)
      this.expect(heads)
      await setImmediate()
    }
  }

  /** Everything that waits for its flush leaves now. */
  flush(): void { for (const { room } of this.#topics.values()) room.flush() }

  close(): void {
    this.#unread.close()
    for (const topic of this.#topics.values()) release(topic)
    this.#topics.clear()
  }

  #busy(): string[] {
    return [...this.#topics.values()].filter(({ room }) => !room.empty).map(({ room }) => room.id)
  }

  #open(id: string): Topic {
    const known = this.#topics.get(id)
    if (known) return known
    const room = new Room(id, {
      read: (after, limit) => {
        this.stats.gaps++
        return this.ports.storage.eventsAfter(id, after, limit)
      },
      failed: this.failed,
      passed: (room, event) => this.#passed(room, event),
      watched: () => topic.watchers.size > 0,
      written: (sockets, frames) => {
        this.stats.flushes++
        this.stats.writes += sockets
        this.stats.deliveries += sockets * frames
      }
    })
    room.idleSince = performance.now()
    const confirmed = this.ports.bus.subscribe(id, {
      event: event => room.take(event),
      head: seq => room.expect(seq),
      typing: user => room.passing({ type: 'typing', room: id, user })
    })
    const topic: Topic = { room, confirmed, watchers: new Map() }
    this.#topics.set(id, topic)
    confirmed.catch((error) => {
      if (this.#topics.get(id) === topic) this.#topics.delete(id)
      this.failed(error)
    })
    return topic
  }

  /** What an event means for those who read or have joined the room; before anything later goes out. */
  #passed(room: Room, event: StoredEvent): void {
    this.stats.events++
    switch (event.kind) {
      case 'message': case 'delete':
        if (event.kind === 'delete') this.#unread.forget(room)
        if (this.#topics.get(room.id)?.watchers.size) this.#unread.mark(room, event.kind === 'message' ? event : null)
        break
      case 'join': {
        const here = this.people.get(event.author)
        if (here) this.joined(here, room.id, event.seq)
        break
      }
      case 'leave':
        this.#remove(room, event.author, event.seq)
        break
      case 'member': {
        const { data } = standing.parse(JSON.parse(event.json))
        if (data.role === null || data.banned) this.#remove(room, data.user, event.seq)
        break
      }
      case 'room':
        if (settings.parse(JSON.parse(event.json)).data.recheck) this.#recheck(room, event.seq)
    }
  }

  /** Whoever reads comes in anew, by their right as it is now; whoever has only joined is asked about without hurry, since they are sent no content. */
  #recheck(room: Room, seq: number): void {
    for (const member of room.suspect(seq)) member.recheck(room, seq)
    const watchers = [...this.#topics.get(room.id)?.watchers.keys() ?? []]
    void this.#dismiss(room.id, watchers).catch(this.failed)
  }

  async #dismiss(id: string, watchers: PersonHere[]): Promise<void> {
    for (const here of watchers) {
      const access = await this.ports.storage.access({ id }, here.person.id)
      // They came back while storage was asked: its answer is older.
      const back = access && access.room.seq < (this.#topics.get(id)?.watchers.get(here) ?? 0)
      if (access?.role || back || !here.rooms.has(id)) continue
      this.unwatch(here, id)
      tell(here, id, 'removed')
    }
  }

  #remove(room: Room, user: string, seq: number): void {
    const here = this.people.get(user)
    if (!here) return
    const readers = [...here.devices].filter(device => room.has(device))
    // One who is banned, or let in again, without ever having been inside must not learn that there is such a room.
    if (readers.length === 0 && !here.rooms.has(room.id)) return
    if (readers.length > 0) room.revoke(readers, seq)
    this.unwatch(here, room.id)
    tell(here, room.id, 'removed')
  }

  #delete(id: string): void {
    const topic = this.#topics.get(id)
    if (!topic) return
    this.#topics.delete(id)
    const told = topic.room.destroy()
    for (const here of topic.watchers.keys()) {
      here.rooms.delete(id)
      tell(here, id, 'deleted', device => !told.has(device))
    }
    release(topic)
  }

  #forgetUnread(id: string, user: string): void {
    const [room, here] = [this.get(id), this.people.get(user)]
    if (room && here) this.#unread.forget(room, here)
  }

  /** Those who read the room hear it by an event, unless there is none. */
  #tellWatchers(id: string, change: RoomChange, readersToo = false): void {
    for (const here of this.#topics.get(id)?.watchers.keys() ?? []) tell(here, id, change, device => readersToo || !device.reads(id))
  }

  async #presence({ room: id, version, online, joined, left }: PresenceChange): Promise<void> {
    const room = this.get(id)
    if (!room || room.empty) return
    room.presenceVersion = version
    const named = online <= limits.presenceNames
    if (named && !room.presenceNamed) return await this.#nameAll(room)
    room.presenceNamed = named
    room.passing({ type: 'presence', room: id, version, online, ...(named && { joined, left }) })
    if (!named || joined.length === 0) return
    const users = await this.#peopleOf(joined)
    if (users.length > 0) room.passing({ type: 'people', users })
  }

  /** They were too many for names, and are not any more. */
  async #nameAll(room: Room): Promise<void> {
    const { version, online, users } = await this.ports.coordination.online(room.id)
    const named = online <= limits.presenceNames
    const people = named ? await this.#peopleOf(users) : []
    // More has come, and been told or asked for, meanwhile.
    if (version < room.presenceVersion) return
    room.presenceVersion = version
    room.presenceNamed = named
    if (named) room.passing({ type: 'people', users: people })
    room.passing({ type: 'presence', room: room.id, version, online, ...named && { users } })
  }

  async #peopleOf(users: readonly string[]): Promise<Person[]> {
    const here = users.flatMap(user => this.people.get(user)?.person ?? [])
    return here.length === users.length ? here : await this.ports.storage.people(users)
  }
}

function release({ room, confirmed }: Topic): void {
  room.close()
  // One that was never confirmed has nothing to end, and was reported.
  confirmed.then(end => end(), () => {})
}

/** Tells a person's sockets, or those of them that `which` picks, about a room of theirs. */
function tell(here: PersonHere, room: string, change: RoomChange, which: (device: Device) => boolean = () => true): void {
  const text = frame({ type: 'room', room, change })
  for (const device of here.devices) if (which(device)) device.send(text)
}
