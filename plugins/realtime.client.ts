import { useConnectionStore } from '~/stores/connection'
import { useMembersStore } from '~/stores/members'
import { useMessagesStore } from '~/stores/messages'
import { usePresenceStore } from '~/stores/presence'
import { useRoomsStore } from '~/stores/rooms'
import { useSessionStore } from '~/stores/session'
import { followSession, wireRealtime } from '~/utils/realtime'
import { useServices } from '~/utils/services'

/** Frames → stores, wired once. The line starts after hydration, so that the browser's first picture is the server's. */
export default defineNuxtPlugin({
  name: 'realtime',
  dependsOn: ['session'],
  setup(nuxtApp) {
    const { realtime } = useServices()
    if (!realtime) return
    const stores = { session: useSessionStore(), rooms: useRoomsStore(), messages: useMessagesStore(), members: useMembersStore(), presence: usePresenceStore(), connection: useConnectionStore() }
    // Where visitors may read, the line goes on without its person: they are told, and may come back.
    const signedOut = () => useRouter().resolve({ path: '/login', query: { problem: 'signed-out', next: useRoute().fullPath } }).href
    wireRealtime(realtime, stores, user => nuxtApp.runWithContext(() => reloadNuxtApp({ force: true, ...!user && { path: signedOut() } })))
    // The last that a page is sure to be told of its life: https://developer.chrome.com/docs/web-platform/page-lifecycle-api
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') stores.messages.tellRead() })
    nuxtApp.hooks.hookOnce('app:suspense:resolve', () => {
      followSession(realtime, stores, false)
      // Before anything that a sign-in leads to is loaded.
      watch(() => stores.session.who, () => followSession(realtime, stores, true), { flush: 'sync' })
    })
  }
})
