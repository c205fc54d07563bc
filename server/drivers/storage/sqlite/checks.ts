import type { Precondition, Refusal } from '../../../core/ports'
import { hasAccess, isManager, muteOf, pauseOf, rankOf } from '../../../core/rules'
import type { Db } from './database'
import type { Head, Heads } from './heads'
import type { Standings } from './standings'

/** What does not hold; for how many ms, where that is known. */
export interface Refused { refused: Refusal, wait?: number }

/** Evaluates preconditions inside the current transaction. */
export function createChecks(db: Db, heads: Heads, standings: Standings) {
  const author = db.prepare<[string, string], string>('SELECT author FROM messages WHERE id = ? AND room = ? AND deletedAt IS NULL').pluck()
  const invite = db.prepare<[string, string, number], number>(`SELECT 1 FROM invites WHERE codeHash = ? AND room = ? AND revokedAt IS NULL
    AND (expiresAt IS NULL OR expiresAt > ?) AND (usesLeft IS NULL OR usesLeft > 0)`).pluck()

  const session = db.prepare<[string], number>('SELECT 1 FROM sessions WHERE user = ? LIMIT 1').pluck()

  /** How long it will not hold, where only time is in the way. */
  function waitFor(head: Head | null, at: number, need: Precondition): number {
    if (!head || (need.check !== 'not-muted' && need.check !== 'pace')) return 0
    const { role, mutedUntil, lastPostAt } = standings.of(head.id, need.user)
    return need.check === 'pace' ? pauseOf(head, role, lastPostAt, at) : muteOf(mutedUntil, at)
  }

  const rank = (room: string, user: string) => { const { role, admin } = standings.of(room, user); return rankOf(role, admin) }

  function holds(room: string, head: Head | null, at: number, need: Precondition): boolean {
    switch (need.check) {
      case 'account': case 'active': return standings.of(room, need.user).active
      case 'gone': return standings.of(room, need.user).kind === 'guest' && session.get(need.user) === undefined
      case 'admin': return standings.of(room, need.user).admin
      case 'room': return head !== null
      case 'owned': return head?.ownerId === need.owner
      case 'open': return head?.archivedAt === null
      case 'not-banned': return !standings.of(room, need.user).banned
      case 'access': case 'inside': {
        const { role, kind } = standings.of(room, need.user)
        return hasAccess(head?.visibility, role, kind)
      }
      case 'role': case 'present': { const { role } = standings.of(room, need.user); return need.roles.some(one => one === role) }
      case 'outranks': return rank(room, need.user) > rank(room, need.target)
      case 'not-closed': return head?.closedAt === null || (head !== null && isManager(standings.of(room, need.user).role))
      case 'not-muted': case 'pace': return head !== null && waitFor(head, at, need) === 0
      case 'password': return head?.locked === 1 && head.passwordVersion === need.version
      case 'invite': return invite.get(need.code, room, at) !== undefined
      case 'message': return author.get(need.message, room) !== undefined
      case 'author': return author.get(need.message, room) === need.user
    }
  }

  /** The first that does not hold; `room` also without being asked. */
  return (room: string, at: number, requires: readonly Precondition[]): Refused | null => {
    const head = heads.get(room)
    for (const need of requires) {
      if (holds(room, head, at, need)) continue
      const wait = waitFor(head, at, need)
      return wait > 0 ? { refused: need.check, wait } : { refused: need.check }
    }
    return head === null ? { refused: 'room' } : null
  }
}

export type Checks = ReturnType<typeof createChecks>
