import type { ErrorBody } from '#shared/errors'
import type { Member, Paged, Person, Role } from '#shared/types'
import { asChatError } from './useApi'

/** Somebody in the list of people; `role` is null for one who only looks in, or whose page is not loaded yet. */
export type Participant = Person & { role: Role | null }

/** The people of a room: those online (live) and the members who are not, in pages. Loads in the browser only. */
export function useMembers(room: () => string) {
  const api = useApi()
  const presence = usePresenceStore()
  const session = useSessionStore()
  const members = shallowRef<Member[]>([])
  const next = ref<string | null>(null)
  const loading = ref(true)
  const error = ref<ErrorBody | null>(null)
  let turn = 0

  async function load(cursor?: string): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    try {
      const page = await api<Paged<Member>>(`/api/rooms/${room()}/members`, { query: { cursor } })
      if (mine !== turn) return
      members.value = cursor ? [...members.value, ...page.items] : page.items
      next.value = page.next
      presence.learn(page.items.map(({ id, name, kind }) => ({ id, name, kind })))
    } catch (cause) {
      if (mine === turn) error.value = asChatError(cause).toJSON()
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  const byName = (a: Participant, b: Participant) => a.name.localeCompare(b.name, 'en')
  const live = computed(() => presence.online(room()))
  const roles = computed(() => new Map(members.value.map(member => [member.id, member.role])))
  const online = computed<Participant[]>(() => live.value.users
    .flatMap(id => presence.people[id] ?? [])
    .map(person => ({ ...person, role: roles.value.get(person.id) ?? null }))
    .sort((a, b) => Number(b.id === session.me?.id) - Number(a.id === session.me?.id) || byName(a, b)))
  const offline = computed<Participant[]>(() => {
    const here = new Set(live.value.users)
    return members.value.filter(member => !here.has(member.id))
      // Names change; presence has the latest.
      .map(member => ({ ...member, ...presence.people[member.id] }))
      .sort(byName)
  })

  onMounted(() => watch(room, () => {
    members.value = []
    next.value = null
    void load()
  }, { immediate: true }))

  return {
    online, offline, next, loading, error,
    onlineCount: computed(() => live.value.count),
    more: () => next.value ? load(next.value) : undefined,
    reload: () => load()
  }
}
