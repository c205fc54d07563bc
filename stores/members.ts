import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ErrorBody } from '#shared/errors'
import { limits } from '#shared/limits'
import type { ServerFrameOf } from '#shared/protocol'
import type { Member, Paged, Role, RoomEvent } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { isDoor } from '~/utils/doors'
import { noticeOf, type RoomNotice } from '~/utils/notices'
import { useServices } from '~/utils/services'
import { usePresenceStore } from './presence'
import { useRoomsStore } from './rooms'

/** What is known of the members of a room: the pages that were loaded, and what happened since. */
interface MemberList { members: Member[], next: string | null, loading: boolean, error: ErrorBody | null, /** Events that came while an answer was on its way. */ since: RoomEvent[], turn: number, /** Those who were asked for: not again, until the list is loaded anew. */ met: string[], /** It may say what no longer holds, and no event tells so. */ stale: boolean }

/** By a new password anybody may be out: for who looks on to ask what is left, ms. Not all at once, and whoever is out themselves knows by then. */
const recheckAfter = () => 300 + Math.random() * 1_200

/** Notices kept of a room. */
const mostNotices = 50

const without = (members: readonly Member[], others: readonly Member[]) => members.filter(({ id }) => !others.some(other => other.id === id))

/** Who is in the rooms that are open, with their roles; live. */
export const useMembersStore = defineStore('members', () => {
  const { api } = useServices()
  const presence = usePresenceStore()
  const rooms = useRoomsStore()
  const lists = ref<Record<string, MemberList>>({})
  /** What happened to people in a room while it was open, oldest first. */
  const notices = ref<Record<string, RoomNotice[]>>({})
  /** What happens while somebody is asked for. */
  const meetings = new Set<RoomEvent[]>()
  /** Rooms whose people are read again in a moment. */
  const due = new Set<string>()

  /** The reactive one: what an assignment gives is the plain object. */
  function opened(room: string): MemberList {
    const known = lists.value[room]
    if (known) return known
    lists.value[room] = { members: [], next: null, loading: false, error: null, since: [], turn: 0, met: [], stale: false }
    return opened(room)
  }

  const ask = (room: string, query: { cursor?: string, ids?: string }) => api<Paged<Member>>(`/api/rooms/${room}/members`, { query })

  /** Shows whom `find` gives instead of all, or (`more`) beside them, with what happened meanwhile on top; nothing if something was asked for after it. A failure is in the list's `error`. */
  async function read(list: MemberList, find: () => Promise<Paged<Member>>, more = false): Promise<boolean> {
    const turn = ++list.turn
    Object.assign(list, { loading: true, error: null, since: [], met: [] })
    try {
      const { items, next } = await find()
      if (turn !== list.turn) return false
      Object.assign(list, { members: more ? [...without(list.members, items), ...items] : items, next })
      for (const event of list.since) apply(list, event)
      presence.learn(items.map(({ id, name, kind }) => ({ id, name, kind })))
      return true
    } catch (cause) {
      if (turn === list.turn) list.error = asChatError(cause).toJSON()
      return false
    } finally {
      if (turn === list.turn) Object.assign(list, { loading: false, since: [] })
    }
  }

  /** Loads the first page, or the next one, unless something is being loaded. A failure is in the list's `error`. */
  async function load(room: string, cursor?: string): Promise<void> {
    const list = opened(room)
    if (cursor === undefined) {
      if (await read(list, () => ask(room, {}))) list.stale = false
    } else if (list.stale) {
      if (!list.loading) await renew(room)
    } else if (!list.loading) {
      await read(list, () => ask(room, { cursor }), true)
    }
  }

  /** Reads again whoever is known of a room's people, as far as they were loaded: what became of them no event tells. Those who are shown stay until the answer is there. */
  async function renew(room: string): Promise<void> {
    const [list, summary] = [lists.value[room], rooms.byId[room]]
    if (!list || !summary || isDoor(summary)) return
    list.stale = true
    if (await read(list, () => findAgain(room, list.members))) list.stale = false
  }

  /** As many pages as there were people, and those of them who are beyond. */
  async function findAgain(room: string, known: readonly Member[]): Promise<Paged<Member>> {
    let [items, next]: [Member[], string | null] = [[], null]
    do {
      const page: Paged<Member> = await ask(room, { cursor: next ?? undefined })
      items = [...without(items, page.items), ...page.items]
      next = page.next
    } while (next !== null && items.length < known.length)
    const beyond = next === null ? [] : without(known, items).map(({ id }) => id)
    for (let at = 0; at < beyond.length; at += limits.page) items.push(...(await ask(room, { ids: beyond.slice(at, at + limits.page).join(',') })).items)
    return { items, next }
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
      const page = await ask(room, { ids: strangers.join(',') })
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
    if (event.kind === 'room' && event.data.recheck) recheck(event.room)
  }

  /** Who has no place in the room any more is told to nobody else. */
  function recheck(room: string): void {
    if (due.has(room)) return
    due.add(room)
    setTimeout(() => {
      due.delete(room)
      void renew(room)
    }, recheckAfter())
  }

  /** A stretch was skipped: who came or went in it, and how they stand since. Whoever is out has nobody to see. */
  function onReset({ room, reason }: ServerFrameOf<'reset'>): void {
    if (reason !== 'access') void renew(room)
  }

  /** Loads once more what could not be loaded, if anything. */
  function retry(): void {
    for (const [room, { error, stale, members, next }] of Object.entries(lists.value)) {
      if (error) void (stale ? renew(room) : load(room, members.length > 0 ? next ?? undefined : undefined))
    }
  }

  function clear(): void {
    lists.value = {}
    notices.value = {}
  }

  return { lists, notices, load, renew, retry, meet, known, applyEvent, onReset, clear }
})
