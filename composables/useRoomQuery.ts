import { limits } from '#shared/limits'

/** Search, sort and archive of the room list, kept in the address: it can be linked, reloaded and rendered by the server. `change` sets some of them. */
export function useRoomQuery() {
  const route = useRoute()
  const router = useRouter()

  const query = computed(() => ({
    search: typeof route.query.search === 'string' ? route.query.search.slice(0, limits.roomName) : '',
    sort: route.query.sort === 'name' ? 'name' as const : 'activity' as const,
    archived: route.query.archived === 'true'
  }))

  function change(part: Partial<typeof query.value>) {
    const { search, sort, archived } = { ...query.value, ...part }
    return router.replace({ query: { ...(search && { search }), ...(sort === 'name' && { sort }), ...(archived && { archived: 'true' }) } })
  }

  return { query, change }
}
