import type { RedisLink } from '../../redis/link'
import type { Presence, Tabs } from '../presence'
import { MirroredRoom } from './room'
import { call, COMPARE, READ, replies, type Change } from './scripts'

/** Rooms that are followed although nobody here is in them: those asked for most lately. */
const MAX_IDLE = 1_000
/** How long a change that seems lost may still come, ms. */
const PATIENCE = 150
/** Rooms in one call. */
const READ_SLICE = 50
const COMPARE_SLICE = 500

export interface MirrorOptions {
  link: RedisLink
  told: Presence
  tabs: Tabs
  /** The shared state that we belong to. */
  born: () => string | null
  /** Whether departures may be told now. */
  mayLeave: () => boolean
  /** Our shared state is not Redis's any more. */
  lost: () => void
  /** Rooms could not be read: compare again. */
  missed: () => void
  failed: (error: unknown) => void
}

/** Who is in the rooms that this process follows, as Redis has it: kept up by changes, and read again where one is missing. */
export interface Mirror {
  /** Follows a room from now on. */
  follow: (room: string) => void
  /** Nobody here is in it any more. */
  idle: (room: string) => void
  /** Waits until it was read, where it was not yet; a second at most. */
  load: (room: string) => Promise<void>
  isLoaded: (room: string) => boolean
  apply: (changes: readonly Change[]) => void
  /** What was known is of another state. */
  restart: () => void
  /** Asks Redis for the versions of all rooms, and reads those that differ. true: it was asked. */
  compare: () => Promise<boolean>
  /** Tells of one person, or of everybody, what is so now. */
  refresh: (room: string, user: string) => void
  refreshAll: () => void
  close: () => void
}

export function createMirror({ link, told, tabs, born, mayLeave, lost, missed, failed }: MirrorOptions): Mirror {
  const rooms = new Map<string, MirroredRoom>()
  /** Oldest first. */
  const idle = new Set<string>()
  const wanted = new Set<string>()
  let batch: Promise<void> | null = null
  /** Rooms found wrong → the version that they should have. */
  const suspects = new Map<string, number>()
  let patience: NodeJS.Timeout | null = null

  const refresh = (id: string, user: string) => {
    const room = rooms.get(id)
    if (tabs.in(id)?.has(user) || room?.users.has(user)) told.come(id, user)
    else if (room?.loaded && mayLeave()) told.go(id, user)
  }
  const refreshRoom = (id: string, room: MirroredRoom) => {
    for (const user of room.users) told.come(id, user)
    for (const user of [...told.users(id)]) refresh(id, user)
  }

  const suspect = (id: string, version: number) => {
    suspects.set(id, version)
    patience ??= setTimeout(() => {
      patience = null
      for (const [id, version] of suspects) if (rooms.get(id)?.isBehind(version)) void read(id)
      suspects.clear()
    }, PATIENCE).unref()
  }

  /** One question about several rooms, as of one shared state; null when there is none to ask about. */
  const ask = async (script: typeof READ, ids: readonly string[]): Promise<unknown> => {
    const state = born()
    if (state === null) return null
    const reply = await call(link, script, [state, ...ids])
    if (born() !== state) return null
    if (reply === null) lost()
    return reply
  }

  const read = (id: string): Promise<void> => {
    wanted.add(id)
    return batch ??= Promise.resolve().then(async () => {
      const ids = [...wanted]
      wanted.clear()
      batch = null
      try {
        for (let from = 0; from < ids.length; from += READ_SLICE) await readSlice(ids.slice(from, from + READ_SLICE))
      } catch (error) {
        missed()
        failed(error)
      }
    })
  }
  const readSlice = async (ids: readonly string[]) => {
    const reply = await ask(READ, ids)
    if (reply === null) return
    const [now, ...found] = replies.read.parse(reply)
    for (const [i, [version, users]] of found.entries()) {
      const id = ids[i] ?? ''
      const room = rooms.get(id)
      if (!room?.load(version || now, users)) continue
      refreshRoom(id, room)
      if (room.hasHole) suspect(id, 0)
    }
  }

  const forget = (id: string) => {
    idle.delete(id)
    rooms.delete(id)
    told.forget(id)
  }

  return {
    follow(id) {
      idle.delete(id)
      if (!tabs.in(id)) idle.add(id)
      if (rooms.has(id)) return
      rooms.set(id, new MirroredRoom())
      void read(id)
      for (const oldest of idle) {
        if (idle.size <= MAX_IDLE) break
        forget(oldest)
      }
    },

    idle: (id) => { idle.add(id) },

    async load(id) {
      if (!rooms.get(id)?.loaded) await read(id)
    },

    isLoaded: id => rooms.get(id)?.loaded ?? false,

    apply(changes) {
      for (const change of changes) {
        const room = rooms.get(change.room)
        if (!room) continue
        for (const user of room.take(change)) refresh(change.room, user)
        if (room.hasHole) suspect(change.room, change.version)
      }
    },

    restart() {
      for (const [id, room] of rooms) {
        room.restart()
        void read(id)
      }
    },

    async compare() {
      const ids = [...rooms.keys()]
      try {
        for (let from = 0; from < ids.length; from += COMPARE_SLICE) {
          const slice = ids.slice(from, from + COMPARE_SLICE)
          const reply = await ask(COMPARE, slice)
          if (reply === null) return false
          for (const [i, version] of replies.compare.parse(reply).entries()) {
            const id = slice[i] ?? ''
            if (rooms.get(id)?.isBehind(version)) suspect(id, version)
          }
        }
        return true
      } catch (error) {
        failed(error)
        return false
      }
    },

    refresh,
    refreshAll() { for (const [id, room] of rooms) refreshRoom(id, room) },

    close() {
      if (patience) clearTimeout(patience)
      rooms.clear()
      suspects.clear()
    }
  }
}
