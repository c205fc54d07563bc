import type { SignInProblem } from '#shared/errors'
import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import { sitePath } from '#shared/paths'
import { email as emailSchema, inviteCode } from '#shared/schemas'
import type { ChatOptions } from './chat'
import { RECENT } from './directory'
import { hash, newSecret, sameText, sign } from './ids'
import type { Credential, Ports } from './ports'
import { nameOf } from './names'
import { spend } from './rates'
import type { From, SignedIn, SignIn } from './sign-in'
import type { SignUp } from './sign-up'

/** What one attempt is known by: to the browser (state), in what the provider signs (nonce), and to the provider when the code is exchanged (PKCE). */
export interface Flow { state: string, nonce: string, verifier: string }
/** What the provider says of a person. `subject` never changes; an address does. */
export interface Claims {
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
  /** When they last proved there who they are, ms; null where the provider does not say (Google does not). */
  authenticatedAt: number | null
}

/** An OpenID provider, such as Google. Both reject when it can't be reached. */
export interface Provider {
  /** Where to send the browser; it comes back to `callback`. */
  begin: (flow: Flow, callback: string, wish?: { /** They must choose the account there, also where only one is signed in, and prove anew that it is theirs, where the provider can ask for that. */ anew: boolean }) => Promise<string>
  /** What the provider says of the one who came back to `returned`. Rejects for an answer that is not of this flow, not genuine, or used before. */
  finish: (returned: URL, flow: Flow) => Promise<Claims>
}

/** Why somebody does not get in this way; `back`: to which page they are sent. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused'

  constructor(readonly problem: SignInProblem, readonly back = '/login') { super(problem) }
}

export interface Google {
  /** `kept` goes into a cookie of this browser, and comes back to `finish`. Throws rate_limited. */
  begin: (wish: { callback: string, next: unknown, remember: boolean, again?: boolean }, from: Pick<From, 'address'>) => Promise<{ url: string, kept: string }>
  /** Signs in who came back, once; `next` is where they wanted to go. With `again` only whoever is signed in here already, so that they are known to be there. Throws SignInRefused, and what the provider rejects with. */
  finish: (returned: URL, kept: string | undefined, from: From) => Promise<SignedIn & { next: string }>
}

interface Kept extends Flow { next: string, remember: boolean, again: boolean, expires: number }
interface Parts { signIn: SignIn, register: SignUp['register'] }

/** Where somebody is who has to show once more who they are. */
const ACCOUNT = '/settings/account'
const LIFE = 10 * 60_000

/** null where no provider is given. */
export function createGoogle({ storage, coordination, accounts, clock }: Ports, { signIn, register }: Parts, { secret, provider }: ChatOptions): Google | null {
  if (!provider) return null

  /** Who the person is here: an account that Google has signed in before, or one whose address both sides know to be theirs. null: nobody yet. */
  const find = async ({ subject, email, emailVerified }: Claims): Promise<string | null> => {
    const known = await storage.credential('google', subject)
    if (known?.disabled) throw new SignInRefused('account-disabled')
    if (known) return known.user
    if (email === null || !emailVerified) throw new SignInRefused('google-unverified')
    const here = await storage.credential('password', email)
    if (!here) return null
    if (here.disabled) throw new SignInRefused('account-disabled')
    // Anybody may have made that account, and wait for the owner of the address to come in by another way.
    if (here.verifiedAt === null) throw new SignInRefused('google-not-linked')
    if (!await storage.addCredential(here.user, { kind: 'google', subject, secretHash: '', verifiedAt: clock.now() })) throw new SignInRefused('google-not-linked')
    return here.user
  }

  /** Who is signed in here, and has now signed in there to what they are known by. */
  const same = async ({ subject, authenticatedAt }: Claims, viewer: From['viewer']): Promise<string> => {
    const known = await storage.credential('google', subject)
    if (!viewer || known?.user !== viewer.person.id) throw new SignInRefused('google-other', ACCOUNT)
    if (authenticatedAt !== null && clock.now() - authenticatedAt > RECENT) throw new SignInRefused('google-stale', ACCOUNT)
    return known.user
  }

  /** The address is theirs from now on: nobody else can sign up with it, and a forgotten password is how they get one. */
  const claimAddress = async (user: string, { email, emailVerified }: Claims) => {
    if (email === null || !emailVerified || await storage.credentialOf('password', user) || await storage.credential('password', email)) return
    await storage.addCredential(user, { kind: 'password', subject: email, secretHash: await accounts.hash(newSecret()), verifiedAt: clock.now() })
  }

  const newcomer = async ({ subject, email, name }: Claims, { next, remember }: Kept, from: From): Promise<SignedIn> => {
    const credential: Credential = { kind: 'google', subject, secretHash: '', verifiedAt: clock.now() }
    const code = inviteCode.safeParse(next.split('/invite/')[1])
    return register({ name: nameOf(name, email), remember, credential: async () => credential, ...(code.success && { invite: code.data }) }, from).catch(closedTo)
  }

  return {
    async begin({ callback, next, remember, again = false }, { address }) {
      await spend(coordination, `google:${hash(address)}`, rates.providerBegin)
      const kept: Kept = { state: newSecret(), nonce: newSecret(), verifier: newSecret(), next: sitePath(next), remember, again, expires: clock.now() + LIFE }
      return { url: await provider.begin(kept, callback, { anew: again }), kept: seal(secret, kept) }
    },

    async finish(returned, sealed, from) {
      const kept = unseal(secret, sealed)
      if (!kept || kept.expires <= clock.now() || !await coordination.once(`google:${kept.state}`, LIFE)) throw new SignInRefused('google-failed')
      const claims = normal(await provider.finish(returned, kept))
      if (kept.again) return { ...await signIn(await same(claims, from.viewer), kept.remember, from), next: kept.next }
      const user = await find(claims)
      const signedIn = user === null ? await newcomer(claims, kept, from) : await signIn(user, kept.remember, from)
      // They are in: should it not work out, the next sign-in tries again.
      await claimAddress(signedIn.me.id, claims).catch(() => {})
      return { ...signedIn, next: kept.next }
    }
  }
}

const normal = (claims: Claims): Claims => ({ ...claims, email: emailSchema.safeParse(claims.email).data ?? null })

/** Sign-up said no: to anybody, or to this invite. */
function closedTo(error: unknown): never {
  if (error instanceof ChatError && error.code === 'forbidden') throw new SignInRefused('signup-closed')
  if (error instanceof ChatError && error.code === 'not_found') throw new SignInRefused('invite-invalid')
  throw error
}

function seal(secret: string, kept: Kept): string {
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url')
  return `${text}.${sign(secret, 'google', text)}`
}

/** What `seal` made with this secret; null for anything else. */
function unseal(secret: string, sealed = ''): Kept | null {
  const [text = '', mac = ''] = sealed.split('.')
  return sameText(mac, sign(secret, 'google', text)) ? JSON.parse(Buffer.from(text, 'base64url').toString()) as Kept : null
}
