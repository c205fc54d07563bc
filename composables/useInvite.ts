import type { ErrorBody } from '#shared/errors'
import type { InvitePreview } from '#shared/types'
import { asChatError } from './useApi'

/**
 * What an invite leads to, and the ways in. Read by the browser: each look counts for the address that it comes from, and programs that fetch a link to
 * show it learn nothing of the room. Whoever is inside already goes straight on.
 */
export function useInvite(code: string) {
  const api = useApi()
  const rooms = useRoomsStore()
  const session = useSessionStore()
  const preview = shallowRef<InvitePreview | null>(null)
  const problem = ref<ErrorBody | null>(null)
  const go = (slug: string) => navigateTo(`/rooms/${slug}`, { replace: true })

  async function load(): Promise<void> {
    problem.value = null
    try {
      const found = await api<InvitePreview>('/api/invites/preview', { method: 'POST', body: { code } })
      if (found.inside) await go(found.room.slug)
      else preview.value = found
    } catch (cause) {
      problem.value = asChatError(cause).toJSON()
    }
  }
  onMounted(load)

  return {
    preview, problem, load,
    accept: async () => go((await rooms.acceptInvite(code)).slug),
    comeAsGuest: async (name: string) => go((await session.comeAsGuest({ code, name })).slug)
  }
}
