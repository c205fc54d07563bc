import type { EventBody } from '#shared/types'
import type { Append } from '../../../core/ports'
import { type Db, fold } from './database'
import type { EffectOf } from './effects'
import type { Head, Heads } from './heads'
import type { Journal } from './journal'
import type { RevokeInvites } from './revocations'
import type { Standings } from './standings'

type MemberEffect = EffectOf<'arrive' | 'join' | 'leave' | 'remove' | 'unban' | 'role' | 'mute'>

/** Effects on people in rooms. Each gives the body of its event, or null where the state was already so. */
export function createMemberEffects(db: Db, heads: Heads, standings: Standings, journal: Journal, revoke: RevokeInvites) {
  const insertGuest = db.prepare('INSERT OR IGNORE INTO users (id, name, folded, kind, admin, createdAt) VALUES (?, ?, ?, \'guest\', 0, ?)')
  // There may be a row of one who came by an old password. They have been a member for as long, and have not read what was said meanwhile.
  const insertMember = db.prepare(`INSERT INTO members (room, user, role, joinedSeq, readSeq, cameBy, passwordVersion) VALUES (@room, @user, @role, @seq, @seq, @cameBy, @version)
    ON CONFLICT DO UPDATE SET role = excluded.role, cameBy = excluded.cameBy, passwordVersion = excluded.passwordVersion`)
  const byInvite = db.prepare('UPDATE members SET cameBy = \'invite\' WHERE room = ? AND user = ? AND cameBy = \'password\'')
  const noteRemoval = db.prepare(`INSERT INTO restraints (room, user, removedAt) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET removedAt = excluded.removedAt`)
  const forgetRemoval = db.prepare('UPDATE restraints SET removedAt = NULL WHERE room = ? AND user = ? AND removedAt IS NOT NULL')
  const forgetRestraints = db.prepare('DELETE FROM restraints WHERE room = ? AND user = ?')
  const useInvite = db.prepare('UPDATE invites SET uses = uses + 1, usesLeft = usesLeft - 1 WHERE codeHash = ?')
  const deleteMember = db.prepare('DELETE FROM members WHERE room = ? AND user = ?')
  const insertBan = db.prepare('INSERT OR IGNORE INTO bans (room, user, at, by) VALUES (?, ?, ?, ?)')
  const deleteBan = db.prepare('DELETE FROM bans WHERE room = ? AND user = ?')
  // Whoever is given a role need not enter a password again that was changed while they had another.
  const setRole = db.prepare('UPDATE members SET role = ?, passwordVersion = ? WHERE room = ? AND user = ?')
  const mute = db.prepare(`INSERT INTO restraints (room, user, mutedUntil) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET mutedUntil = excluded.mutedUntil`)
  const notePost = db.prepare(`INSERT INTO restraints (room, user, lastPostAt) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET lastPostAt = excluded.lastPostAt`)

  /** How they stand now that something was changed. */
  function changed(room: string, user: string): EventBody {
    standings.forget()
    const { role, banned, mutedUntil } = standings.of(room, user)
    return { kind: 'member', data: { user, role, banned, mutedUntil } }
  }

  function join({ room, author }: Append, head: Head, { user, role, cameBy, invite }: EffectOf<'join'>): EventBody | null {
    if (standings.of(room, user).role !== null) {
      if (invite !== undefined && byInvite.run(room, user).changes > 0) useInvite.run(invite)
      return null
    }
    // What was said before is not unread to a newcomer.
    insertMember.run({ room, user, role, seq: head.seq + 1, cameBy, version: head.passwordVersion })
    if (invite !== undefined) useInvite.run(invite)
    forgetRemoval.run(room, user)
    journal.note({ kind: 'joined', room, user })
    if (user !== author) return changed(room, user)
    standings.forget()
    return { kind: 'join', data: { role, cameBy } }
  }

  function remove({ room, author, at }: Append, { user, ban }: EffectOf<'remove'>): EventBody | null {
    const gone = deleteMember.run(room, user).changes > 0
    const banned = ban && insertBan.run(room, user, at, author).changes > 0
    if (!gone && !banned) return null
    if (gone) noteRemoval.run(room, user, at)
    revoke({ room, user, at })
    return changed(room, user)
  }

  function leave({ room, author, at }: Append, { user, forGood }: EffectOf<'leave'>): EventBody | null {
    if (deleteMember.run(room, user).changes === 0) return null
    if (forGood) forgetRestraints.run(room, user)
    revoke({ room, user, at })
    if (user !== author) return changed(room, user)
    standings.forget()
    return { kind: 'leave', data: {} }
  }

  function giveRole({ room, at }: Append, head: Head, { user, role }: EffectOf<'role'>): EventBody | null {
    const { role: held, mutedUntil } = standings.of(room, user)
    if (held === null || held === role) return null
    setRole.run(role, head.passwordVersion, room, user)
    if (role === 'member') revoke({ room, user, at })
    if (role === 'owner') {
      heads.settle(head, { ownerId: user })
      journal.note({ kind: 'room-changed', room })
      // Nobody stands above an owner to let them speak again.
      if (mutedUntil !== null) mute.run(room, user, null)
    }
    return changed(room, user)
  }

  return {
    /** They wrote something while slow mode is on. */
    posted({ room, author, at }: Append): void {
      notePost.run(room, author, at)
      standings.forget()
    },
    apply(item: Append, head: Head, effect: MemberEffect): EventBody | null {
      const { room, at } = item
      switch (effect.do) {
        case 'arrive':
          insertGuest.run(effect.user, effect.name, fold(effect.name), at)
          standings.forget()
          return null
        case 'join': return join(item, head, effect)
        case 'leave': return leave(item, effect)
        case 'remove': return remove(item, effect)
        case 'unban': return deleteBan.run(room, effect.user).changes > 0 ? changed(room, effect.user) : null
        case 'role': return giveRole(item, head, effect)
        case 'mute':
          if (standings.of(room, effect.user).mutedUntil === effect.until) return null
          mute.run(room, effect.user, effect.until)
          return changed(room, effect.user)
      }
    }
  }
}
