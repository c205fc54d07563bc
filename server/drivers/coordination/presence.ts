import { limits } from '#shared/limits'
import type { Online, PresenceChange } from '../../core/ports'

/** How long changes gather before they are told: at most four tellings a second per room. */
const GATHER_MS = 250

interface RoomPresence {
  /** Grows by one with each telling. */
  version: number
  users: Set<string>
  /** Untold changes: true for came, false for left. */
  changes: Map<string, boolean>
  /** Whether somebody has been told who is there with these changes made: what is taken back must be told, too. */
  shown: boolean
  timer: NodeJS.Timeout | null
}

/** Who is in which room, as one process tells it to its listeners. */
export interface Presence {
  /** Says that somebody is here, or is not; where that is known already, nothing happens. */
  come: (room: string, user: string) => void
  go: (room: string, user: string) => void
  /** Lets go of who is there without telling. Whoever follows still sees, by the version, that something is missing. */
  forget: (room: string) => void
  counts: (rooms: readonly string[]) => Map<string, number>
  /** For somebody who follows from here on. */
  online: (room: string) => Online
  /** Everybody who is there, the untold included. */
  users: (room: string) => ReadonlySet<string>
  close: () => void
}

/** `tell` hears of each room's gathered changes, with versions that have no gap while somebody is there. */
export function createPresence(tell: (change: PresenceChange) => void): Presence {
  const rooms = new Map<string, RoomPresence>()
  /** Rooms in which nobody is are not kept, and begin again from the highest version of any: whoever still follows one sees a gap, never a version twice. */
  let floor = 0

  const release = (room: string, presence: RoomPresence) => {
    if (presence.users.size > 0 || presence.timer) return
    floor = Math.max(floor, presence.version)
    rooms.delete(room)
  }

  const announce = (room: string, presence: RoomPresence) => {
    const joined: string[] = []
    const left: string[] = []
    for (const [user, came] of presence.changes) (came ? joined : left).push(user)
    presence.changes.clear()
    presence.shown = false
    presence.version++
    tell({ room, version: presence.version, online: presence.users.size, joined, left })
  }

  const flush = (room: string, presence: RoomPresence) => {
    presence.timer = null
    if (presence.changes.size > 0) announce(room, presence)
    release(room, presence)
  }

  const note = (room: string, presence: RoomPresence, user: string, came: boolean) => {
    // Came and went, or went and came, since the last telling, and nobody has seen it: nothing to tell.
    if (presence.changes.has(user) && !presence.shown) presence.changes.delete(user)
    else presence.changes.set(user, came)
    presence.timer ??= setTimeout(flush, GATHER_MS, room, presence).unref()
  }

  return {
    come(room, user) {
      let presence = rooms.get(room)
      if (!presence) rooms.set(room, presence = { version: floor, users: new Set(), changes: new Map(), shown: false, timer: null })
      if (presence.users.has(user)) return
      presence.users.add(user)
      note(room, presence, user, true)
    },

    go(room, user) {
      const presence = rooms.get(room)
      if (presence?.users.delete(user)) note(room, presence, user, false)
    },

    forget(room) {
      const presence = rooms.get(room)
      if (!presence) return
      if (presence.users.size > 0 || presence.changes.size > 0) presence.version++
      presence.users.clear()
      presence.changes.clear()
      presence.shown = false
      release(room, presence)
    },

    counts(wanted) {
      const counts = new Map<string, number>()
      for (const room of wanted) {
        const online = rooms.get(room)?.users.size ?? 0
        if (online > 0) counts.set(room, online)
      }
      return counts
    },

    online(room) {
      const presence = rooms.get(room)
      if (!presence) return { version: floor, online: 0, users: [] }
      if (presence.changes.size > 0) presence.shown = true
      const users: string[] = []
      for (const user of presence.users) {
        if (users.length === limits.presenceNames) break
        users.push(user)
      }
      return { version: presence.version, online: presence.users.size, users }
    },

    users: room => rooms.get(room)?.users ?? new Set(),

    close() {
      for (const { timer } of rooms.values()) if (timer) clearTimeout(timer)
      rooms.clear()
    }
  }
}

/** How many times each person is in a room of this process: their tabs. */
export interface Tabs {
  /** true for the first. */
  enter: (room: string, user: string) => boolean
  /** true for the last; false also where there was none. */
  leave: (room: string, user: string) => boolean
  /** Who is here; undefined where nobody is. */
  in: (room: string) => ReadonlyMap<string, number> | undefined
}

export function createTabs(): Tabs {
  const rooms = new Map<string, Map<string, number>>()
  return {
    enter(room, user) {
      let users = rooms.get(room)
      if (!users) rooms.set(room, users = new Map())
      const tabs = users.get(user) ?? 0
      users.set(user, tabs + 1)
      return tabs === 0
    },

    leave(room, user) {
      const users = rooms.get(room)
      const tabs = users?.get(user)
      if (!users || tabs === undefined) return false
      if (tabs > 1) {
        users.set(user, tabs - 1)
        return false
      }
      users.delete(user)
      if (users.size === 0) rooms.delete(room)
      return true
    },

    in: room => rooms.get(room)
  }
}
