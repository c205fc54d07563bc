import type { Person } from '#shared/types'
import type { Member } from './room'

/** What the rest of the real-time layer asks of somebody's socket. */
export interface Device extends Member {
  /** Whether it gets this room's stream. */
  reads: (room: string) => boolean
  send: (frame: string) => void
}

/** A signed-in person with at least one socket in this process. */
export interface PersonHere {
  person: Person
  readonly devices: Set<Device>
  /** Rooms that they have joined, as far as this process knows. */
  readonly rooms: Set<string>
  /** How far they have read in rooms, as far as their sockets here were told. */
  readonly read: Map<string, number>
}

/** Who has sockets in this process. */
export class People {
  readonly #byId = new Map<string, PersonHere>()

  get count(): number { return this.#byId.size }

  get(user: string): PersonHere | undefined { return this.#byId.get(user) }

  /** The person's entry, with this device in it. */
  add(person: Person, device: Device): PersonHere {
    let here = this.#byId.get(person.id)
    if (!here) {
      here = { person, devices: new Set(), rooms: new Set(), read: new Map() }
      this.#byId.set(person.id, here)
    }
    here.devices.add(device)
    return here
  }

  /** Forgets the device. true: it was the person's last one. */
  remove(here: PersonHere, device: Device): boolean {
    here.devices.delete(device)
    if (here.devices.size > 0) return false
    if (this.#byId.get(here.person.id) === here) this.#byId.delete(here.person.id)
    return true
  }
}
