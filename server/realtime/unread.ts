import type { Storage } from '../core/ports'
import type { PersonHere } from './people'
import { frame, type Room } from './room'

/** A room's watchers hear of what they have not read at most this often, ms … */
const INTERVAL = 1_000
/** … and after a quiet time this soon. */
const SOON = 50
/** People counted in one query. */
const CHUNK = 500

export type Watchers = (room: Room) => Iterable<PersonHere>

/** Tells people about rooms of theirs that they are not looking at: how much is unread there. Whoever reads the room counts for themselves. */
export class Unread {
  readonly #dirty = new Set<Room>()
  #timer: NodeJS.Timeout | null = null
  #last = Number.NEGATIVE_INFINITY

  constructor(private readonly storage: Pick<Storage, 'unread'>, private readonly watchers: Watchers, private readonly failed: (error: unknown) => void) {}

  /** Something in this room counts, or no longer does. */
  mark(room: Room): void {
    this.#dirty.add(room)
    this.#timer ??= setTimeout(() => void this.#tell(), Math.max(SOON, INTERVAL - (performance.now() - this.#last)))
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#dirty.clear()
  }

  async #tell(): Promise<void> {
    const rooms = [...this.#dirty]
    this.#dirty.clear()
    this.#last = performance.now()
    for (const room of rooms) await this.#tellRoom(room).catch(this.failed)
    this.#timer = null
    const [next] = this.#dirty
    if (next) this.mark(next)
  }

  async #tellRoom(room: Room): Promise<void> {
    const away = [...this.watchers(room)].filter(here => [...here.devices].some(device => !device.reads(room.id)))
    for (let at = 0; at < away.length; at += CHUNK) {
      const some = away.slice(at, at + CHUNK)
      const counts = await this.storage.unread(room.id, some.map(here => here.person.id))
      for (const here of some) {
        const count = counts.get(here.person.id)
        if (!count) continue
        const text = frame({ type: 'room', room: room.id, change: 'unread', ...count, ...(room.sequence.head !== null && { head: room.sequence.head }) })
        for (const device of here.devices) if (!device.reads(room.id)) device.send(text)
      }
    }
  }
}
