import type { Member, Person, Role } from '#shared/types'

/** Somebody in the list of people; `role` is null for one who only looks in, or whose page is not loaded yet. */
export type Participant = Person & { role: Role | null, mutedUntil: number | null }

/** The people of a room: those online (live) and the members who are not, in pages. Loads in the browser only. */
export function useMembers(room: () => string) {
  const presence = usePresenceStore()
  const session = useSessionStore()
  const store = useMembersStore()
  const list = computed(() => store.lists[room()])

  const byName = (a: Participant, b: Participant) => a.name.localeCompare(b.name, 'en')
  const live = computed(() => presence.online(room()))
  const members = computed<Member[]>(() => list.value?.members ?? [])
  const known = computed(() => new Map(members.value.map(member => [member.id, member])))
  const online = computed<Participant[]>(() => live.value.users
    .flatMap(id => presence.people[id] ?? [])
    .map(person => ({ ...person, role: known.value.get(person.id)?.role ?? null, mutedUntil: known.value.get(person.id)?.mutedUntil ?? null }))
    .sort((a, b) => Number(b.id === session.me?.id) - Number(a.id === session.me?.id) || byName(a, b)))
  const offline = computed<Participant[]>(() => {
    const here = new Set(live.value.users)
    return members.value.filter(member => !here.has(member.id))
      // Names change; presence has the latest.
      .map(member => ({ ...member, ...presence.people[member.id] }))
      .sort(byName)
  })

  onMounted(() => watch(room, id => void store.load(id), { immediate: true }))

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
