import { setTimeout as wait } from 'node:timers/promises'
import type { Auth, UserRecord } from 'firebase-admin/auth'
import { ChatError } from '#shared/errors'
import type { Accounts, Directory, Proof } from '../../core/ports'
import { createScrypt, type ScryptOptions } from './scrypt'

interface FirebaseAccountsOptions extends ScryptOptions {
  projectId: string
  /** How long Firebase may take, ms: while somebody signs in, and while we ask after those who are signed in. */
  patience?: { signIn: number, marks: number }
  /** How long to wait before each further try to remove an account, ms. */
  retries?: readonly number[]
}

/** As many as one question may name. */
const CHUNK = 100

/**
 * Firebase Authentication keeps the accounts; passwords of rooms are ours all the same. The library is loaded when it is first needed, and finds its own way in: by
 * GOOGLE_APPLICATION_CREDENTIALS, or by the service account of the machine.
 */
export default function createFirebaseAccounts({ projectId, patience = { signIn: 10_000, marks: 3_000 }, retries = [500, 2_000], ...options }: FirebaseAccountsOptions): Accounts {
  const scrypt = createScrypt(options)
  const unreachable = createNote()
  let opening: Promise<Auth> | undefined
  const auth = () => opening ??= open(projectId)
  const ask = <T>(question: (auth: Auth) => Promise<T>, ms = patience.signIn) => inTime(auth().then(question), ms)

  const directory: Directory = {
    async prove(token) {
      if (!isToken(token)) throw again()
      try {
        return await ask(async (auth) => {
          // `true`: asks Firebase whether it was revoked since, or the account disabled. Emulators do so without being told, Google does not.
          const claims = await auth.verifyIdToken(token, true)
          const user = await auth.getUser(claims.uid)
          if (user.disabled) throw new Refused('auth/user-disabled')
          if (claims.auth_time * 1000 < validAfter(user)) throw new Refused('auth/id-token-revoked')
          return proofOf(user, claims)
        })
      } catch (error) {
        throw refusal(error) ?? unreachable(error)
      }
    },

    async marks(subjects) {
      const found = new Map<string, string>()
      try {
        for (let at = 0; at < subjects.length; at += CHUNK) {
          const { users } = await ask(auth => auth.getUsers(subjects.slice(at, at + CHUNK).map(uid => ({ uid }))), patience.marks)
          for (const user of users) if (!user.disabled) found.set(user.uid, markOf(user))
        }
      } catch (error) {
        throw unreachable(error)
      }
      return found
    },

    async revoke(subject) {
      try {
        return await ask(async (auth) => {
          await auth.revokeRefreshTokens(subject)
          return markOf(await auth.getUser(subject))
        })
      } catch (error) {
        throw unreachable(error)
      }
    },

    async remove(subject) {
      for (let tries = 0; ; tries++) {
        try {
          return await ask(auth => auth.deleteUser(subject))
        } catch (error) {
          if (codeOf(error) === 'auth/user-not-found') return
          const pause = retries[tries]
          // Nobody is helped by hearing of it: their account here is gone.
          if (pause === undefined) return console.error(`[firebase] the account ${subject} was deleted here, and could not be there: ${codeOf(error)}. Delete it by hand.`)
          await wait(pause)
        }
      }
    }
  }

  return {
    hash: scrypt.hash,
    matches: (secretHash, password) => scrypt.verify(password, secretHash),
    verify: async () => null,
    verifyOwn: async () => null,
    directory
  }
}

async function open(projectId: string): Promise<Auth> {
  const [{ applicationDefault, getApps, initializeApp }, { getAuth }] = await Promise.all([import('firebase-admin/app'), import('firebase-admin/auth')])
  const name = `chatly-accounts-${projectId}`
  const credential = process.env.FIREBASE_AUTH_EMULATOR_HOST ? undefined : applicationDefault()
  return getAuth(getApps().find(app => app.name === name) ?? initializeApp({ projectId, ...(credential && { credential }) }, name))
}

/** Since when tokens hold, ms; everything is older where Firebase says nothing. */
const validAfter = (user: UserRecord): number => user.tokensValidAfterTime === undefined ? 0 : Date.parse(user.tokensValidAfterTime)

const markOf = (user: UserRecord): string => String(validAfter(user))

const proofOf = (user: UserRecord, claims: { auth_time: number, firebase: { sign_in_provider: string } }): Proof => ({
  subject: user.uid, email: user.email ?? null, emailVerified: user.emailVerified, name: user.displayName ?? null,
  by: claims.firebase.sign_in_provider, signedInAt: claims.auth_time * 1000, mark: markOf(user)
})

/** Whether it has the form of a token: the library stumbles over some that have not. */
function isToken(token: string): boolean {
  const parts = token.split('.')
  return parts.length === 3 && parts.slice(0, 2).every((part) => {
    try {
      const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
      return typeof value === 'object' && value !== null
    } catch {
      return false
    }
  })
}

/** As the library says it, by a code. */
class Refused extends Error {
  constructor(readonly code: string) { super(code) }
}

const codeOf = (error: unknown): string => error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : error instanceof Error ? error.name : 'unknown'

/** What to say of a token that does not hold; null where it is not the token that is wrong. */
function refusal(error: unknown): ChatError | null {
  switch (codeOf(error)) {
    case 'auth/user-disabled': return new ChatError('forbidden', 'This account has been disabled. Ask the person who runs this site.')
    case 'auth/id-token-expired': case 'auth/id-token-revoked': case 'auth/user-not-found': return again()
    // The same code also stands for keys of Google's that could not be fetched; only what is said of the token names it.
    case 'auth/argument-error': return error instanceof Error && /ID token|verifyIdToken/.test(error.message) ? again() : null
    default: return null
  }
}

const again = () => new ChatError('unauthenticated', 'Your sign-in could not be verified, or is too old. Sign in again.')

const NOTE_EVERY = 60_000

/** Says it in the log, by the code alone and once a minute; and gives what to tell the person: that it is not them. */
function createNote(): (error: unknown) => ChatError {
  let last = -Infinity
  return (error) => {
    if (performance.now() - last > NOTE_EVERY) {
      last = performance.now()
      console.error(`[firebase] Firebase Authentication can't be asked: ${codeOf(error)}${hintOf(error)}`)
    }
    return new ChatError('unavailable', 'Signing in does not work at the moment. Try again in a moment.', 5_000)
  }
}

/** What an operator can do about the usual mistakes. */
function hintOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'app/invalid-credential': return ' (no service account that works was found: see docs/firebase.md)'
    case 'auth/insufficient-permission': return ' (the service account lacks the role roles/firebaseauth.admin)'
    default: return ''
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = new AbortController()
  const deadline = wait(ms, null, { signal: late.signal, ref: false }).then(() => { throw new Refused('timeout') })
  try {
    return await Promise.race([work, deadline])
  } finally {
    deadline.catch(() => {})
    late.abort()
  }
}
