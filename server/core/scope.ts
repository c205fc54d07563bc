import { ChatError } from '#shared/errors'
import type { RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { doorOf, mayKnow, mayKnowOfBan, mayManage, mayModerate, mayRead, mayVisit, refusalToRead } from './policy'
import type { Access, Ports, RoomKey } from './ports'
import { bannedHere, noSuchRoom, signedOut } from './refusals'
import type { SiteOfChat } from './site'

/** The ways to a room: each goes through a right of the caller to it, or throws. */
export interface Scope {
  /** By the right to read it. Throws unauthenticated for a visitor of a closed site, else what `refusalToRead` says. */
  see: (viewer: Viewer, key: RoomKey) => Promise<Access>
  /** By the rights of its owner or of an admin, who need not be in it. Throws forbidden, or as `see` does where they may not even read it. */
  manage: (identity: Identity, room: string) => Promise<Access>
  /** The same by the rights of its moderators. */
  moderate: (identity: Identity, room: string) => Promise<Access>
  /** What the room is to this person: all of it where they may read it, its door where they may know of it. Throws not_found, or forbidden where they may know that they are banned. */
  get: (viewer: Viewer, key: RoomKey) => Promise<RoomSummary>
  /** The same to one who had a right to it a moment ago, which this no longer asks. */
  after: (viewer: Viewer, room: string) => Promise<RoomSummary>
  summary: (viewer: Viewer, access: Access) => Promise<RoomSummary>
}

export function createScope({ storage, coordination }: Ports, site: SiteOfChat): Scope {
  const look = async (viewer: Viewer, key: RoomKey): Promise<{ access: Access, readable: boolean }> => {
    const settings = await site.get()
    if (!mayVisit(viewer, settings)) throw signedOut()
    const access = await storage.access(key, viewer?.person.id ?? null)
    if (!access) throw noSuchRoom()
    return { access, readable: mayRead(access, viewer, settings) }
  }

  const hold = async (identity: Identity, room: string, may: typeof mayManage, otherwise: string): Promise<Access> => {
    const { access, readable } = await look(identity, { id: room })
    if (may(access, identity)) return access
    throw readable ? new ChatError('forbidden', otherwise) : refusalToRead(access)
  }

  const summary: Scope['summary'] = async (viewer, { room, role, mutedUntil, lost }) => {
    const user = viewer?.person.id
    const [counts, reading] = await Promise.all([coordination.counts([room.id]), user && role ? storage.unread(room.id, [user]) : null])
    const mine = user === undefined ? undefined : reading?.get(user)
    return { ...room, role, mutedUntil, lost, unread: mine?.unread ?? 0, readSeq: mine?.readSeq ?? 0, online: counts.get(room.id) ?? 0 }
  }

  return {
    summary,
    async see(viewer, key) {
      const { access, readable } = await look(viewer, key)
      if (!readable) throw refusalToRead(access)
      return access
    },
    manage: (identity, room) => hold(identity, room, mayManage, 'Only the owner of this room may do that.'),
    moderate: (identity, room) => hold(identity, room, mayModerate, 'Only this room\'s owner and moderators may do that.'),
    async get(viewer, key) {
      const { access, readable } = await look(viewer, key)
      if (readable) return summary(viewer, access)
      if (mayKnowOfBan(access)) throw bannedHere()
      if (!mayKnow(access)) throw noSuchRoom()
      return doorOf(access)
    },
    async after(viewer, room) {
      const { access, readable } = await look(viewer, { id: room })
      return readable ? summary(viewer, access) : doorOf(access)
    }
  }
}
