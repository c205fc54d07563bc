import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Paged, RoomSummary, Visibility } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit } from './commit'
import { hiddenSlug, newId, slugify } from './ids'
import { createMembers, type Members } from './members'
import { isModerators, mayVisit, toChange } from './policy'
import type { Ports, RoomKey } from './ports'
import { type Point, spend, spendReader, spendTurn, tryFor, turnOf } from './rates'
import { noSuchRoom, signedOut } from './refusals'
import { auditOf, type RoomChange } from './room-changes'
import type { Scope } from './scope'
import type { SiteOfChat } from './site'

interface RoomsQuery { search: string, sort: 'activity' | 'name', archived: boolean, cursor?: string, limit: number }
interface RoomBody { name: string, topic: string, visibility?: Visibility, listed?: boolean, password?: string | null }

export interface Rooms extends Members {
  /** Limited per person, and per address of visitors; searching more so. */
  list: (viewer: Viewer, query: RoomsQuery, from?: { address: string }) => Promise<Paged<RoomSummary>>
  /** Of a private room whose name they may know: its door. Throws not_found alike for a room that is not there and one that they may not see, forbidden as Scope's `get` does, and rate_limited. */
  get: (viewer: Viewer, key: RoomKey, from?: { address: string }) => Promise<RoomSummary>
  /** Throws forbidden for guests. */
  create: (identity: Identity, body: RoomBody) => Promise<RoomSummary>
  /** By the owner or an admin, some of it by moderators: see `isModerators`. Who comes in to a private room is decided from inside, by admins too. The link stays. */
  update: (identity: Identity, room: string, body: RoomChange) => Promise<RoomSummary>
  /** With everything that was ever said in it; by the owner or an admin. The site's history has it. */
  remove: (identity: Identity, room: string) => Promise<void>
}

export function createRooms(ports: Ports, site: SiteOfChat, scope: Scope): Rooms {
  const { storage, bus, coordination, accounts, clock } = ports

  /** Each costs as much as signing in does. `taken`: for what it is a part of, given back with its own where it can't be done now. */
  const hashed = async (user: string, password: string, taken: Point): Promise<string> => {
    const turn = { key: `room-password-set:${user}`, rate: rates.roomPasswordSet }
    await spend(coordination, turn.key, turn.rate)
    return tryFor(coordination, [turn, taken], () => accounts.hash(password))
  }

  return {
    ...createMembers(ports, site, scope),

    async get(viewer, key, from) {
      await spendReader(coordination, 'look', viewer, from?.address ?? '', rates.look)
      return scope.get(viewer, key)
    },

    async list(viewer, query, from) {
      if (!mayVisit(viewer, await site.get())) throw signedOut()
      const what = query.search === '' ? 'list' : 'search'
      await spendReader(coordination, what, viewer, from?.address ?? '', rates[what])
      const { items, next } = await storage.rooms(viewer?.person.id ?? null, query)
      // Behind the door of a private room nobody sees who is there.
      const open = items.filter(room => room.role !== null || room.visibility === 'public')
      const counts = await coordination.counts(open.map(room => room.id))
      return { items: items.map(room => ({ ...room, online: counts.get(room.id) ?? 0 })), next }
    },

    async create(identity, { name, topic, visibility = 'public', listed = true, password = null }) {
      const owner = identity.person.id
      if (identity.person.kind === 'guest') throw guestsMakeNone()
      const turn = { key: `room-create:${owner}`, rate: rates.roomCreate }
      await spend(coordination, turn.key, turn.rate)
      const passwordHash = password === null ? null : await hashed(owner, password, turn)
      const slug = visibility === 'private' && !listed ? hiddenSlug(name) : slugify(name)
      const room = await storage.createRoom({ id: newId(), slug, name, topic, owner, at: clock.now(), visibility, listed, passwordHash })
      if (!room) throw guestsMakeNone()
      bus.control({ kind: 'joined', room: room.id, user: owner })
      return scope.get(identity, { id: room.id })
    },

    async update(identity, room, body) {
      const access = await (isModerators(body) ? scope.moderate : scope.manage)(identity, room)
      const { password, ...settings } = body
      if (password && (settings.visibility ?? access.room.visibility) === 'public') throw new ChatError('invalid', 'Only a private room can have a password.')
      const author = identity.person.id
      await spendTurn(coordination, author)
      const passwordHash = password ? await hashed(author, password, turnOf(author)) : password
      await commit(ports, {
        room, author, nonce: null, at: clock.now(), requires: toChange(identity, body),
        effects: [{ do: 'describe', ...settings, ...passwordHash !== undefined && { passwordHash } }], audit: auditOf(access.room, body)
      })
      bus.control({ kind: 'room-changed', room })
      const changed = await storage.access({ id: room }, author)
      if (!changed) throw noSuchRoom()
      return scope.summary(identity, changed)
    },

    async remove(identity, room) {
      await scope.manage(identity, room)
      await spendTurn(coordination, identity.person.id)
      const outcome = await storage.deleteRoom({ room, by: identity.person.id, at: clock.now() })
      if (outcome === 'refused') throw new ChatError('forbidden', 'Only the owner of this room may do that.')
      if (outcome === 'none') throw noSuchRoom()
      bus.control({ kind: 'room-deleted', room })
    }
  }
}

const guestsMakeNone = () => new ChatError('forbidden', 'Guests can\'t make rooms. Create an account first.')
