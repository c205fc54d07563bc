import { errorCodes, type ErrorBody } from '#shared/errors'
import type { InvitePreview } from '#shared/types'
import { asChatError } from './useApi'

interface Looked { preview: InvitePreview | null, problem: ErrorBody | null }

/**
 * What an invite leads to, and the ways in. Read on the server, so that whatever is shown of a shared link shows who invites where; each look counts for the
 * address that asks for the page. Whoever is inside already goes straight on.
 */
export function useInvite(code: string) {
  const api = useApi()
  const rooms = useRoomsStore()
  const session = useSessionStore()
  const event = useRequestEvent()
  const app = useNuxtApp()
  const go = (slug: string) => navigateTo(`/rooms/${slug}`, { replace: true })

  async function look(): Promise<Looked> {
    try {
      const preview = await api<InvitePreview>('/api/invites/preview', { method: 'POST', body: { code } })
      if (preview.inside) await app.runWithContext(() => go(preview.room.slug))
      return { preview, problem: null }
    } catch (cause) {
      const problem = asChatError(cause).toJSON()
      if (event) setResponseStatus(event, errorCodes[problem.code].status)
      return { preview: null, problem }
    }
  }
  const loaded = useAsyncData(`invite ${code}`, look, { lazy: true, getCachedData: (key, app) => app.isHydrating ? app.payload.data[key] : undefined })
  sameIdsAsOnServer()
  const preview = computed(() => loaded.data.value?.preview?.inside === false ? loaded.data.value.preview : null)

  return {
    preview,
    problem: computed(() => loaded.data.value?.problem ?? null),
    reload: () => loaded.refresh(),
    accept: async () => go((await rooms.acceptInvite(code)).slug),
    comeAsGuest: async (name: string) => go((await session.comeAsGuest({ code, name })).slug)
  }
}
