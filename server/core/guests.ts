import { ChatError } from '#shared/errors'
import { guestTiers } from '#shared/limits'
import type { RoomSummary } from '#shared/types'
import { commit } from './commit'
import { hash, newId } from './ids'
import { noGuests, type Invites } from './invites'
import { toArrive } from './policy'
import type { Ports } from './ports'
import { pointsOf, spendTiers } from './rates'
import { signedOut } from './refusals'
import type { Scope } from './scope'
import type { Sessions } from './sessions'
import type { From, SignedIn, SignIn } from './sign-in'
import type { SiteOfChat } from './site'

export interface Guests {
  /**
   * A name and in: makes a guest and lets them into the room of an invite, in one commit. They stay known to this browser for 30 days. Throws not_found
   * for an invite that lets nobody in, forbidden where guests may not come, conflict for one who is signed in, and rate_limited.
   */
  arrive: (body: { code: string, name: string }, from: From) => Promise<SignedIn & { room: RoomSummary }>
}

interface Parts { site: SiteOfChat, scope: Scope, invites: Invites, sessions: Sessions, signIn: SignIn }

export function createGuests(ports: Ports, { site, scope, invites, sessions, signIn }: Parts): Guests {
  const { coordination, clock } = ports

  return {
    async arrive({ code, name }, from) {
      if (from.viewer) throw new ChatError('conflict', 'You are signed in already. Come in as yourself.')
      const { codeHash, access: { room }, role } = await invites.find(null, code, from.address)
      if (role !== 'guest' || !room.guests || !(await site.get()).guests) throw noGuests()
      await spendTiers(coordination, pointsOf(`guest:${hash(from.address)}`, guestTiers))
      const user = newId()
      await commit(ports, {
        room: room.id, author: user, nonce: null, at: clock.now(), requires: toArrive(codeHash),
        effects: [{ do: 'arrive', user, name }, { do: 'join', user, role: 'guest', cameBy: 'invite', invite: codeHash }]
      })
      const signedIn = await signIn(user, true, from)
      const identity = await sessions.identify(signedIn.token)
      if (!identity) throw signedOut()
      return { ...signedIn, room: await scope.get(identity, { id: room.id }) }
    }
  }
}
