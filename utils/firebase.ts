import { ChatError, type ErrorCode } from '#shared/errors'
import type { FirebaseSite } from '#shared/types'
import { en } from '~/locales/en'

/** What the browser does at Firebase, where accounts are kept there. What gives a text gives a proof (an ID token) of who somebody is. All reject as Firebase says it; `explained` puts that into words. */
export interface FirebaseAuth {
  /** Makes an account; where it exists already and the password is right, signs in. Its address gets a mail to confirm it by. */
  signUp: (body: { email: string, password: string, name: string, remember: boolean }) => Promise<string>
  /** Removes the account that `signUp` has just made: this site did not take it. */
  undo: () => Promise<void>
  signIn: (body: { email: string, password: string, remember: boolean }) => Promise<string>
  /** In a window of its own; where that fails this page is left, and `returned` has the outcome. */
  google: (remember: boolean) => Promise<string>
  /** null: this page is not where Google sent somebody back to. */
  returned: () => Promise<string | null>
  forgot: (email: string) => Promise<void>
  /** A new password by the code of a mailed link. */
  reset: (code: string, password: string) => Promise<void>
  /** Confirms an address by the code of a mailed link. */
  verify: (code: string) => Promise<void>
  /** Mails once more the link to confirm one's address by. */
  verifyAgain: () => Promise<void>
  /** Signs in once more, to prove that one is still who one was; with Google where the password is ''. */
  again: (email: string, password: string) => Promise<string>
  /** After `again`. Every earlier sign-in ends. */
  changePassword: (next: string) => Promise<string>
  signOut: () => Promise<void>
}

let opening: Promise<FirebaseAuth> | undefined

/** Loads Firebase's library, once. In the browser only. */
export const loadFirebase = (site: FirebaseSite): Promise<FirebaseAuth> => opening ??= import('./firebase/library').then(({ openFirebaseAuth }) => openFirebaseAuth(site)).catch((error: unknown) => {
  opening = undefined
  throw error
})

/** Firebase's code of an error; '' for any other error. */
export const codeOf = (error: unknown): string => error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const meanings: Record<string, [ErrorCode, keyof typeof en.auth.firebase]> = {
  'auth/invalid-credential': ['wrong_password', 'wrong'], 'auth/wrong-password': ['wrong_password', 'wrong'], 'auth/user-not-found': ['wrong_password', 'wrong'],
  'auth/email-already-in-use': ['conflict', 'taken'], 'auth/account-exists-with-different-credential': ['conflict', 'otherWay'], 'auth/credential-already-in-use': ['conflict', 'taken'],
  'auth/weak-password': ['invalid', 'weak'], 'auth/password-does-not-meet-requirements': ['invalid', 'weak'], 'auth/invalid-email': ['invalid', 'email'],
  'auth/too-many-requests': ['rate_limited', 'often'], 'auth/user-disabled': ['forbidden', 'disabled'], 'auth/user-mismatch': ['wrong_password', 'other'],
  'auth/network-request-failed': ['unavailable', 'network'], 'auth/timeout': ['unavailable', 'network'], 'auth/operation-not-allowed': ['forbidden', 'notOffered'],
  'auth/admin-restricted-operation': ['forbidden', 'closed'], 'auth/unauthorized-domain': ['forbidden', 'domain'], 'auth/no-current-user': ['forbidden', 'again'],
  'auth/invalid-action-code': ['not_found', 'link'], 'auth/expired-action-code': ['not_found', 'link'],
  'auth/user-token-expired': ['forbidden', 'again'], 'auth/requires-recent-login': ['forbidden', 'again']
}

/** Nothing went wrong: they changed their mind. */
const given = new Set(['auth/popup-closed-by-user', 'auth/cancelled-popup-request', 'auth/user-cancelled'])
export const isGivenUp = (error: unknown): boolean => given.has(codeOf(error))

/** What Firebase said, in our words: a ChatError, like every other failure. */
export function explained(error: unknown): unknown {
  const code = codeOf(error)
  if (error instanceof ChatError || isGivenUp(error)) return error
  const [meaning, words] = meanings[code] ?? ['unavailable', 'failed'] as const
  return new ChatError(meaning, en.auth.firebase[words])
}
