import type { SignUpBody } from '~/stores/session'

/** Making an account: of one's own, or of a guest's who stays who they are. An invite in `next` is passed on: it may be what opens the way. */
export function useSignUp() {
  const text = useText().auth
  const session = useSessionStore()
  const next = useRoute().query.next
  const invite = inviteOf(next)

  const isOpen = computed(() => session.maySignUp(invite))
  const words = computed(() => isOpen.value
    ? session.isGuest ? text.signUpGuest : text.signUp
    : session.signup === 'invite' ? text.signUpInvite : text.signUpClosed)

  async function signUp(body: SignUpBody): Promise<void> {
    await session.signUp({ ...body, ...(invite && { invite }) })
    await navigateTo(nextPath(next))
  }

  return { next, words, isOpen, signUp }
}
