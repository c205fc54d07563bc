import { rates } from '#shared/limits'
import type { Answers, ChangeFrame } from '#shared/protocol'
import type { Message, Page } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit, type Committed } from './commit'
import { messageId } from './ids'
import { mayRead, mayVisit, refusalToRead, toEdit, toErase, toPost, toReact } from './policy'
import type { Audit, Effect, Ports, Precondition } from './ports'
import { spend, spendReader } from './rates'
import { noSuchRoom, signedOut } from './refusals'
import type { SiteOfChat } from './site'

type Change<T extends ChangeFrame['type']> = Omit<Extract<ChangeFrame, { type: T }>, 'type' | 'id'>

export interface Messages {
  /** One snapshot of a stretch of history. Throws what `refusalToRead` says, unauthenticated for a visitor of a closed site, or rate_limited. */
  page: (viewer: Viewer, room: string, query: { before?: number, around?: number, limit: number }, from?: { address: string }) => Promise<Page>
  /** Saves and delivers a message; the first one joins the room in the same commit. A known nonce gets its first answer again. */
  send: (identity: Identity, change: Change<'send'>) => Promise<Answers['send']>
  edit: (identity: Identity, change: Change<'edit'>) => Promise<Answers['edit']>
  /** By its author, the room's owner or a moderator, or an admin. */
  delete: (identity: Identity, change: Change<'delete'>) => Promise<Answers['delete']>
  /** Where the reaction is already so, the row's current seq and no event. */
  react: (identity: Identity, change: Change<'react'>) => Promise<Answers['react']>
  /** Moves the person's read mark forward and tells their other devices. Nothing for one who is not a member; too often is passed over in silence. */
  read: (identity: Identity, room: string, seq: number) => Promise<void>
}

export function createMessages(ports: Ports, site: SiteOfChat): Messages {
  const { storage, bus, coordination, clock } = ports

  const change = async (identity: Identity, room: string, nonce: string, requires: Precondition[], effects: Effect[], audit?: Audit): Promise<Committed> =>
    commit(ports, { room, author: identity.person.id, nonce, at: clock.now(), requires, effects, ...audit && { audit } })

  // Nothing is read before the append: storage looks for the nonce first, and a retry gets its answer whatever has happened since.
  const limit = ({ person }: Identity) => spend(coordination, `change:${person.id}`, person.kind === 'guest' ? rates.guestChange : rates.change)

  /** What is written down when somebody deletes what another wrote. */
  const auditOf = async (identity: Identity, room: string, message: string): Promise<Audit | undefined> => {
    const author = await storage.authorOf(room, message)
    return author === null || author === identity.person.id ? undefined : { action: 'message-deleted', target: author, detail: '' }
  }

  return {
    async page(viewer, room, query, from) {
      const settings = await site.get()
      if (!mayVisit(viewer, settings)) throw signedOut()
      await spendReader(coordination, 'page', viewer, from?.address ?? '', rates.page)
      const found = await storage.page(room, viewer?.person.id ?? null, query, access => mayRead(access, viewer, settings))
      if (!found) throw noSuchRoom()
      if (!mayRead(found.access, viewer, settings)) throw refusalToRead(found.access)
      const { access, messages, quoted, more } = found
      const people = await storage.people(peopleIn([...messages, ...quoted]))
      return { asOf: { epoch: storage.epoch, seq: access.room.seq }, messages, people, quoted, more }
    },

    async send(identity, { room, nonce, text, replyTo = null }) {
      await limit(identity)
      const user = identity.person.id
      const message = messageId(room, user, nonce)
      const done = await change(identity, room, nonce, toPost(user, replyTo),
        [{ do: 'join', user, role: identity.person.kind === 'guest' ? 'guest' : 'member', cameBy: 'self' }, { do: 'post', message, text, replyTo }])
      return { message: done.message ?? message, seq: done.seq, at: done.at, ...repeated(done) }
    },

    async edit(identity, { room, nonce, message, text }) {
      await limit(identity)
      return answer(await change(identity, room, nonce, toEdit(identity.person.id, message), [{ do: 'edit', message, text }]))
    },

    async delete(identity, { room, nonce, message }) {
      await limit(identity)
      const [access, audit] = await Promise.all([storage.access({ id: room }, identity.person.id), auditOf(identity, room, message)])
      return answer(await change(identity, room, nonce, toErase(access, identity, message), [{ do: 'erase', message }], audit))
    },

    async react(identity, { room, nonce, message, emoji, on }) {
      await limit(identity)
      const user = identity.person.id
      return answer(await change(identity, room, nonce, toReact(user, message), [{ do: 'react', message, user, emoji, on }]))
    },

    async read(identity, room, seq) {
      const user = identity.person.id
      if (await coordination.take(`read:${user}`, rates.read) > 0) return
      const readSeq = await storage.markRead(room, user, seq)
      if (readSeq !== null) bus.control({ kind: 'read', room, user, readSeq })
    }
  }
}

const repeated = (done: Committed) => done.duplicate && { duplicate: true as const }
const answer = (done: Committed) => ({ seq: done.seq, ...repeated(done) })

/** Names that travel with a page; the client asks for any beyond. */
const PEOPLE_PER_PAGE = 500

/** Authors first, then who reacted. */
function peopleIn(messages: readonly Message[]): string[] {
  const ids = new Set(messages.map(message => message.author))
  for (const message of messages) for (const reaction of message.reactions) for (const user of reaction.users) ids.add(user)
  return [...ids].slice(0, PEOPLE_PER_PAGE)
}
