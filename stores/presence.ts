import { defineStore } from 'pinia'
import { ref } from 'vue'
import { limits } from '#shared/limits'
import type { ServerFrameOf } from '#shared/protocol'
import type { Person } from '#shared/types'
import { useServices } from '~/utils/services'

export interface Online { count: number, users: string[] }
interface RoomPresence extends Online { /** null: the next frame is the first after a subscribe. */ version: number | null }

/** Who people are, who is here, who is typing. */
export const usePresenceStore = defineStore('presence', () => {
  const { api } = useServices()
  const people = ref<Record<string, Person>>({})
  const rooms = ref<Record<string, RoomPresence>>({})
  /** By room, then by person: the timer's end has removed whom it no longer holds. */
  const typists = ref<Record<string, string[]>>({})
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const wanted = new Set<string>()
  let asking: Promise<void> | null = null

  /** Remembers people and their current names. */
  function learn(users: readonly Person[]): void {
    for (const person of users) people.value[person.id] = person
  }

  async function askForNames(): Promise<void> {
    await Promise.resolve()
    while (wanted.size > 0) {
      const ids = [...wanted].slice(0, limits.page)
      const found = await api<Person[]>('/api/users', { query: { ids: ids.join(',') } })
      // An id that nobody has is a deleted person's.
      learn(ids.map(id => found.find(person => person.id === id) ?? { id, name: '', kind: 'member' }))
      for (const id of ids) wanted.delete(id)
    }
  }

  /** Fetches the names of those not known yet, all that are asked for in one turn together. A failed try is repeated with the next need. */
  function need(ids: readonly string[]): void {
    for (const id of ids) if (!people.value[id]) wanted.add(id)
    if (wanted.size === 0 || asking) return
    asking = askForNames()
      .catch((error: unknown) => console.warn('Names could not be loaded.', error))
      .finally(() => { asking = null })
  }

  /** Asks for the names of all that are known again: somebody may have another by now, or none. */
  function renew(): void {
    for (const id of Object.keys(people.value)) wanted.add(id)
    need([])
  }

  /** '' for a deleted person, and for one whose name is not here yet. */
  const name = (id: string): string => people.value[id]?.name ?? ''
  const online = (room: string): Online => rooms.value[room] ?? { count: 0, users: [] }
  const typingIds = (room: string): string[] => typists.value[room] ?? []
  const typing = (room: string): Person[] => typingIds(room).flatMap(id => people.value[id] ?? [])

  /** What a subscribe answered: the new truth. */
  function snapshot(room: string, count: number, users: readonly Person[]): void {
    learn(users)
    rooms.value[room] = { version: null, count, users: users.map(person => person.id) }
  }

  /** Applies a presence frame; false when one before it is missing, so that a new subscribe is due. */
  function apply(frame: ServerFrameOf<'presence'>): boolean {
    const known = rooms.value[frame.room]
    const whole = frame.users !== undefined || frame.online > limits.presenceNames
    if (!known && !whole) return false
    if (!whole && known?.version != null) {
      if (frame.version <= known.version) return true
      if (frame.version > known.version + 1) return false
    }
    const left = new Set(frame.left)
    const users = frame.users ?? (frame.online > limits.presenceNames ? [] : [...new Set([...known?.users ?? [], ...frame.joined ?? []])].filter(id => !left.has(id)))
    rooms.value[frame.room] = { version: frame.version, count: frame.online, users }
    need(users)
    for (const user of left) stopTyping(frame.room, user)
    return true
  }

  /** Somebody is typing: shown for 5 s, or until their message comes. */
  function startTyping(room: string, user: string): void {
    need([user])
    const key = `${room} ${user}`
    clearTimeout(timers.get(key))
    timers.set(key, setTimeout(() => stopTyping(room, user), limits.typingSeconds * 1000))
    if (!typingIds(room).includes(user)) typists.value[room] = [...typingIds(room), user]
  }

  function stopTyping(room: string, user: string): void {
    const key = `${room} ${user}`
    clearTimeout(timers.get(key))
    timers.delete(key)
    if (typingIds(room).includes(user)) typists.value[room] = typingIds(room).filter(id => id !== user)
  }

  /** A room was closed: nothing is known of it any more. */
  function leave(room: string): void {
    for (const user of typingIds(room)) stopTyping(room, user)
    rooms.value = Object.fromEntries(Object.entries(rooms.value).filter(([id]) => id !== room))
  }

  function clear(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    wanted.clear()
    people.value = {}
    rooms.value = {}
    typists.value = {}
  }

  return { people, rooms, typists, learn, need, renew, name, online, typingIds, typing, snapshot, apply, startTyping, stopTyping, leave, clear }
})
