import { ChatError } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import type { ChatOptions, Viewer } from './chat'
import { hash, newId, sameText, sign } from './ids'
import { mayVisit } from './policy'
import type { Ports } from './ports'
import { spend } from './rates'
import { signedOut } from './refusals'
import type { Sessions } from './sessions'
import type { SiteOfChat } from './site'

const LIFE = limits.ticketSeconds * 1000

export interface Tickets {
  /** What lets one socket in, once, within 30 s. Visitors get one only where the site is public. Throws unauthenticated or rate_limited. */
  issue: (viewer: Viewer, from: { address: string }) => Promise<string>
  /** Who the ticket's bearer is. Throws unauthenticated when it was used, has expired, is forged, or its session has ended. */
  redeem: (ticket: string) => Promise<Viewer>
}

/** A ticket is `session.expiry.mark.signature`; a visitor's has no session. The session is looked up again when it is used. */
export function createTickets({ coordination, clock }: Ports, sessions: Sessions, site: SiteOfChat, { secret }: Pick<ChatOptions, 'secret'>): Tickets {
  const signature = (body: string) => sign(secret, 'ticket', body)

  return {
    async issue(viewer, { address }) {
      if (!mayVisit(viewer, await site.get())) throw signedOut()
      if (viewer) await spend(coordination, `ticket:${viewer.session}`, rates.ticket)
      else await spend(coordination, `ticket-address:${hash(address)}`, rates.ticketAddress)
      const body = `${viewer?.session ?? ''}.${clock.now() + LIFE}.${newId()}`
      return `${body}.${signature(body)}`
    },

    async redeem(ticket) {
      const end = ticket.lastIndexOf('.')
      const body = ticket.slice(0, Math.max(end, 0))
      if (!sameText(ticket.slice(end + 1), signature(body))) throw refused()
      const [session = '', expiry, mark] = body.split('.')
      const left = Number(expiry) - clock.now()
      // The mark outlives the ticket, whatever the instances' clocks say.
      if (left <= 0 || !await coordination.once(`ticket:${mark}`, left + LIFE)) throw refused()
      if (session === '') {
        if (!mayVisit(null, await site.get())) throw refused()
        return null
      }
      const identity = await sessions.find(session)
      if (!identity) throw refused()
      return identity
    }
  }
}

const refused = () => new ChatError('unauthenticated', 'This ticket can\'t be used. Get a new one.')
