import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ChatError, ErrorBody } from '#shared/errors'
import type { Me, RoomSummary, SiteInfo } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { clearDrafts } from '~/composables/useDraft'
import { useServices } from '~/utils/services'

export interface LogInBody { email: string, password: string, remember: boolean }
export interface SignUpBody extends LogInBody {
  name: string
  /** The code of an invite: where the site asks for one, and to come into its room at once. */
  invite?: string
}
export interface SetUpBody extends Omit<SignUpBody, 'invite'> { token?: string }
export interface GuestBody { code: string, name: string }

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
  const loaded = ref(false)
  /** Why the session could not be loaded; null when it was. */
  const error = ref<ErrorBody | null>(null)
  /** Signed in with an account of their own: not a visitor, and not a guest. */
  const isMember = computed(() => me.value !== null && me.value.kind !== 'guest')
  const isGuest = computed(() => me.value?.kind === 'guest')

  /** Asks the server who this is. A failure is kept in `error`, because it is met while a page is being made. */
  async function load(): Promise<void> {
    try {
      const answer = await api<SiteInfo>('/api/auth/session')
      me.value = answer.me
      needsSetUp.value = answer.needsSetUp
      signup.value = answer.signup
      isPublic.value = answer.public
      guests.value = answer.guests
      google.value = answer.google
      mail.value = answer.mail
      loaded.value = true
      error.value = null
    } catch (cause) {
      error.value = asChatError(cause).toJSON()
    }
  }

  /** Of a guest who does this the old session ends: their line is let go of first, so that its end is no news. */
  async function enter<Answer extends { me: Me }>(path: string, body: LogInBody | SignUpBody | SetUpBody | GuestBody): Promise<Answer> {
    if (me.value) realtime?.socket.stop()
    try {
      const answer = await api<Answer>(path, { method: 'POST', body: { ...body } })
      me.value = answer.me
      needsSetUp.value = false
      loaded.value = true
      return answer
    } catch (cause) {
      if (me.value) realtime?.socket.start()
      throw cause
    }
  }

  /** Forgets the person and what this browser keeps for them: unsent changes and drafts. The other stores follow `me`. */
  async function forget(): Promise<void> {
    if (me.value) {
      clearDrafts(me.value.id)
      await realtime?.outbox.clear()
    }
    me.value = null
  }

  /** Signs out here. Ask first when `useConnection().outboxCount` is not 0: what is unsent is lost. */
  async function logOut(): Promise<void> {
    await api('/api/auth/logout', { method: 'POST' }).catch((cause: ChatError) => { if (cause.code !== 'unauthenticated') throw cause })
    await forget()
  }

  /** The server no longer knows this session. What is unsent stays for the next sign-in of the same person. */
  function lose(): void { me.value = null }

  async function rename(name: string): Promise<void> { me.value = (await api<{ me: Me }>('/api/me', { method: 'PATCH', body: { name } })).me }

  async function changePassword(body: { current: string, next: string }): Promise<void> {
    await api('/api/auth/password/change', { method: 'POST', body })
  }

  async function deleteAccount(body: { password?: string, messages: 'keep' | 'delete' }): Promise<void> {
    await api('/api/me', { method: 'DELETE', body })
    await forget()
  }

  return {
    me, isMember, isGuest, needsSetUp, signup, public: isPublic, guests, google, mail, loaded, error,
    load, logOut, lose, rename, changePassword, deleteAccount,
    logIn: (body: LogInBody) => enter('/api/auth/login', body),
    signUp: (body: SignUpBody) => enter('/api/auth/signup', body),
    setUp: (body: SetUpBody) => enter('/api/auth/setup', body),
    /** By an invite and with a name alone; gives the room that it leads to. */
    comeAsGuest: async (body: GuestBody) => (await enter<{ me: Me, room: RoomSummary }>('/api/auth/guest', body)).room
  }
})
