import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ChatError, ErrorBody } from '#shared/errors'
import type { Me } from '#shared/types'
import { asChatError } from '~/composables/useApi'
import { clearDrafts } from '~/composables/useDraft'
import { useServices } from '~/utils/services'

export type SignUp = 'open' | 'invite' | 'closed'
export interface SessionAnswer { me: Me | null, needsSetUp: boolean, signup: SignUp, public: boolean }
export interface LogInBody { email: string, password: string, remember: boolean }
export interface SignUpBody extends LogInBody { name: string }
export interface SetUpBody extends SignUpBody { token?: string }

/** Who is signed in, and what this site allows to those who are not. Actions reject with ChatError. */
export const useSessionStore = defineStore('session', () => {
  const { api, realtime } = useServices()
  const me = ref<Me | null>(null)
  const needsSetUp = ref(false)
  const signup = ref<SignUp>('open')
  const isPublic = ref(false)
  const loaded = ref(false)
  /** Why the session could not be loaded; null when it was. */
  const error = ref<ErrorBody | null>(null)

  /** Asks the server who this is. A failure is kept in `error`, because it is met while a page is being made. */
  async function load(): Promise<void> {
    try {
      const answer = await api<SessionAnswer>('/api/auth/session')
      me.value = answer.me
      needsSetUp.value = answer.needsSetUp
      signup.value = answer.signup
      isPublic.value = answer.public
      loaded.value = true
      error.value = null
    } catch (cause) {
      error.value = asChatError(cause).toJSON()
    }
  }

  async function enter(path: string, body: LogInBody | SignUpBody | SetUpBody): Promise<void> {
    me.value = (await api<{ me: Me }>(path, { method: 'POST', body: { ...body } })).me
    needsSetUp.value = false
    loaded.value = true
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

  async function deleteAccount(body: { password: string, messages: 'keep' | 'delete' }): Promise<void> {
    await api('/api/me', { method: 'DELETE', body })
    await forget()
  }

  return {
    me, needsSetUp, signup, public: isPublic, loaded, error,
    load, logOut, lose, rename, changePassword, deleteAccount,
    logIn: (body: LogInBody) => enter('/api/auth/login', body),
    signUp: (body: SignUpBody) => enter('/api/auth/signup', body),
    setUp: (body: SetUpBody) => enter('/api/auth/setup', body)
  }
})
