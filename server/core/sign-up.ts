import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Identity } from './chat'
import { hash, newId } from './ids'
import { type FoundInvite, inviteLook, type Invites } from './invites'
import type { Credential, Ports } from './ports'
import { spend, tryFor } from './rates'
import { signedOut } from './refusals'
import type { Sessions } from './sessions'
import type { From, SignedIn, SignIn } from './sign-in'
import type { SiteOfChat } from './site'
import type { Verification } from './verification'

interface Wish { name: string, remember: boolean, invite?: string }
interface SignUpBody extends Wish { email: string, password: string }

export interface SignUp {
  /**
   * An account; with an invite, in its room. A guest who is signed in keeps id, messages and memberships, under a new session; they have their account even where
   * the invite's room can't be entered any more. Throws forbidden where sign-up is closed or needs an invite, not_found for one that lets nobody in, conflict for
   * an e-mail address that has an account, and rate_limited.
   */
  signUp: (body: SignUpBody, from: From) => Promise<SignedIn>
  /** The same by any proof of who they are; it is only made where everything else is right. */
  register: (wish: Wish & { credential: () => Promise<Credential> }, from: From) => Promise<SignedIn>
}

interface Parts { site: SiteOfChat, invites: Invites, sessions: Sessions, signIn: SignIn, verification: Pick<Verification, 'mailVerification'> }

export function createSignUp({ storage, bus, coordination, accounts, clock }: Ports, { site, invites, sessions, signIn, verification }: Parts): SignUp {
  /** A guest was invited when they came. */
  const mayBegin = async (invited: boolean) => {
    const { signup } = await site.get()
    if (signup === 'closed' || (signup === 'invite' && !invited)) throw new ChatError('forbidden', signUpClosed[signup])
  }

  /** Their account in the place of nobody's: without the room that they were invited to it would be no more than a way around the invite. */
  const makeAccount = async (name: string, credential: Credential, invite: FoundInvite | null): Promise<string> => {
    const [user, at] = [newId(), clock.now()]
    if (!await storage.createAccount({ id: user, name, kind: 'member', admin: false, at, credential })) throw taken()
    try {
      if (invite) await invites.enter(user, invite)
    } catch (error) {
      await storage.deleteAccount(user, at)
      throw error
    }
    return user
  }

  /** The guest becomes a member, in every room at once. Their other browsers must sign in. */
  const upgrade = async ({ person: { id: user } }: Identity, name: string, credential: Credential): Promise<string> => {
    const outcome = await storage.upgradeGuest({ user, name, credential, at: clock.now() })
    if (outcome === 'taken') throw taken()
    if (outcome === 'none') throw signedOut()
    bus.control({ kind: 'person-changed', user })
    return user
  }

  /** A guest's account does not hang on this room: their old session has ended, and without an answer they would be out. Why not is said on the invite's page, where they go next. */
  const tryToEnter = async (user: string, invite: FoundInvite) => {
    try {
      await invites.enter(user, invite)
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
    }
  }

  const register: SignUp['register'] = async ({ name, remember, invite: code, credential: make }, from) => {
    const guest = from.viewer?.person.kind === 'guest' ? from.viewer : null
    await mayBegin(guest !== null || Boolean(code))
    const turn = { key: `signup:${hash(from.address)}`, rate: rates.signup }
    await spend(coordination, turn.key, turn.rate)
    // Or the first to come would be in, and the set-up link of the host would no longer work.
    if (!await storage.hasAccounts()) throw new ChatError('forbidden', 'This site is not set up yet. Its host does that with the link that was printed when Chatly started.')
    const invite = code ? await invites.find(from.viewer ?? null, code, from.address) : null
    const credential = await tryFor(coordination, [turn, ...code ? [inviteLook(from.address)] : []], make)
    const user = guest ? await upgrade(guest, name, credential) : await makeAccount(name, credential, invite)
    verification.mailVerification(user)
    const signedIn = await signIn(user, remember, from)
    if (guest) await sessions.end(user, { except: hash(signedIn.token) })
    if (guest && invite && invite.access.role === null) await tryToEnter(user, invite)
    return signedIn
  }

  return {
    register,
    signUp: ({ email, password, ...wish }, from) =>
      register({ ...wish, credential: async () => ({ kind: 'password', subject: email, secretHash: await accounts.hash(password), verifiedAt: null }) }, from)
  }
}

const taken = () => new ChatError('conflict', 'There is already an account with this e-mail address. Sign in instead.')

const signUpClosed = {
  invite: 'You need an invitation to sign up here.',
  closed: 'This site takes no new accounts.'
} as const
