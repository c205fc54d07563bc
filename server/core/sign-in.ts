import type { Me } from '#shared/types'
import type { Viewer } from './chat'
import type { PeopleStore } from './ports'
import { signedOut } from './refusals'
import type { Sessions } from './sessions'

/** Where a request comes from: the client's address, what its browser calls itself, and as whom it is signed in already. */
export interface From { address: string, agent: string, viewer?: Viewer }
export interface SignedIn { /** For the cookie: 256 bits. */ token: string, remember: boolean, me: Me }

export type SignIn = (user: string, remember: boolean, from: Pick<From, 'agent' | 'viewer'>) => Promise<SignedIn>

/** Opens a session that is new, whatever the browser came with; the one that it had ends, because its secret may be known to others. */
export const createSignIn = (storage: Pick<PeopleStore, 'me'>, sessions: Sessions): SignIn => async (user, remember, { agent, viewer }) => {
  const token = await sessions.open(user, remember, agent)
  if (viewer) await sessions.end(viewer.person.id, { id: viewer.session })
  const me = await storage.me(user)
  if (!me) throw signedOut()
  return { token, remember, me }
}
