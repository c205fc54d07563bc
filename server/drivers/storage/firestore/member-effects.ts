import type { EventBody } from '#shared/types'
import type { Append } from '../../../core/ports'
import type { EffectOf } from './effects'
import { type PersonDoc, type RoomDoc, rankOf } from './layout'
import { fold, gramsOf } from './names'
import type { RoomState } from './room-state'
import { isActive, roleIn } from './standing'

type MemberEffect = EffectOf<'arrive' | 'join' | 'leave' | 'remove' | 'unban' | 'role' | 'mute'>

/** Effects on people in rooms. Gives the body of the event, or null where the state was already so. */
export function applyToPeople(state: RoomState, room: RoomDoc, { author, at }: Append, effect: MemberEffect): EventBody | null {
  const { user } = effect
  const person: PersonDoc = state.people.get(user)
    ?? { user, room: room.id, role: null, folded: state.users.get(user)?.folded ?? '', cameBy: 'self', passwordVersion: 0, joinedSeq: 0, readSeq: 0 }
  const save = () => {
    state.people.set(user, person)
    state.changedPeople.add(user)
    state.roomChanged = true
  }
  /** How they stand now that something was changed. */
  const standing = (): EventBody => ({
    kind: 'member', data: { user, role: roleIn(room, person), banned: person.bannedAt !== undefined, mutedUntil: person.mutedUntil ?? null }
  })
  function changed(): EventBody {
    save()
    return standing()
  }
  function expel(): void {
    person.role = null
    delete person.rank
    revoke()
  }
  /** What they made while they ran the room. */
  function revoke(): void {
    const account = state.users.get(user)
    if (isActive(account) && account.admin) return
    for (const [code, invite] of state.invites) {
      if (invite.by !== user || invite.room !== room.id || invite.revokedAt !== null) continue
      invite.revokedAt = at
      state.changedInvites.add(code)
    }
  }
  function useInvite(code: string): void {
    const invite = state.invites.get(code)
    if (!invite) return
    Object.assign(invite, { uses: invite.uses + 1, usesLeft: invite.usesLeft === null ? null : invite.usesLeft - 1 })
    state.changedInvites.add(code)
  }

  switch (effect.do) {
    case 'arrive':
      if (!state.users.has(user)) {
        const guest = { id: user, name: effect.name, folded: fold(effect.name), grams: gramsOf(fold(effect.name)), kind: 'guest' as const, admin: false, disabledAt: null, createdAt: at, credentials: {} }
        state.users.set(user, guest)
        state.newUsers.push(guest)
      }
      return null
    case 'join': {
      const { role, cameBy, invite: code } = effect
      if (roleIn(room, person) !== null) {
        if (code === undefined || person.cameBy !== 'password') return null
        person.cameBy = 'invite'
        useInvite(code)
        save()
        return null
      }
      // There may be a row of one who came by an old password. They have been a member for as long, and have not read what was said meanwhile.
      // What was said before is not unread to a newcomer.
      if (person.role === null) Object.assign(person, { joinedSeq: room.seq + 1, readSeq: room.seq + 1 })
      Object.assign(person, { role, rank: rankOf(role), cameBy, passwordVersion: room.passwordVersion, folded: state.users.get(user)?.folded ?? person.folded })
      delete person.removedAt
      if (code !== undefined) useInvite(code)
      state.controls.push({ kind: 'joined', room: room.id, user })
      if (user !== author) return changed()
      save()
      return { kind: 'join', data: { role, cameBy } }
    }
    case 'leave':
      if (person.role === null) return null
      expel()
      if (effect.forGood) {
        delete person.mutedUntil
        delete person.lastPostAt
        delete person.removedAt
      }
      if (user !== author) return changed()
      save()
      return { kind: 'leave', data: {} }
    case 'remove': {
      const gone = person.role !== null
      const banned = effect.ban && person.bannedAt === undefined
      if (!gone && !banned) return null
      expel()
      if (gone) person.removedAt = at
      if (banned) Object.assign(person, { bannedAt: at, bannedBy: author })
      return changed()
    }
    case 'unban':
      if (person.bannedAt === undefined) return null
      delete person.bannedAt
      delete person.bannedBy
      return changed()
    case 'role': {
      const held = roleIn(room, person)
      if (held === null || held === effect.role) return null
      // Whoever is given a role need not enter a password again that was changed while they had another.
      Object.assign(person, { role: effect.role, rank: rankOf(effect.role), passwordVersion: room.passwordVersion })
      if (effect.role === 'member') revoke()
      if (effect.role === 'owner') {
        room.ownerId = user
        state.controls.push({ kind: 'room-changed', room: room.id })
        // Nobody stands above an owner to let them speak again.
        delete person.mutedUntil
      }
      return changed()
    }
    case 'mute':
      if ((person.mutedUntil ?? null) === effect.until) return null
      if (effect.until === null) delete person.mutedUntil
      else person.mutedUntil = effect.until
      return changed()
  }
}
