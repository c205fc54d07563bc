import type { Me } from '#shared/types'
import type { Viewer } from './chat'
import type { PeopleStore } from './ports'
import { signedOut, wrongPassword } from './refusals'
import type { Sessions } from './sessions'

/** Where a request comes from: the client's address, what its browser calls itself, and as whom it is signed in already. */
export interface From { address: string, agent: string, viewer?: Viewer }
export interface SignedIn { /** For the cookie: 256 bits. */ token: string, remember: boolean, me: Me }

/** `opened`: the hash of the password by which they came. Throws wrong_password when it has been changed since, unauthenticated when the account is gone. */
export type SignIn = (user: string, remember: boolean, from: Pick<From, 'agent' | 'viewer'>, opened?: string) => Promise<SignedIn>

/** Opens a session that is new, whatever the browser came with; the one that it had ends, because its secret may be known to others. */
export const createSignIn = (storage: Pick<PeopleStore, 'me'>, sessions: Sessions): SignIn => async (user, remember, { agent, viewer }, opened) => {
  const token = await sessions.open(user, remember, agent, opened)
  if (token === null) throw opened === undefined ? signedOut() : wrongPassword()
  if (viewer) await sessions.end(viewer.person.id, { id: viewer.session })
  const me = await storage.me(user)
  if (!me) throw signedOut()
  return { token, remember, me }
}
