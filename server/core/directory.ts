import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import { email as emailSchema } from '#shared/schemas'
import type { First } from './accounts'
import type { Identity } from './chat'
import { hash, newSecret } from './ids'
import { nameOf } from './names'
import type { Credential, Directory, Ports, Proof } from './ports'
import { giveBack, spend } from './rates'
import { accountDisabled } from './refusals'
import type { Sessions } from './sessions'
import type { From, SignedIn, SignIn } from './sign-in'
import type { SignUp } from './sign-up'

interface Wish { idToken: string, remember: boolean, name?: string }

/** Ways in where accounts are kept elsewhere. All throw unauthenticated for a proof that does not hold, and unsupported where we keep the accounts ourselves. */
export interface ByProof {
  /**
   * Signs in whoever the proof speaks of; who is new here gets an account as by signing up, under the same rules. Throws forbidden for a disabled account, and
   * what signing up throws.
   */
  enter: (body: Wish & { invite?: string }, from: From) => Promise<SignedIn>
  /** The first account, as `setUp`. */
  setUpByProof: (body: Wish & { token: string }, from: From & { loopback: boolean }) => Promise<SignedIn>
  /** Makes sure that a signed-in person is who they were: they have just signed in there. Gives what they are known by there. Throws wrong_password. */
  confirmed: (identity: Identity, idToken: string) => Promise<string>
}

interface Parts {
  sessions: Sessions
  signIn: SignIn
  register: SignUp['register']
  setUpFirst: (first: First, from: From & { loopback: boolean }) => Promise<SignedIn>
}

/** How long ago somebody may have signed in for it to be "just now", ms. */
export const RECENT = 5 * 60_000

export function createByProof({ storage, coordination, accounts, clock }: Ports, { sessions, signIn, register, setUpFirst }: Parts): ByProof {
  const { directory } = accounts

  const prove = async (idToken: string): Promise<Proof> => normal(await here(directory).prove(idToken))

  /** For somebody who is not signed in. An address pays before the directory is asked, whose own limits are for the whole site; a right proof gives its point back. */
  const proveFrom = async (idToken: string, { address }: Pick<From, 'address'>): Promise<Proof> => {
    const here = { key: `proof:${hash(address)}`, rate: rates.login }
    await spend(coordination, here.key, here.rate)
    await spend(coordination, `proof-all:${hash(address)}`, rates.loginAll)
    const proof = await prove(idToken)
    await spend(coordination, `proof-right:${hash(proof.subject)}`, rates.loginRight)
    await giveBack(coordination, [here])
    return proof
  }

  const credentialOf = ({ subject, mark, emailVerified }: Proof): Credential =>
    ({ kind: 'firebase', subject, secretHash: mark, verifiedAt: emailVerified ? clock.now() : null })

  /** The account's address, for themselves and the admin, and so that nobody else is known by it. An account does without where another has it. */
  const claimAddress = async (user: string, { email, emailVerified }: Proof) => {
    if (email === null || await storage.credentialOf('password', user) || await storage.credential('password', email)) return
    await storage.addCredential(user, { kind: 'password', subject: email, secretHash: await accounts.hash(newSecret()), verifiedAt: emailVerified ? clock.now() : null })
  }

  /** They are in: should it not work out, the next sign-in tries again. */
  const withAddress = async (signedIn: SignedIn, proof: Proof): Promise<SignedIn> => {
    await claimAddress(signedIn.me.id, proof).catch(() => {})
    return { ...signedIn, me: await storage.me(signedIn.me.id) ?? signedIn.me }
  }

  /**
   * Takes note of what the directory says now. Who proves by another's word (Google's) that an unproven address is theirs may not be who made the account: a stranger may
   * have waited in it for them. Whatever that stranger is signed in to, here and there, must end.
   */
  const settle = async (user: string, known: { secretHash: string, verifiedAt: number | null }, proof: Proof) => {
    const taken = known.verifiedAt === null && proof.emailVerified && proof.by !== 'password'
    const mark = taken ? await here(directory).revoke(proof.subject) : proof.mark
    if (taken || mark !== known.secretHash) {
      await sessions.end(user)
      await storage.setSecret('firebase', user, mark)
    }
    if (known.verifiedAt !== null || !proof.emailVerified) return
    await storage.verifyCredential('firebase', user, proof.subject, clock.now())
    if (proof.email !== null) await storage.verifyCredential('password', user, proof.email, clock.now())
  }

  /** An account of the time when we kept them ourselves, whose address both sides know to be theirs. null: there is none. */
  const link = async (proof: Proof): Promise<string | null> => {
    const known = proof.email === null ? null : await storage.credential('password', proof.email)
    // One that has its own account there already keeps it, also where that is gone by now.
    if (!known || await storage.credentialOf('firebase', known.user)) return null
    if (known.disabled) throw accountDisabled()
    if (!proof.emailVerified) throw new ChatError('forbidden', 'There is an account with this e-mail address here already. Confirm the address by the link that was mailed to you, then sign in again.')
    // Anybody may have made that account, and wait for the owner of the address to come in by another way.
    if (known.verifiedAt === null || !await storage.addCredential(known.user, credentialOf(proof))) {
      throw new ChatError('conflict', 'There is an account with this e-mail address here that nobody has confirmed. Ask the person who runs this site.')
    }
    return known.user
  }

  const find = async (proof: Proof): Promise<string | null> => {
    const known = await storage.credential('firebase', proof.subject)
    if (!known) return link(proof)
    if (known.disabled) throw accountDisabled()
    await settle(known.user, known, proof)
    return known.user
  }

  return {
    async enter({ idToken, remember, name, invite }, from) {
      const proof = await proveFrom(idToken, from)
      const user = await find(proof)
      if (user !== null) return withAddress(await signIn(user, remember, from), proof)
      const signedIn = await register({ name: name ?? nameOf(proof.name, proof.email), remember, credential: async () => credentialOf(proof), ...(invite && { invite }) }, from)
      return withAddress(signedIn, proof)
    },

    async setUpByProof({ idToken, remember, name, token }, from) {
      const proof = await proveFrom(idToken, from)
      const signedIn = await setUpFirst({ name: name ?? nameOf(proof.name, proof.email), remember, token, credential: async () => credentialOf(proof) }, from)
      return withAddress(signedIn, proof)
    },

    async confirmed({ person }, idToken) {
      await spend(coordination, `password:${person.id}`, rates.loginSubject)
      const { subject, signedInAt } = await prove(idToken)
      const own = await storage.credentialOf('firebase', person.id)
      if (own?.subject !== subject) throw new ChatError('wrong_password', 'You have signed in to another account. Use the one that you are signed in to here.')
      if (Math.abs(clock.now() - signedInAt) > RECENT) throw new ChatError('wrong_password', 'Type your password again, or sign in with Google again.')
      return subject
    }
  }
}

const normal = (proof: Proof): Proof => ({ ...proof, email: emailSchema.safeParse(proof.email).data ?? null })

/** @throws ChatError unsupported where we keep the accounts ourselves */
function here(directory: Directory | null): Directory {
  if (!directory) throw new ChatError('unsupported', 'This site keeps its accounts itself.')
  return directory
}

const refused = async (): Promise<never> => {
  throw new ChatError('unsupported', 'The accounts of this site are kept by Firebase, and their passwords too. Sign in there.')
}

/** Everything about passwords, where they are kept elsewhere. */
export const noPasswordsHere = {
  setUp: refused, signUp: refused, logIn: refused, changePassword: refused, forgot: refused, resetLinkFor: refused, reset: refused, resendVerification: refused, verify: refused
}
