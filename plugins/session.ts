import { useSessionStore } from '~/stores/session'
import { createApi } from '~/composables/useApi'
import { createRealtime } from '~/utils/realtime'
import { servicesKey } from '~/utils/services'

/** Milliseconds that an answer may take. */
const timeout = 20_000

/** Provides what stores need from outside, and asks once (on the server) who this is. */
export default defineNuxtPlugin({
  name: 'session',
  async setup(nuxtApp) {
    const fetcher = useRequestFetch()
    const api = createApi((path, options) => fetcher<unknown>(path, { ...options, retry: 0, timeout }))
    const leave = () => nuxtApp.runWithContext(() => {
      useSessionStore().lose()
      return navigateTo({ path: '/login', query: { problem: 'signed-out', next: useRoute().fullPath } })
    })
    const realtime = import.meta.client ? createRealtime(api, () => void leave()) : null
    nuxtApp.vueApp.provide(servicesKey, { api, realtime })
    const session = useSessionStore()
    if (!session.loaded) await session.load()
  }
})
