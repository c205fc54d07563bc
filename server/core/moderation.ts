import { ChatError } from '#shared/errors'
import type { AuditEntry, Banned, Paged, RoomSummary } from '#shared/types'
import type { Identity } from './chat'
import { commit } from './commit'
import { toActOn, toGiveRole, toHandOver, toJoinAsAdmin, toMute } from './policy'
import type { Append, Audit, Effect, Ports, Precondition } from './ports'
import { spendList, spendTurn } from './rates'
import type { Scope } from './scope'

interface ListQuery { cursor?: string, limit: number }
export type MemberChange = { role: 'owner' | 'moderator' | 'member' } | { muteSeconds: number }

/** What owners, moderators and admins do to people of a room. Throws forbidden, not_found for people who are not in it, or as Scope does. */
export interface Moderation {
  /** Another role, to `owner` the room itself; or silence for so many seconds (0: they may speak again). */
  change: (identity: Identity, room: string, target: string, change: MemberChange) => Promise<void>
  /** Out of the room; with `ban` until they are let in again, also somebody who is not in it. */
  remove: (identity: Identity, room: string, target: string, ban: boolean) => Promise<void>
  unban: (identity: Identity, room: string, target: string) => Promise<void>
  bans: (identity: Identity, room: string, query: ListQuery) => Promise<Paged<Banned>>
  audit: (identity: Identity, room: string, query: ListQuery) => Promise<Paged<AuditEntry>>
  /** An admin comes into any room, and is seen to. */
  joinAsAdmin: (identity: Identity, room: string) => Promise<RoomSummary>
}

export function createModeration(ports: Ports, scope: Scope): Moderation {
  const { storage, coordination, clock } = ports

  const change = async (identity: Identity, room: string, requires: Precondition[], effects: Effect[], audit: Audit) => {
    await spendTurn(coordination, identity.person.id)
    const item: Append = { room, author: identity.person.id, nonce: null, at: clock.now(), requires, effects, audit }
    await commit(ports, item)
  }

  const giveRole = async (identity: Identity, room: string, target: string, role: 'moderator' | 'member') => {
    await scope.manage(identity, room)
    await change(identity, room, toGiveRole(identity, target), [{ do: 'role', user: target, role }], { action: 'role-changed', target, detail: role })
  }

  /** The former owner stays as a moderator. A room whose owner deleted their account may have none. */
  const handOver = async (identity: Identity, room: string, target: string) => {
    const { room: { ownerId: owner } } = await scope.manage(identity, room)
    await change(identity, room, toHandOver(identity, target, owner),
      [{ do: 'role', user: owner, role: 'moderator' }, { do: 'role', user: target, role: 'owner' }],
      { action: 'owner-changed', target, detail: '' })
  }

  const mute = async (identity: Identity, room: string, target: string, seconds: number) => {
    await scope.moderate(identity, room)
    const until = seconds === 0 ? null : clock.now() + seconds * 1000
    await change(identity, room, toMute(identity, target), [{ do: 'mute', user: target, until }],
      { action: until === null ? 'unmuted' : 'muted', target, detail: until === null ? '' : `${seconds} s` })
  }

  return {
    async change(identity, room, target, body) {
      if ('muteSeconds' in body) return mute(identity, room, target, body.muteSeconds)
      return body.role === 'owner' ? handOver(identity, room, target) : giveRole(identity, room, target, body.role)
    },

    async remove(identity, room, target, ban) {
      await scope.moderate(identity, room)
      if ((await storage.people([target])).length === 0) throw nobody()
      await change(identity, room, toActOn(identity, target), [{ do: 'remove', user: target, ban }], { action: ban ? 'banned' : 'kicked', target, detail: '' })
    },

    async unban(identity, room, target) {
      await scope.moderate(identity, room)
      await change(identity, room, toActOn(identity, target), [{ do: 'unban', user: target }], { action: 'unbanned', target, detail: '' })
    },

    async bans(identity, room, query) {
      await spendList(coordination, identity)
      await scope.moderate(identity, room)
      return storage.bans(room, query)
    },

    async audit(identity, room, query) {
      await spendList(coordination, identity)
      await scope.moderate(identity, room)
      return storage.audit(room, query)
    },

    async joinAsAdmin(identity, room) {
      const user = identity.person.id
      if (!identity.admin) await scope.manage(identity, room)
      // The owner may have banned them: the site is the admin's all the same.
      await change(identity, room, toJoinAsAdmin(user), [{ do: 'unban', user }, { do: 'join', user, role: 'member', cameBy: 'admin' }],
        { action: 'admin-joined', target: null, detail: '' })
      return scope.get(identity, { id: room })
    }
  }
}

const nobody = () => new ChatError('not_found', 'There is no such person.')
