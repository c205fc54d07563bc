import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { errorCodes, type ChatError, type ErrorBody } from '#shared/errors'
import type { FirebaseSite, Me, RoomSummary, SiteInfo, SiteSettings } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { clearDrafts } from '~/composables/useDraft'
import { explained, loadFirebase, type FirebaseAuth } from '~/utils/firebase'
import { useServices } from '~/utils/services'

export interface LogInBody {
  email: string
  password: string
  remember: boolean
  /** The code of an invite: where the site asks newcomers for one, and to come into its room at once. */
  invite?: string
}
export interface SignUpBody extends LogInBody { name: string }
export interface SetUpBody extends Omit<SignUpBody, 'invite'> { token?: string }
export interface GuestBody { code: string, name: string }
/** What somebody who has signed in at Firebase brings along. */
interface ProofBody { idToken: string, remember: boolean, name?: string, invite?: string, token?: string }

/** A guest who makes an account stays who they are, with another session. */
export const whoIs = ({ id, kind }: Pick<Me, 'id' | 'kind'>): string => `${id} ${kind}`

/** Who is signed in, and what this site allows to those who are not. Actions reject with ChatError. */
export const useSessionStore = defineStore('session', () => {
  const { api, realtime } = useServices()
  const me = ref<Me | null>(null)
  const needsSetUp = ref(false)
  const signup = ref<SiteInfo['signup']>('open')
  const isPublic = ref(false)
  const guests = ref(false)
  const google = ref(false)
  const mail = ref(false)
  /** Where accounts are kept; null: here. */
  const firebase = ref<FirebaseSite | null>(null)
  const loaded = ref(false)
  /** Why the session could not be loaded; null when it was. */
  const error = ref<ErrorBody | null>(null)
  let turn = 0
  /** Signed in with an account of their own: not a visitor, and not a guest. */
  const isMember = computed(() => me.value !== null && me.value.kind !== 'guest')
  const isGuest = computed(() => me.value?.kind === 'guest')
  /** Whether whoever is here may make an account, with this invite or without one. A guest was invited when they came. */
  const maySignUp = (invite: string | null = null): boolean => signup.value === 'open' || (signup.value === 'invite' && (invite !== null || isGuest.value))
  /** Whose line and outbox these are. */
  const who = computed(() => me.value && whoIs(me.value))

  /** Asks the server who this is. A failure is kept in `error`, because it is met while a page is being made. */
  async function load(): Promise<void> {
    try {
      const answer = await api<SiteInfo>('/api/auth/session')
      me.value = answer.me
      needsSetUp.value = answer.needsSetUp
      takeSettings(answer)
      google.value = answer.google
      mail.value = answer.mail
      firebase.value = answer.firebase ?? null
      loaded.value = true
      error.value = null
    } catch (cause) {
      error.value = asChatError(cause).toJSON()
    }
  }

  /** What the site allows, as the server has just said. */
  function takeSettings(settings: SiteSettings): void {
    signup.value = settings.signup
    isPublic.value = settings.public
    guests.value = settings.guests
  }

  /** Reads the person's own account and the site's settings again; the last one to ask counts. Somebody else, or nobody, is for the line to find out. */
  async function renew(): Promise<void> {
    const mineIsThe = ++turn
    const answer = await api<SiteInfo>('/api/auth/session')
    if (mineIsThe !== turn) return
    takeSettings(answer)
    if (answer.me && whoIs(answer.me) === who.value) me.value = answer.me
  }

  /** Does what ends the session here. The line is let go of first, so that this end is no news on it; whoever is still the same takes it up again. */
  async function ending<T>(act: () => Promise<T>): Promise<T> {
    const before = who.value
    if (before) realtime?.socket.stop()
    try {
      return await act()
    } finally {
      if (before && who.value === before) realtime?.socket.start()
    }
  }

  /** Signs in, or up. Of a guest who does this the old session ends. */
  const enter = <Answer extends { me: Me }>(path: string, body: LogInBody | SignUpBody | SetUpBody | GuestBody | ProofBody): Promise<Answer> => ending(async () => {
    const answer = await api<Answer>(path, { method: 'POST', body: { ...body } })
    me.value = answer.me
    needsSetUp.value = false
    loaded.value = true
    return answer
  })

  /** Does something at Firebase; what goes wrong there is told in our words. */
  async function atFirebase<T>(site: FirebaseSite, act: (auth: FirebaseAuth) => Promise<T>): Promise<T> {
    try {
      return await act(await loadFirebase(site))
    } catch (cause) {
      throw explained(cause)
    }
  }

  /** With what Firebase gave: in, here. */
  const enterBy = (body: ProofBody) => enter('/api/auth/firebase', body)

  async function logIn({ invite, ...body }: LogInBody): Promise<unknown> {
    const site = firebase.value
    if (!site) return enter('/api/auth/login', body)
    return enterBy({ idToken: await atFirebase(site, auth => auth.signIn(body)), remember: body.remember, ...(invite && { invite }) })
  }

  /** An account there, then here; one that was made for nothing does not stay. */
  async function signUpAt(site: FirebaseSite, path: string, { email, password, name, remember, ...more }: SignUpBody & { token?: string }): Promise<unknown> {
    const idToken = await atFirebase(site, auth => auth.signUp({ email, password, name, remember }))
    try {
      return await enter(path, { idToken, name, remember, ...more })
    } catch (cause) {
      if (!errorCodes[asChatError(cause).code].retryable) await atFirebase(site, auth => auth.undo()).catch(() => {})
      throw cause
    }
  }

  const signUp = (body: SignUpBody): Promise<unknown> => firebase.value ? signUpAt(firebase.value, '/api/auth/firebase', body) : enter('/api/auth/signup', body)
  const setUp = (body: SetUpBody): Promise<unknown> => firebase.value ? signUpAt(firebase.value, '/api/auth/firebase/setup', body) : enter('/api/auth/setup', body)

  /** Mails a link to a new password, where there is such an account. */
  async function forgot(email: string): Promise<void> {
    if (firebase.value) await atFirebase(firebase.value, auth => auth.forgot(email))
    else await api('/api/auth/password/forgot', { method: 'POST', body: { email } })
  }

  /** A new password by the token of a mailed link. */
  async function resetPassword(token: string, password: string): Promise<void> {
    if (firebase.value) await atFirebase(firebase.value, auth => auth.reset(token, password))
    else await api('/api/auth/password/reset', { method: 'POST', body: { token, password } })
  }

  /** Confirms one's address by the token of a mailed link. */
  async function verify(token: string): Promise<void> {
    if (firebase.value) await atFirebase(firebase.value, auth => auth.verify(token))
    else await api('/api/auth/verify', { method: 'POST', body: { token } })
  }

  /** Mails once more the link to confirm one's address by. */
  async function verifyAgain(): Promise<void> {
    if (firebase.value) await atFirebase(firebase.value, auth => auth.verifyAgain())
    else await api('/api/auth/verify/resend', { method: 'POST', body: {} })
  }

  /** Forgets the person and what this browser keeps for them: unsent changes and drafts. The other stores follow `me`. */
  async function forget(): Promise<void> {
    if (me.value) {
      clearDrafts(me.value.id)
      await realtime?.outbox.clear()
    }
    me.value = null
  }

  /** The session here has ended already: should it not work out, nothing is open. */
  async function leaveFirebase(): Promise<void> {
    if (firebase.value && isMember.value) await atFirebase(firebase.value, auth => auth.signOut()).catch(() => {})
  }

  /** Signs out here. Ask first when `useConnection().outboxCount` is not 0: what is unsent is lost. */
  async function logOut(): Promise<void> {
    await ending(async () => {
      await api('/api/auth/logout', { method: 'POST' }).catch((cause: ChatError) => { if (cause.code !== 'unauthenticated') throw cause })
      await leaveFirebase()
      await forget()
    })
  }

  /** The server no longer knows this session. What is unsent stays for the next sign-in of the same person. */
  function lose(): void { me.value = null }

  async function rename(name: string): Promise<void> { me.value = (await api<{ me: Me }>('/api/me', { method: 'PATCH', body: { name } })).me }

  /** At Firebase every sign-in ends with it, this one too: it begins anew, until the browser closes. */
  async function changePassword(body: { current: string, next: string }): Promise<void> {
    const site = firebase.value
    if (!site) return void await api('/api/auth/password/change', { method: 'POST', body })
    const idToken = await atFirebase(site, async (auth) => {
      await auth.again(me.value?.email ?? '', body.current)
      return auth.changePassword(body.next)
    })
    await enterBy({ idToken, remember: false })
  }

  /** Where accounts are kept at Firebase, an empty password means with Google. */
  async function deleteAccount({ password = '', messages }: { password?: string, messages: 'keep' | 'delete' }): Promise<void> {
    const site = isMember.value ? firebase.value : null
    const idToken = site ? await atFirebase(site, auth => auth.again(me.value?.email ?? '', password)) : ''
    await ending(async () => {
      await api('/api/me', { method: 'DELETE', body: site ? { idToken, messages } : { password, messages } })
      await leaveFirebase()
      await forget()
    })
  }

  /** Signs in, or up, with a Google account at Firebase; `returned`: with what Google sent back to this page, if it did. false: there was nothing. */
  async function byGoogle(site: FirebaseSite, { invite, returned }: { invite: string | null, returned: boolean }): Promise<boolean> {
    const idToken = await atFirebase(site, auth => returned ? auth.returned() : auth.google(true))
    if (idToken === null) return false
    await enterBy({ idToken, remember: true, ...(invite && { invite }) })
    return true
  }

  return {
    me, who, isMember, isGuest, maySignUp, needsSetUp, signup, public: isPublic, guests, google, mail, firebase, loaded, error, takeSettings,
    load, renew, logIn, signUp, setUp, byGoogle, forgot, resetPassword, verify, verifyAgain, logOut, lose, rename, changePassword, deleteAccount,
    /** By an invite and with a name alone; gives the room that it leads to. */
    comeAsGuest: async (body: GuestBody) => (await enter<{ me: Me, room: RoomSummary }>('/api/auth/guest', body)).room
  }
})
