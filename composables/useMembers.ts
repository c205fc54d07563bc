import type { Person, Role } from '#shared/types'

/** Somebody in the list of people; `role` is null for one who only looks in, or of whom it is not known yet. */
export type Participant = Person & { role: Role | null, mutedUntil: number | null }

/** The people of a room: those online (live) and the members who are not, in pages. Loads in the browser only. `all`: the reader looks after the room: how each of those online stands has to be known, and who is muted. */
export function useMembers(room: () => string, all: () => boolean) {
  const presence = usePresenceStore()
  const session = useSessionStore()
  const store = useMembersStore()
  const list = computed(() => store.lists[room()])

  const byName = (a: Participant, b: Participant) => a.name.localeCompare(b.name, 'en')
  const members = computed(() => new Map(store.known(room()).map(member => [member.id, member])))
  /** Until the line says who is here: whom the list knows to be, and the reader. */
  const live = computed(() => {
    if (presence.rooms[room()]) return presence.online(room())
    const users = [...members.value.values()].filter(({ id, online }) => online || id === session.me?.id).map(({ id }) => id)
    return { count: users.length, users }
  })
  const online = computed<Participant[]>(() => live.value.users
    .flatMap(id => presence.people[id] ?? [])
    .map(person => ({ ...person, role: members.value.get(person.id)?.role ?? null, mutedUntil: members.value.get(person.id)?.mutedUntil ?? null }))
    .sort((a, b) => Number(b.id === session.me?.id) - Number(a.id === session.me?.id) || byName(a, b)))
  const offline = computed<Participant[]>(() => {
    const here = new Set(live.value.users)
    return [...members.value.values()].filter(member => !here.has(member.id)).sort(byName)
  })

  onMounted(() => {
    watch([room, all], ([id, sees], [before, saw]) => {
      if (id !== before) void store.load(id)
      // Who is muted is told to those alone who look after the room.
      else if (sees && !saw) void store.renew(id)
    }, { immediate: true })
    watch([() => live.value.users, () => list.value?.loading, all], () => {
      if (all()) void store.meet(room(), live.value.users)
    })
  })

  return {
    online, offline,
    next: computed(() => list.value?.next ?? null),
    loading: computed(() => list.value?.loading ?? true),
    error: computed(() => list.value?.error ?? null),
    onlineCount: computed(() => live.value.count),
    more: () => list.value?.next ? store.load(room(), list.value.next) : undefined,
    reload: () => store.load(room())
  }
}
