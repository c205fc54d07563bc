import { ChatError } from '#shared/errors'
import type { SessionInfo } from '#shared/types'
import type { Identity } from './chat'
import { createGuestSweep } from './gone-guests'
import { hash, newSecret } from './ids'
import type { Ports, SessionRecord } from './ports'
import { spendList } from './rates'
import { createStanding } from './standing'

const HOUR = 60 * 60_000
/** How long a session lives after it was last seen. */
const sessionAge = { remembered: 30 * 24 * HOUR, others: 24 * HOUR } as const
const TOUCH_EVERY = 60_000
const SWEEP_EVERY = HOUR
const AGENT_LENGTH = 256

export interface Sessions {
  /** Starts one, and ends those beyond as many as a person may have; gives the secret for the cookie, which is kept nowhere else. null: the account may not be signed in to, or its password is not `opened` (a hash) any more. */
  open: (user: string, remember: boolean, agent: string, opened?: string) => Promise<string | null>
  /** Whose live session this is, by its id (the secret's hash); null when ended or outlived. */
  find: (id: string) => Promise<Identity | null>
  /** The same by the cookie's secret; notes that it was seen. */
  identify: (token: string | undefined) => Promise<Identity | null>
  /** Limited as the list of rooms is. */
  list: (identity: Identity) => Promise<SessionInfo[]>
  /** Ends a person's sessions, all that `which` does not exclude, and has their sockets closed everywhere. Gives their ids. */
  end: (user: string, which?: { id?: string, except?: string }) => Promise<string[]>
  /** Has the sockets of sessions closed, wherever they are, that storage ended with something else. */
  ended: (sessions: readonly string[]) => void
  /** Asks the directory, where accounts are kept there, about these people; whoever may not go on has their sessions ended. */
  recheck: (users: readonly string[]) => Promise<void>
}

/** Who is calling, by the session that they call with. */
export const identityOf = (record: SessionRecord): Identity => ({ session: record.id, person: record.person, admin: record.admin })

export function createSessions(ports: Ports): Sessions {
  const { storage, bus, coordination, clock } = ports
  const sweepGuests = createGuestSweep(ports)
  let swept = -Infinity
  const standing = createStanding(ports, user => end(user))

  const live = async (id: string): Promise<SessionRecord | null> => {
    const record = await storage.session(id)
    const age = record?.remember ? sessionAge.remembered : sessionAge.others
    if (!record || clock.now() - record.lastSeenAt >= age) return null
    return record.person.kind !== 'member' || await standing.holds(record.person.id) ? record : null
  }

  /** Not waited for: nobody's request should fail because housekeeping did, and the next one tries again. */
  const inBackground = (work: Promise<void>) => { work.catch(() => {}) }

  const sweep = (now: number) => {
    if (now - swept < SWEEP_EVERY) return
    swept = now
    inBackground(tidy(now))
  }

  const tidy = async (now: number) => {
    tell(await storage.endStaleSessions({ remembered: now - sessionAge.remembered, others: now - sessionAge.others }))
    // A guest who has only just come gets their session a moment later.
    await sweepGuests(now - sessionAge.others)
  }

  const tell = (ended: readonly string[]) => {
    for (const session of ended) bus.control({ kind: 'session-ended', session })
  }

  const end: Sessions['end'] = async (user, which = {}) => {
    const ended = await storage.endSessions(user, which)
    tell(ended)
    return ended
  }

  return {
    async open(user, remember, agent, opened) {
      const token = newSecret()
      const at = clock.now()
      const ended = await storage.createSession({ idHash: hash(token), user, remember, at, agent: agent.slice(0, AGENT_LENGTH), opened })
      sweep(at)
      if (ended === null) return null
      tell(ended)
      return token
    },

    async find(id) {
      const record = await live(id)
      return record && identityOf(record)
    },

    async identify(token) {
      if (!token) return null
      const record = await live(hash(token))
      if (!record) return null
      const now = clock.now()
      if (now - record.lastSeenAt >= TOUCH_EVERY) inBackground(storage.touchSession(record.id, now))
      return identityOf(record)
    },

    async list(identity) {
      await spendList(coordination, identity)
      return (await storage.sessions(identity.person.id)).map(info => ({ ...info, current: info.id === identity.session }))
    },

    end,
    ended: tell,
    recheck: standing.recheck
  }
}

/** Ends one of a person's own sessions, or throws not_found. */
export async function endOne(sessions: Sessions, identity: Identity, id: string): Promise<void> {
  const ended = await sessions.end(identity.person.id, { id })
  if (ended.length === 0) throw new ChatError('not_found', 'That session has already ended.')
}
