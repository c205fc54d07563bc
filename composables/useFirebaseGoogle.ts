/** "Sign in with Google" where accounts are kept at Firebase: in a window of its own or, where the browser opens none, by way of Google and back to this page. */
export function useFirebaseGoogle(next: () => unknown) {
  const session = useSessionStore()
  const { firebase } = session

  const enter = async (returned: boolean) => {
    if (!firebase) return
    if (await session.byGoogle(firebase, { invite: inviteOf(next()), returned }).catch(unlessGivenUp)) await navigateTo(nextPath(next()))
  }
  const { pending, error, run } = useAction(enter)

  onMounted(() => {
    // Before anybody clicks: browsers open a window only soon after a click. And Google may just have sent somebody back.
    if (firebase) void run(true)
  })

  return { firebase, pending, error, run: () => run(false) }
}

/** Whoever closes the window knows that they are not signed in. */
function unlessGivenUp(error: unknown): false {
  if (isGivenUp(error)) return false
  throw error
}
