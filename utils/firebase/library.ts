import { initializeApp } from 'firebase/app'
import {
  applyActionCode, browserLocalPersistence, browserPopupRedirectResolver, browserSessionPersistence, confirmPasswordReset, connectAuthEmulator, createUserWithEmailAndPassword, EmailAuthProvider, getRedirectResult, GoogleAuthProvider,
  indexedDBLocalPersistence, initializeAuth, reauthenticateWithCredential, reauthenticateWithPopup, sendEmailVerification, sendPasswordResetEmail, setPersistence, signInWithEmailAndPassword,
  signInWithPopup, signInWithRedirect, signOut, updatePassword, updateProfile, type Auth, type User
} from 'firebase/auth'
import type { FirebaseSite } from '#shared/types'
import { codeOf, type FirebaseAuth } from '../firebase'

/**
 * Firebase's library: large, and for the browser alone. Only utils/firebase.ts loads this file, and only where accounts are kept there. It lies in a folder because what lies in
 * utils itself is imported by its name alone, and so would be part of every page.
 */
export function openFirebaseAuth({ emulator, ...site }: FirebaseSite): FirebaseAuth {
  const auth = initializeAuth(initializeApp(site), {
    persistence: [indexedDBLocalPersistence, browserLocalPersistence, browserSessionPersistence], popupRedirectResolver: browserPopupRedirectResolver
  })
  if (emulator) connectAuthEmulator(auth, emulator, { disableWarnings: true })
  /** The account that this page has made, until it is used here. */
  let made: User | null = null

  const keep = (remember: boolean) => setPersistence(auth, remember ? indexedDBLocalPersistence : browserSessionPersistence)

  const signIn = async (email: string, password: string) => (await signInWithEmailAndPassword(auth, email, password)).user.getIdToken()

  const signUp = async (email: string, password: string, name: string) => {
    const { user } = await createUserWithEmailAndPassword(auth, email, password)
    made = user
    await updateProfile(user, { displayName: name })
    // It is a courtesy: the account is made.
    await sendEmailVerification(user).catch(() => {})
    return user.getIdToken(true)
  }

  return {
    async signUp({ email, password, name, remember }) {
      await keep(remember)
      try {
        return await signUp(email, password, name)
      } catch (error) {
        // Made on another day, and never used here; whoever has its password is its owner.
        if (codeOf(error) !== 'auth/email-already-in-use') throw error
        return signIn(email, password).catch(() => { throw error })
      }
    },

    async undo() {
      await made?.delete()
      made = null
    },

    async signIn({ email, password, remember }) {
      await keep(remember)
      return signIn(email, password)
    },

    async google(remember) {
      await keep(remember)
      try {
        return await (await signInWithPopup(auth, google())).user.getIdToken()
      } catch (error) {
        if (!popupFails.has(codeOf(error))) throw error
        return signInWithRedirect(auth, google())
      }
    },

    returned: async () => await (await getRedirectResult(auth))?.user.getIdToken() ?? null,
    forgot: email => sendPasswordResetEmail(auth, email),
    reset: (code, password) => confirmPasswordReset(auth, code, password),
    verify: code => applyActionCode(auth, code),
    verifyAgain: async () => sendEmailVerification(await current(auth)),

    async again(email, password) {
      const user = await known(auth)
      if (password === '') return (await (user ? reauthenticateWithPopup(user, google()) : signInWithPopup(auth, google()))).user.getIdToken(true)
      const { user: proven } = user
        ? await reauthenticateWithCredential(user, EmailAuthProvider.credential(email, password))
        : await signInWithEmailAndPassword(auth, email, password)
      return proven.getIdToken(true)
    },

    async changePassword(next) {
      const user = await current(auth)
      await updatePassword(user, next)
      return user.getIdToken(true)
    },

    signOut: () => signOut(auth)
  }
}

/** Asks which account: people have several. */
const google = () => new GoogleAuthProvider().setCustomParameters({ prompt: 'select_account' })

const popupFails = new Set(['auth/popup-blocked', 'auth/operation-not-supported-in-this-environment'])

async function known(auth: Auth): Promise<User | null> {
  await auth.authStateReady()
  return auth.currentUser
}

async function current(auth: Auth): Promise<User> {
  const user = await known(auth)
  if (!user) throw Object.assign(new Error('Nobody is signed in.'), { code: 'auth/no-current-user' })
  return user
}
