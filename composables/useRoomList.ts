/** The rooms to show, in two groups: `yours`, where the reader is a member, before `others`. Loaded by the server first, then whenever the query changes. */
export function useRoomList() {
  const rooms = useRoomsStore()
  const { query, change } = useRoomQuery()

  const { status, refresh } = useAsyncData('rooms', () => rooms.load(query.value).then(() => true), { lazy: true, watch: [query] })
  sameIdsAsOnServer()

  const plain = computed(() => !query.value.search && !query.value.archived)
  const yours = computed(() => {
    if (!plain.value) return rooms.items.filter(room => room.role !== null)
    return query.value.sort === 'name' ? [...rooms.mine].sort((a, b) => a.name.localeCompare(b.name, 'en')) : rooms.mine
  })
  const others = computed(() => rooms.items.filter(room => room.role === null))
  const empty = computed(() => yours.value.length + others.value.length === 0)
  const loading = computed(() => rooms.loading || status.value === 'pending')

  return { query, change, yours, others, empty, loading, refresh }
}
