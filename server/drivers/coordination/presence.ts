import { limits } from '#shared/limits'
import type { Online, PresenceChange } from '../../core/ports'

/** How long changes gather before they are told: at most four tellings a second per room. */
const GATHER_MS = 250

interface RoomPresence {
  /** Grows by one with each telling, and is kept when the room is empty: a watcher who is not counted may still be following. */
  version: number
  /** How many times each person is here: their tabs. */
  users: Map<string, number>
  /** Untold changes: true for came, false for left. */
  changes: Map<string, boolean>
  timer: NodeJS.Timeout | null
}

interface Presence {
  enter: (room: string, user: string) => void
  leave: (room: string, user: string) => void
  counts: (rooms: readonly string[]) => Map<string, number>
  online: (room: string) => Online
  close: () => void
}

/** Who is in which room, as counted by one process. `tell` hears of each room's gathered changes. */
export function createPresence(tell: (change: PresenceChange) => void): Presence {
  const rooms = new Map<string, RoomPresence>()

  const flush = (room: string, presence: RoomPresence) => {
    presence.timer = null
    if (presence.changes.size === 0) return
    const joined: string[] = []
    const left: string[] = []
    for (const [user, came] of presence.changes) (came ? joined : left).push(user)
    presence.changes.clear()
    presence.version++
    tell({ room, version: presence.version, online: presence.users.size, joined, left })
  }

  const note = (room: string, presence: RoomPresence, user: string, came: boolean) => {
    // Came and went, or went and came, since the last telling: nothing to tell.
    if (presence.changes.has(user)) presence.changes.delete(user)
    else presence.changes.set(user, came)
    presence.timer ??= setTimeout(flush, GATHER_MS, room, presence).unref()
  }

  return {
    enter(room, user) {
      let presence = rooms.get(room)
      if (!presence) rooms.set(room, presence = { version: 0, users: new Map(), changes: new Map(), timer: null })
      const tabs = presence.users.get(user) ?? 0
      presence.users.set(user, tabs + 1)
      if (tabs === 0) note(room, presence, user, true)
    },

    leave(room, user) {
      const presence = rooms.get(room)
      const tabs = presence?.users.get(user)
      if (!presence || tabs === undefined) return
      if (tabs > 1) {
        presence.users.set(user, tabs - 1)
      } else {
        presence.users.delete(user)
        note(room, presence, user, false)
      }
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
      if (!presence) return { version: 0, online: 0, users: [] }
      const users: string[] = []
      for (const user of presence.users.keys()) {
        if (users.length === limits.presenceNames) break
        users.push(user)
      }
      return { version: presence.version, online: presence.users.size, users }
    },

    close() {
      for (const { timer } of rooms.values()) if (timer) clearTimeout(timer)
      rooms.clear()
    }
  }
}
