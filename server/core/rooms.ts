import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Paged, RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit } from './commit'
import { newId, slugify } from './ids'
import { createMembers, type Members } from './members'
import { mayManage, mayRead, mayVisit, toManage, type Site } from './policy'
import type { Access, Ports, RoomKey } from './ports'
import { spend } from './rates'
import { noSuchRoom, signedOut } from './refusals'

interface RoomsQuery { search: string, sort: 'activity' | 'name', archived: boolean, cursor?: string, limit: number }

export interface Rooms extends Members {
  list: (viewer: Viewer, query: RoomsQuery) => Promise<Paged<RoomSummary>>
  /** Throws not_found alike for a room that is not there and one that the viewer may not see. */
  get: (viewer: Viewer, key: RoomKey) => Promise<RoomSummary>
  create: (identity: Identity, body: { name: string, topic: string }) => Promise<RoomSummary>
  /** Name, topic, archived; by the owner or an admin. The link stays. */
  update: (identity: Identity, room: string, body: { name?: string, topic?: string, archived?: boolean }) => Promise<RoomSummary>
  /** With everything that was ever said in it; by the owner or an admin. */
  remove: (identity: Identity, room: string) => Promise<void>
}

export function createRooms(ports: Ports, site: Site): Rooms {
  const { storage, bus, coordination, clock } = ports

  /** The one way in: a room through the viewer's right to see it. */
  const see = async (viewer: Viewer, key: RoomKey): Promise<Access> => {
    if (!mayVisit(viewer, site)) throw signedOut()
    const access = await storage.access(key, viewer?.person.id ?? null)
    if (!access || !mayRead(access, viewer, site)) throw noSuchRoom()
    return access
  }

  const summary = async (viewer: Viewer, { room, role }: Access): Promise<RoomSummary> => {
    const user = viewer?.person.id
    const [counts, reading] = await Promise.all([coordination.counts([room.id]), user && role ? storage.unread(room.id, [user]) : null])
    const mine = user === undefined ? undefined : reading?.get(user)
    return { ...room, role, unread: mine?.unread ?? 0, readSeq: mine?.readSeq ?? 0, online: counts.get(room.id) ?? 0 }
  }

  const get: Rooms['get'] = async (viewer, key) => summary(viewer, await see(viewer, key))

  const manage = async (identity: Identity, room: string) => {
    if (!mayManage(await see(identity, { id: room }), identity)) throw notTheOwner()
  }

  return {
    ...createMembers(ports, site, see, get),
    get,

    async list(viewer, query) {
      if (!mayVisit(viewer, site)) throw signedOut()
      const { items, next } = await storage.rooms(viewer?.person.id ?? null, query)
      const counts = await coordination.counts(items.map(room => room.id))
      return { items: items.map(room => ({ ...room, online: counts.get(room.id) ?? 0 })), next }
    },

    async create(identity, { name, topic }) {
      const owner = identity.person.id
      await spend(coordination, `room-create:${owner}`, rates.roomCreate)
      const room = await storage.createRoom({ id: newId(), slug: slugify(name), name, topic, owner, at: clock.now() })
      bus.control({ kind: 'joined', room: room.id, user: owner })
      return get(identity, { id: room.id })
    },

    async update(identity, room, body) {
      await manage(identity, room)
      const author = identity.person.id
      await commit(ports, { room, author, nonce: null, at: clock.now(), requires: toManage(identity), effects: [{ do: 'describe', ...body }] })
      bus.control({ kind: 'room-changed', room })
      return get(identity, { id: room })
    },

    async remove(identity, room) {
      await manage(identity, room)
      const outcome = await storage.deleteRoom(room, identity.person.id)
      if (outcome === 'refused') throw notTheOwner()
      if (outcome === 'none') throw noSuchRoom()
      bus.control({ kind: 'room-deleted', room })
    }
  }
}

const notTheOwner = () => new ChatError('forbidden', 'Only the owner of this room may do that.')
