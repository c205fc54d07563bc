import { limits } from '#shared/limits'
import type { RoomEvent } from '#shared/types'
import type { Storage, StoredEvent } from '../core/ports'
import type { PersonHere } from './people'
import { frame, type Room } from './room'

/** A room's watchers hear of what they have not read at most this often, ms … */
const INTERVAL = 1_000
/** … and after a quiet time this soon. */
const SOON = 50
/** Who has been told of as many as are ever counted need not hear it again before this long, ms. */
const FULL = 10_000
/** People counted in one query. */
const CHUNK = 500

const timeOf = ({ json }: StoredEvent): number => (JSON.parse(json) as Pick<RoomEvent, 'at'>).at

export type Watchers = (room: Room) => Iterable<PersonHere>

/** Tells people about rooms of theirs that they are not looking at: how much is unread there. Whoever reads the room counts for themselves. */
export class Unread {
  /** With the last message since they were told, if there was one: others were deleted. */
  readonly #dirty = new Map<Room, StoredEvent | null>()
  /** Who was told "99+", by room, since when. */
  readonly #full = new WeakMap<Room, { since: number, people: Set<PersonHere> }>()
  #timer: NodeJS.Timeout | null = null
  #last = Number.NEGATIVE_INFINITY

  constructor(private readonly storage: Pick<Storage, 'unread'>, private readonly watchers: Watchers, private readonly failed: (error: unknown) => void) {}

  /** Something in this room counts (`message`), or no longer does (null). */
  mark(room: Room, message: StoredEvent | null): void {
    this.#dirty.set(room, message ?? this.#dirty.get(room) ?? null)
    this.#timer ??= setTimeout(() => void this.#tell(), Math.max(SOON, INTERVAL - (performance.now() - this.#last)))
  }

  /** They have read there, or less is left to read: what they were told does not hold. */
  forget(room: Room, here?: PersonHere): void {
    if (here) this.#full.get(room)?.people.delete(here)
    else this.#full.delete(room)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#dirty.clear()
  }

  async #tell(): Promise<void> {
    const rooms = [...this.#dirty]
    this.#dirty.clear()
    this.#last = performance.now()
    for (const [room, message] of rooms) await this.#tellRoom(room, message).catch(this.failed)
    this.#timer = null
    const [next] = this.#dirty
    if (next) this.mark(...next)
  }

  async #tellRoom(room: Room, message: StoredEvent | null): Promise<void> {
    const news = { ...(room.sequence.head !== null && { head: room.sequence.head }), ...(message && { lastMessageAt: timeOf(message) }) }
    const full = this.#fullIn(room)
    const away = [...this.watchers(room)].filter(here => !full.has(here) && [...here.devices].some(device => !device.reads(room.id)))
    for (let at = 0; at < away.length; at += CHUNK) {
      const some = away.slice(at, at + CHUNK)
      const counts = await this.storage.unread(room.id, some.map(here => here.person.id))
      for (const here of some) {
        const count = counts.get(here.person.id)
        if (!count) continue
        if (count.unread >= limits.unread) full.add(here)
        const text = frame({ type: 'room', room: room.id, change: 'unread', ...count, ...news })
        for (const device of here.devices) if (!device.reads(room.id)) device.send(text)
      }
    }
  }

  #fullIn(room: Room): Set<PersonHere> {
    const known = this.#full.get(room)
    if (known && performance.now() - known.since < FULL) return known.people
    const people = new Set<PersonHere>()
    this.#full.set(room, { since: performance.now(), people })
    return people
  }
}
