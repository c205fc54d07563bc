import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Me, SessionInfo } from '#shared/types'
import type { ChatOptions, Identity, Viewer } from './chat'
import { createByProof, noPasswordsHere, type ByProof } from './directory'
import { createGuests, type Guests } from './guests'
import { hash, newId, sameText, sign } from './ids'
import type { Invites } from './invites'
import { createPasswords, type Passwords } from './passwords'
import type { Credential, NewAccount, NewRoom, Ports } from './ports'
import { createProfile, type Profile } from './profile'
import { giveBack, spend, tryFor } from './rates'
import { signedOut, wrongPassword } from './refusals'
import type { Scope } from './scope'
import { endOne, type Sessions } from './sessions'
import { createSignIn, type From, type SignedIn } from './sign-in'
import { createSignUp, type SignUp } from './sign-up'
import type { SiteOfChat } from './site'
import { createVerification, type Verification } from './verification'

interface Credentials { email: string, password: string, remember: boolean }

/** The first account: what it is called, the token of the set-up link, and its way in, which is only made where everything else is right. */
export interface First { name: string, remember: boolean, token: string, credential: () => Promise<Credential> }

export interface AccountsOfChat extends Passwords, Verification, Profile, SignUp, Guests, Omit<ByProof, 'confirmed'> {
  /** The one-time code of the set-up link: the same for one secret, and worthless once there is an account. */
  setUpToken: () => string
  needsSetUp: () => Promise<boolean>
  /** The first account, an admin, and the room Lobby in one commit. Throws conflict when somebody was first, forbidden for a wrong token, which `loopback` does not need. */
  setUp: (body: Credentials & { name: string, token: string }, from: From & { loopback: boolean }) => Promise<SignedIn>
  /** Throws wrong_password, alike for a wrong password and an unknown address; forbidden for a disabled account with the right one. */
  logIn: (body: Credentials, from: From) => Promise<SignedIn>
  logOut: (viewer: Viewer) => Promise<void>
  /** The person behind a cookie; null without one, or when its session has ended. */
  identify: (token: string | undefined) => Promise<Viewer>
  me: (identity: Identity) => Promise<Me>
  sessions: (identity: Identity) => Promise<SessionInfo[]>
  /** Ends one of one's own sessions; its sockets are closed everywhere. Throws not_found. */
  endSession: (identity: Identity, id: string) => Promise<void>
  endOtherSessions: (identity: Identity) => Promise<void>
  /** Ends the sessions of those whose account was disabled or deleted where it is kept, or who were signed out there. */
  recheck: (users: readonly string[]) => Promise<void>
}

interface Parts { sessions: Sessions, site: SiteOfChat, scope: Scope, invites: Invites }

export function createAccounts(ports: Ports, parts: Parts, options: ChatOptions): AccountsOfChat {
  const { sessions } = parts
  const { storage, coordination, accounts, clock } = ports

  const meOf = async (user: string): Promise<Me> => {
    const me = await storage.me(user)
    if (!me) throw signedOut()
    return me
  }
  const signIn = createSignIn(storage, sessions)
  // Whoever keeps the accounts mails the links.
  const mailing = accounts.directory ? { ...options, post: null } : options
  const verification = createVerification(ports, mailing)
  const setUpToken = () => sign(options.secret, 'setup', '')

  const setUpFirst = async ({ name, remember, token, credential }: First, from: From & { loopback: boolean }): Promise<SignedIn> => {
    const turn = { key: `setup:${hash(from.address)}`, rate: rates.setup }
    await spend(coordination, turn.key, turn.rate)
    if (await storage.hasAccounts()) throw alreadySetUp()
    if (!from.loopback && !sameText(token, setUpToken())) throw new ChatError('forbidden', 'This set-up link is not right. Use the one that was printed when Chatly started.')
    const account: NewAccount = { id: newId(), name, kind: 'member', admin: true, at: clock.now(), credential: await tryFor(coordination, [turn], credential) }
    if (!await storage.firstAccount(account, lobbyOf(account))) throw alreadySetUp()
    verification.mailVerification(account.id)
    return signIn(account.id, remember, from)
  }

  const signUp = createSignUp(ports, { ...parts, signIn, verification })
  const { confirmed, ...byProof } = createByProof(ports, { sessions, signIn, register: signUp.register, setUpFirst })

  return {
    ...createPasswords(ports, sessions, mailing),
    ...verification,
    ...createProfile(ports, sessions, { confirmed }),
    ...signUp,
    ...createGuests(ports, { ...parts, signIn }),
    ...byProof,
    setUpToken,
    needsSetUp: async () => !await storage.hasAccounts(),

    setUp: ({ email: subject, password, ...first }, from) =>
      setUpFirst({ ...first, credential: async () => ({ kind: 'password', subject, secretHash: await accounts.hash(password), verifiedAt: null }) }, from),

    async logIn(body, from) {
      const [address, account] = [hash(from.address), hash(body.email)]
      const here = { key: `login:${address}`, rate: rates.login }
      const subject = { key: `login-subject:${account}`, rate: rates.loginSubject }
      const right = { key: `login-right:${account}`, rate: rates.loginRight }
      // All before the hash, so that many at once are no way around them.
      const taken = [here, { key: `login-all:${address}`, rate: rates.loginAll }, subject, right]
      for (const { key, rate } of taken) await spend(coordination, key, rate)
      const opened = await tryFor(coordination, taken, () => accounts.verify(body.email, body.password))
      if (opened === null) {
        await giveBack(coordination, [right])
        throw wrongPassword()
      }
      // To the address its own point alone: one's own password must not pay for guesses at others'.
      await Promise.all([giveBack(coordination, [here]), coordination.forget(subject.key)])
      return signIn(opened.user, body.remember, from, opened.secretHash)
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
    },
    recheck: sessions.recheck,
    ...accounts.directory && noPasswordsHere
  }
}

const lobbyOf = ({ id: owner, at }: NewAccount): NewRoom =>
  ({ id: newId(), slug: 'lobby', name: 'Lobby', topic: 'Say hello', owner, at, visibility: 'public', listed: true, passwordHash: null })

const alreadySetUp = () => new ChatError('conflict', 'This site is already set up. Sign in, or create an account.')
