import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Member, Paged, Person, RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit } from './commit'
import { createPasswordEntry } from './password-entry'
import { maySeeMute, mayVisit, toJoin, toLeave } from './policy'
import type { Ports } from './ports'
import { spendReader, spendTurn } from './rates'
import { signedOut } from './refusals'
import type { Scope } from './scope'
import type { SiteOfChat } from './site'

export interface Members {
  /**
   * Into a public room, or a listed private one by its password; nothing happens for one who is in it. Throws password_required, wrong_password,
   * rate_limited; not_found alike for a room that is not there and one that they may not know of, whatever the password.
   */
  join: (identity: Identity, room: string, body?: { password?: string }, from?: { address: string }) => Promise<RoomSummary>
  /** Throws conflict for the owner, who can only delete it, archive it, or hand it over. */
  leave: (identity: Identity, room: string) => Promise<RoomSummary>
  /** `online` is known of at most limits.presenceNames people, `mutedUntil` where `maySeeMute` says so. `ids`: only those of these people who are in the room. Limited as the list of rooms is. */
  members: (viewer: Viewer, room: string, query: { cursor?: string, limit: number, ids?: readonly string[] }, from?: { address: string }) => Promise<Paged<Member>>
  /** Names for ids; ids that nobody has are left out. Limited together with single rooms, per person, and per address of visitors. */
  people: (viewer: Viewer, ids: readonly string[], from?: { address: string }) => Promise<Person[]>
}

/** The part of `rooms` about who is in them. */
export function createMembers(ports: Ports, site: SiteOfChat, scope: Scope): Members {
  const { storage, coordination, clock } = ports
  const enterByPassword = createPasswordEntry(ports)

  return {
    async join(identity, room, { password } = {}, { address } = { address: '' }) {
      const user = identity.person.id
      const seen = await scope.get(identity, { id: room })
      if (seen.role !== null) return seen
      if (seen.visibility === 'private') {
        await enterByPassword(identity, seen, password, address)
      } else {
        await spendTurn(coordination, user)
        await commit(ports, { room, author: user, nonce: null, at: clock.now(), requires: toJoin(user), effects: [{ do: 'join', user, role: 'member', cameBy: 'self' }] })
      }
      return scope.get(identity, { id: room })
    },

    async leave(identity, room) {
      const user = identity.person.id
      const { role } = await scope.see(identity, { id: room })
      if (role === 'owner') throw new ChatError('conflict', 'You own this room. You can archive it, delete it, or hand it over, but not leave it.')
      if (role !== null) {
        await spendTurn(coordination, user)
        await commit(ports, { room, author: user, nonce: null, at: clock.now(), requires: toLeave(user), effects: [{ do: 'leave', user }] })
      }
      return scope.after(identity, room)
    },

    async members(viewer, room, { ids, ...query }, from) {
      await spendReader(coordination, 'list', viewer, from?.address ?? '', rates.list)
      const access = await scope.see(viewer, { id: room })
      const [{ items, next }, { users }] = await Promise.all([storage.members(room, ids ? { limit: ids.length, among: ids } : query), coordination.online(room)])
      const online = new Set(users)
      return {
        items: items.map(member => ({ ...member, online: online.has(member.id), mutedUntil: maySeeMute(access, viewer, member.id) ? member.mutedUntil : null })),
        next
      }
    },

    async people(viewer, ids, from) {
      if (!mayVisit(viewer, await site.get())) throw signedOut()
      await spendReader(coordination, 'look', viewer, from?.address ?? '', rates.look)
      return storage.people(ids)
    }
  }
}
