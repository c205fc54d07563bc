import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Me, SessionInfo } from '#shared/types'
import type { ChatOptions, Identity, Viewer } from './chat'
import { createGuests, type Guests } from './guests'
import { hash, newId, sameText, sign } from './ids'
import type { Invites } from './invites'
import { createPasswords, type Passwords } from './passwords'
import type { NewAccount, NewRoom, Ports } from './ports'
import { createProfile, type Profile } from './profile'
import { spend } from './rates'
import { signedOut } from './refusals'
import type { Scope } from './scope'
import { endOne, type Sessions } from './sessions'
import { createSignIn, type From, type SignedIn } from './sign-in'
import { createSignUp, type SignUp } from './sign-up'
import type { SiteOfChat } from './site'
import { createVerification, type Verification } from './verification'

interface Credentials { email: string, password: string, remember: boolean }

export interface AccountsOfChat extends Passwords, Verification, Profile, SignUp, Guests {
  /** The one-time code of the set-up link: the same for one secret, and worthless once there is an account. */
  setUpToken: () => string
  needsSetUp: () => Promise<boolean>
  /** The first account, an admin, and the room Lobby in one commit. Throws conflict when somebody was first, forbidden for a wrong token, which `loopback` does not need. */
  setUp: (body: Credentials & { name: string, token: string }, from: From & { loopback: boolean }) => Promise<SignedIn>
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
  const verification = createVerification(ports, options)
  const setUpToken = () => sign(options.secret, 'setup', '')

  return {
    ...createPasswords(ports, sessions, options),
    ...verification,
    ...createProfile(ports, sessions),
    ...createSignUp(ports, { ...parts, signIn, verification }),
    ...createGuests(ports, { ...parts, signIn }),
    setUpToken,
    needsSetUp: async () => !await storage.hasAccounts(),

    async setUp(body, from) {
      await spend(coordination, `setup:${hash(from.address)}`, rates.setup)
      if (await storage.hasAccounts()) throw alreadySetUp()
      if (!from.loopback && !sameText(body.token, setUpToken())) throw new ChatError('forbidden', 'This set-up link is not right. Use the one that was printed when Chatly started.')
      const { name, email: subject, password } = body
      const account: NewAccount = {
        id: newId(), name, kind: 'member', admin: true, at: clock.now(), credential: { kind: 'password', subject, secretHash: await accounts.hash(password), verifiedAt: null }
      }
      if (!await storage.firstAccount(account, lobbyOf(account))) throw alreadySetUp()
      verification.mailVerification(account.id)
      return signIn(account.id, body.remember, from)
    },

    async logIn(body, from) {
      const subject = `login-subject:${hash(body.email)}`
      await spend(coordination, `login:${hash(from.address)}`, rates.login)
      await spend(coordination, subject, rates.loginSubject)
      const user = await accounts.verify(body.email, body.password)
      if (user === null) throw new ChatError('wrong_password', 'The e-mail address or the password is not right.')
      await coordination.forget(subject)
      return signIn(user, body.remember, from)
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

const lobbyOf = ({ id: owner, at }: NewAccount): NewRoom =>
  ({ id: newId(), slug: 'lobby', name: 'Lobby', topic: 'Say hello', owner, at, visibility: 'public', listed: true, passwordHash: null })

const alreadySetUp = () => new ChatError('conflict', 'This site is already set up. Sign in, or create an account.')
