import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ErrorBody } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Member, Paged, Role, RoomEvent } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { noticeOf, type RoomNotice } from '~/utils/notices'
import { useServices } from '~/utils/services'
import { usePresenceStore } from './presence'

/** What is known of the members of a room: the pages that were loaded, and what happened since. */
interface MemberList { members: Member[], next: string | null, loading: boolean, error: ErrorBody | null, /** Events that came while an answer was on its way. */ since: RoomEvent[], turn: number, /** Those who were asked for: not again, until the list is loaded anew. */ met: string[] }

/** Notices kept of a room. */
const mostNotices = 50

/** Who is in the rooms that are open, with their roles; live. */
export const useMembersStore = defineStore('members', () => {
  const { api } = useServices()
  const presence = usePresenceStore()
  const lists = ref<Record<string, MemberList>>({})
  /** What happened to people in a room while it was open, oldest first. */
  const notices = ref<Record<string, RoomNotice[]>>({})
  /** What happens while somebody is asked for. */
  const meetings = new Set<RoomEvent[]>()

  /** The reactive one: what an assignment gives is the plain object. */
  function opened(room: string): MemberList {
    const known = lists.value[room]
    if (known) return known
    lists.value[room] = { members: [], next: null, loading: false, error: null, since: [], turn: 0, met: [] }
    return opened(room)
  }

  /** Loads the first page, or the next one. A failure is in the list's `error`. */
  async function load(room: string, cursor?: string): Promise<void> {
    const list = opened(room)
    const turn = ++list.turn
    Object.assign(list, { loading: true, error: null, since: [], met: [] })
    try {
      const page = await api<Paged<Member>>(`/api/rooms/${room}/members`, { query: { cursor } })
      if (turn !== list.turn) return
      const ids = new Set(page.items.map(member => member.id))
      list.members = [...cursor ? list.members.filter(member => !ids.has(member.id)) : [], ...page.items]
      list.next = page.next
      for (const event of list.since) apply(list, event)
      presence.learn(page.items.map(({ id, name, kind }) => ({ id, name, kind })))
    } catch (cause) {
      if (turn === list.turn) list.error = asChatError(cause).toJSON()
    } finally {
      if (turn === list.turn) Object.assign(list, { loading: false, since: [] })
    }
  }

  /** Learns how those stand who are beyond the pages that were loaded: in a large room, most of those who are here. */
  async function meet(room: string, ids: readonly string[]): Promise<void> {
    const list = lists.value[room]
    if (!list || list.loading || list.next === null) return
    const strangers = ids.filter(id => !list.met.includes(id) && !list.members.some(member => member.id === id)).slice(0, limits.page)
    if (strangers.length === 0) return
    list.met.push(...strangers)
    const { turn } = list
    const events: RoomEvent[] = []
    meetings.add(events)
    try {
      const page = await api<Paged<Member>>(`/api/rooms/${room}/members`, { query: { ids: strangers.join(',') } })
      if (turn !== list.turn) return
      list.members.push(...page.items.filter(member => !list.members.some(known => known.id === member.id)))
      for (const event of events) if (event.room === room) apply(list, event)
    } catch (cause) {
      // Asked again with the next who comes.
      list.met = list.met.filter(id => !strangers.includes(id))
      console.warn('How people stand in a room could not be loaded.', cause)
    } finally {
      meetings.delete(events)
    }
  }

  /** By their newest names. Whoever made an account of a guest's is a guest no more, and who is deleted is in no room. */
  const known = (room: string): Member[] => (lists.value[room]?.members ?? []).flatMap((member) => {
    const person = presence.people[member.id]
    if (person?.name === '') return []
    return { ...member, ...person, role: member.role === 'guest' && person?.kind === 'member' ? 'member' as const : member.role }
  })

  function put(list: MemberList, user: string, role: Role, mutedUntil: number | null): void {
    const known = list.members.find(member => member.id === user)
    if (known) return void Object.assign(known, { role, mutedUntil })
    presence.need([user])
    list.members.push({ id: user, name: presence.name(user), kind: presence.people[user]?.kind ?? (role === 'guest' ? 'guest' : 'member'), role, online: false, mutedUntil })
  }

  const remove = (list: MemberList, user: string) => { list.members = list.members.filter(member => member.id !== user) }

  function apply(list: MemberList, event: RoomEvent): void {
    if (event.kind === 'join') put(list, event.author, event.data.role, null)
    if (event.kind === 'leave') remove(list, event.author)
    if (event.kind === 'member') {
      const { user, role, mutedUntil } = event.data
      if (role === null) remove(list, user)
      else put(list, user, role, mutedUntil)
    }
  }

  function notice(event: RoomEvent, isHere: (user: string) => boolean): void {
    const fresh = noticeOf(event, isHere)
    const known = notices.value[event.room] ?? []
    if (!fresh || known.some(other => other.seq === fresh.seq)) return
    presence.need([fresh.user, fresh.by])
    notices.value[event.room] = [...known, fresh].sort((a, b) => a.seq - b.seq).slice(-mostNotices)
  }

  /** An event from the line. */
  function applyEvent(event: RoomEvent): void {
    const list = lists.value[event.room]
    notice(event, user => (list?.members.some(member => member.id === user) ?? false) || presence.online(event.room).users.includes(user))
    if (!list) return
    if (list.loading) list.since.push(event)
    for (const events of meetings) events.push(event)
    apply(list, event)
  }

  function clear(): void {
    lists.value = {}
    notices.value = {}
  }

  return { lists, notices, load, meet, known, applyEvent, clear }
})
