/** Signing out. With unsent messages, and of guests, who can't come back, it asks first (`asking`, with these `words`); `leave` goes without asking. */
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

  const signOut = () => connection.outboxCount > 0 || session.isGuest ? asking.value = true : leave()
  const words = computed(() => session.isGuest
    ? { title: text.signOutGuest.title, text: text.signOutGuest.text, confirm: text.signOutGuest.confirm }
    : { title: text.signOutAsk.title, text: text.signOutAsk.text(connection.outboxCount), confirm: text.signOutAsk.confirm })

  return { asking, words, signOut, leave }
}
