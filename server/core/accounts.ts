import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Me, SessionInfo } from '#shared/types'
import type { ChatOptions, Identity, Viewer } from './chat'
import { hash, newId, sameText, sign } from './ids'
import { createPasswords, type Passwords } from './passwords'
import type { NewAccount, Ports } from './ports'
import { createProfile, type Profile } from './profile'
import { spend } from './rates'
import { signedOut } from './refusals'
import { endOne, type Sessions } from './sessions'

/** Where a request comes from: the client's address and what its browser calls itself. */
export interface From { address: string, agent: string }
interface Credentials { email: string, password: string, remember: boolean }
interface SignedIn { /** For the cookie: 256 bits. */ token: string, remember: boolean, me: Me }

export interface AccountsOfChat extends Passwords, Profile {
  /** The one-time code of the set-up link: the same for one secret, and worthless once there is an account. */
  setUpToken: () => string
  needsSetUp: () => Promise<boolean>
  /** The first account, an admin, and the room Lobby in one commit. Throws conflict when somebody was first, forbidden for a wrong token, which `loopback` does not need. */
  setUp: (body: Credentials & { name: string, token: string }, from: From & { loopback: boolean }) => Promise<SignedIn>
  /** Throws forbidden where sign-up is closed, conflict for an e-mail address that has an account. */
  signUp: (body: Credentials & { name: string }, from: From) => Promise<SignedIn>
  /** Throws wrong_password, alike for a wrong password and an unknown address. */
  logIn: (body: Credentials, from: From) => Promise<SignedIn>
  logOut: (viewer: Viewer) => Promise<void>
  /** The person behind a cookie; null without one, or when its session has ended. */
  identify: (token: string | undefined) => Promise<Viewer>
  me: (identity: Identity) => Promise<Me>
  sessions: (identity: Identity) => Promise<SessionInfo[]>
  /** Ends one of one's own sessions; its sockets are closed everywhere. Throws not_found. */
  endSession: (identity: Identity, id: string) => Promise<void>
  endOtherSessions: (identity: Identity) => Promise<void>
}

export function createAccounts(ports: Ports, sessions: Sessions, options: ChatOptions): AccountsOfChat {
  const { storage, coordination, accounts, clock } = ports

  const meOf = async (user: string): Promise<Me> => {
    const me = await storage.me(user)
    if (!me) throw signedOut()
    return me
  }
  const signIn = async (user: string, remember: boolean, agent: string): Promise<SignedIn> =>
    ({ token: await sessions.open(user, remember, agent), remember, me: await meOf(user) })
  const newAccount = async (body: Credentials & { name: string }, admin: boolean): Promise<NewAccount> => ({
    id: newId(), name: body.name, kind: 'member', admin, at: clock.now(),
    credential: { kind: 'password', subject: body.email, secretHash: await accounts.hash(body.password) }
  })
  const setUpToken = () => sign(options.secret, 'setup', '')

  return {
    ...createPasswords(ports, sessions, options),
    ...createProfile(ports, sessions),
    setUpToken,
    needsSetUp: async () => !await storage.hasAccounts(),

    async setUp(body, { address, agent, loopback }) {
      await spend(coordination, `setup:${hash(address)}`, rates.setup)
      if (await storage.hasAccounts()) throw alreadySetUp()
      if (!loopback && !sameText(body.token, setUpToken())) throw new ChatError('forbidden', 'This set-up link is not right. Use the one that was printed when Chatly started.')
      const account = await newAccount(body, true)
      const lobby = { id: newId(), slug: 'lobby', name: 'Lobby', topic: 'Say hello', owner: account.id, at: account.at }
      if (!await storage.firstAccount(account, lobby)) throw alreadySetUp()
      return signIn(account.id, body.remember, agent)
    },

    async signUp(body, { address, agent }) {
      if (options.signup !== 'open') throw new ChatError('forbidden', signUpClosed[options.signup])
      await spend(coordination, `signup:${hash(address)}`, rates.signup)
      // Or the first to come would be in, and the set-up link of the host would no longer work.
      if (!await storage.hasAccounts()) throw new ChatError('forbidden', 'This site is not set up yet. Its host does that with the link that was printed when Chatly started.')
      const account = await newAccount(body, false)
      if (!await storage.createAccount(account)) throw new ChatError('conflict', 'There is already an account with this e-mail address. Sign in instead.')
      return signIn(account.id, body.remember, agent)
    },

    async logIn(body, { address, agent }) {
      const subject = `login-subject:${hash(body.email)}`
      await spend(coordination, `login:${hash(address)}`, rates.login)
      await spend(coordination, subject, rates.loginSubject)
      const user = await accounts.verify(body.email, body.password)
      if (user === null) throw new ChatError('wrong_password', 'The e-mail address or the password is not right.')
      await coordination.forget(subject)
      return signIn(user, body.remember, agent)
    },

    async logOut(viewer) {
      if (viewer) await sessions.end(viewer.person.id, { id: viewer.session })
    },

    identify: sessions.identify,
    me: ({ person }) => meOf(person.id),
    sessions: sessions.list,
    endSession: (identity, id) => endOne(sessions, identity, id),
    async endOtherSessions({ person, session }) {
      await sessions.end(person.id, { except: session })
    }
  }
}

const signUpClosed = {
  invite: 'You need an invitation to sign up here.',
  closed: 'This site takes no new accounts.'
} as const

const alreadySetUp = () => new ChatError('conflict', 'This site is already set up. Sign in, or create an account.')
