import type { Precondition, Refusal } from '../../../core/ports'
import { hasAccess, isManager, muteOf, pauseOf, rankOf } from '../../../core/rules'
import type { InviteDoc, RoomDoc } from './layout'
import type { RoomState } from './room-state'
import { isActive, roleIn } from './standing'

/** What does not hold; for how many ms, where that is known. */
export interface Refused { refused: Refusal, wait?: number }

/** Not revoked, not expired, and with a use left. */
export const isUsable = ({ revokedAt, expiresAt, usesLeft }: InviteDoc, at: number): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > at) && (usesLeft === null || usesLeft > 0)

/** The first precondition that does not hold in this state; `room` also without being asked. */
export function refusalOf(state: RoomState, at: number, requires: readonly Precondition[]): Refused | null {
  const { room } = state
  const personOf = (user: string) => state.people.get(user)
  const roleOf = (user: string) => room ? roleIn(room, personOf(user)) : null
  const isAdmin = (user: string) => { const account = state.users.get(user); return isActive(account) && account.admin }
  const rank = (user: string) => rankOf(roleOf(user), isAdmin(user))
  const authorOf = (message: string) => { const found = state.messages.get(message); return found && found.deletedAt === null ? found.author : null }

  const waits: Partial<Record<Precondition['check'], (room: RoomDoc, user: string) => number>> = {
    'not-muted': (_, user) => muteOf(personOf(user)?.mutedUntil ?? null, at),
    'pace': (room, user) => pauseOf(room, roleOf(user), personOf(user)?.lastPostAt ?? null, at)
  }
  const waitFor = (need: Precondition) => room && 'user' in need ? waits[need.check]?.(room, need.user) ?? 0 : 0

  function holds(need: Precondition): boolean {
    switch (need.check) {
      case 'account': case 'active': return isActive(state.users.get(need.user))
      case 'gone': return state.users.get(need.user)?.kind === 'guest' && !state.present.has(need.user)
      case 'admin': return isAdmin(need.user)
      case 'room': return room !== null
      case 'owned': return room?.ownerId === need.owner
      case 'open': return room?.archivedAt === null
      case 'not-banned': return personOf(need.user)?.bannedAt === undefined
      case 'access': case 'inside': return hasAccess(room?.visibility, roleOf(need.user), state.users.get(need.user)?.kind ?? null)
      case 'role': case 'present': { const role = roleOf(need.user); return need.roles.some(one => one === role) }
      case 'outranks': return rank(need.user) > rank(need.target)
      case 'not-closed': return room?.closedAt === null || isManager(roleOf(need.user))
      case 'not-muted': case 'pace': return room !== null && waitFor(need) === 0
      case 'password': return room !== null && room.passwordHash !== null && room.passwordVersion === need.version
      case 'invite': { const invite = state.invites.get(need.code); return invite !== undefined && invite.room === room?.id && isUsable(invite, at) }
      case 'message': return authorOf(need.message) !== null
      case 'author': return authorOf(need.message) === need.user
    }
  }

  for (const need of requires) {
    if (holds(need)) continue
    const wait = waitFor(need)
    return wait > 0 ? { refused: need.check, wait } : { refused: need.check }
  }
  return room === null ? { refused: 'room' } : null
}
