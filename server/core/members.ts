import { ChatError } from '#shared/errors'
import type { Member, Paged, Person, RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit } from './commit'
import { mayJoin, mayVisit, toJoin, toLeave, type Site } from './policy'
import type { Access, Ports, RoomKey } from './ports'
import { noSuchRoom, signedOut } from './refusals'

export interface Members {
  /** A public room; nothing happens for one who is in it. */
  join: (identity: Identity, room: string) => Promise<RoomSummary>
  /** Throws conflict for the owner, who can only delete or archive it. */
  leave: (identity: Identity, room: string) => Promise<RoomSummary>
  /** `online` is known of at most limits.presenceNames people. */
  members: (viewer: Viewer, room: string, query: { cursor?: string, limit: number }) => Promise<Paged<Member>>
  /** Names for ids; ids that nobody has are left out. */
  people: (viewer: Viewer, ids: readonly string[]) => Promise<Person[]>
}

type See = (viewer: Viewer, key: RoomKey) => Promise<Access>
type Get = (viewer: Viewer, key: RoomKey) => Promise<RoomSummary>

/** The part of `rooms` about who is in them. `see` is the authorized way to a room, `get` its summary. */
export function createMembers(ports: Ports, site: Site, see: See, get: Get): Members {
  const { storage, coordination, clock } = ports

  return {
    async join(identity, room) {
      const user = identity.person.id
      if (!mayJoin(await see(identity, { id: room }))) throw noSuchRoom()
      await commit(ports, { room, author: user, nonce: null, at: clock.now(), requires: toJoin(user), effects: [{ do: 'join', user, role: 'member' }] })
      return get(identity, { id: room })
    },

    async leave(identity, room) {
      const user = identity.person.id
      const { role } = await see(identity, { id: room })
      if (role === 'owner') throw new ChatError('conflict', 'You own this room. You can archive or delete it, but not leave it.')
      if (role !== null) await commit(ports, { room, author: user, nonce: null, at: clock.now(), requires: toLeave(user), effects: [{ do: 'leave', user }] })
      return get(identity, { id: room })
    },

    async members(viewer, room, query) {
      await see(viewer, { id: room })
      const [{ items, next }, { users }] = await Promise.all([storage.members(room, query), coordination.online(room)])
      const online = new Set(users)
      return { items: items.map(member => ({ ...member, online: online.has(member.id) })), next }
    },

    async people(viewer, ids) {
      if (!mayVisit(viewer, site)) throw signedOut()
      return storage.people(ids)
    }
  }
}
