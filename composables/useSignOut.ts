/** Signing out. With unsent messages it asks first (`asking`); `leave` goes without asking. */
export function useSignOut() {
  const text = useText().app
  const session = useSessionStore()
  const connection = useConnection()
  const toast = useToast()
  const asking = ref(false)

  async function leave() {
    asking.value = false
    try {
      await session.logOut()
      // A fresh page: nothing of this person stays in memory.
      await navigateTo(session.public ? '/' : '/login', { external: true })
    } catch (thrown) {
      toast.add({ title: text.signOutFailed, description: errorText(thrown), color: 'error', icon: 'i-lucide-triangle-alert' })
    }
  }

  const signOut = () => connection.outboxCount > 0 ? asking.value = true : leave()

  return { asking, waiting: computed(() => connection.outboxCount), signOut, leave }
}
