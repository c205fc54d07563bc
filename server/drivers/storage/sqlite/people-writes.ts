import { limits } from '#shared/limits'
import type { Credential, NewAccount } from '../../../core/ports'
import type { WriteAudit } from './audit'
import { type Db, fold } from './database'
import type { Journal } from './journal'
import type { RoomWrites } from './room-writes'
import type { Writes } from './requests'
import { createRevocations } from './revocations'

type PeopleWrites = Pick<Writes, 'firstAccount' | 'createAccount' | 'setSecret' | 'addCredential' | 'verifyCredential' | 'upgradeGuest' | 'rename' | 'deleteAccount' | 'createSession'
  | 'touchSession' | 'endSessions' | 'endStaleSessions'>

/** Prepares a statement that is run for its effect alone. */
const runner = <T>(db: Db, sql: string) => {
  const statement = db.prepare<[T]>(sql)
  return (input: T): null => { statement.run(input); return null }
}

export function createPeopleWrites(db: Db, rooms: RoomWrites, { note }: Journal, audit: WriteAudit): PeopleWrites {
  const anybody = db.prepare<[string], number>('SELECT 1 FROM credentials WHERE user <> ? LIMIT 1').pluck()
  const lastAdmin = db.prepare<{ user: string }, number>(`SELECT 1 FROM users WHERE id = @user AND admin AND disabledAt IS NULL
    AND NOT EXISTS (SELECT 1 FROM users WHERE admin AND disabledAt IS NULL AND id <> @user)`).pluck()
  const subject = db.prepare<[string, string], number>('SELECT 1 FROM credentials WHERE kind = ? AND subject = ?').pluck()
  const credentialOf = db.prepare<[string, string], number>('SELECT 1 FROM credentials WHERE kind = ? AND user = ?').pluck()
  const account = db.prepare<[string], number>('SELECT 1 FROM users WHERE id = ? AND name <> \'\'').pluck()
  const insertUser = db.prepare('INSERT INTO users (id, name, folded, kind, admin, createdAt) VALUES (?, ?, ?, ?, ?, ?)')
  const insertCredential = db.prepare('INSERT INTO credentials (kind, subject, user, secretHash, verifiedAt) VALUES (?, ?, ?, ?, ?)')
  const verify = db.prepare<{ kind: string, user: string, subject: string, at: number }>(
    'UPDATE credentials SET verifiedAt = coalesce(verifiedAt, @at) WHERE kind = @kind AND subject = @subject AND user = @user')
  const promoteGuest = db.prepare<{ user: string, name: string, folded: string }>(
    'UPDATE users SET kind = \'member\', name = @name, folded = @folded WHERE id = @user AND kind = \'guest\' AND disabledAt IS NULL')
  // Not where guests may not be any more: signing up is no way back in.
  const promoteMember = db.prepare<{ user: string }>(`UPDATE members SET role = 'member' WHERE user = @user AND role = 'guest'
    AND EXISTS (SELECT 1 FROM standings s WHERE s.room = members.room AND s.user = members.user)`)
  const insertSession = db.prepare(`INSERT INTO sessions (idHash, user, remember, createdAt, lastSeenAt, agent) SELECT @idHash, id, @remember, @at, @at, @agent
    FROM users WHERE id = @user AND disabledAt IS NULL
      AND (@opened IS NULL OR EXISTS (SELECT 1 FROM credentials WHERE kind = 'password' AND user = @user AND secretHash = @opened))`)
  const setSecret = db.prepare('UPDATE credentials SET secretHash = @secretHash WHERE kind = @kind AND user = @user AND (@was IS NULL OR secretHash = @was)')
  const end = db.prepare<{ user: string, id: string | null, except: string | null }, string>(`DELETE FROM sessions
    WHERE user = @user AND (@id IS NULL OR idHash = @id) AND (@except IS NULL OR idHash <> @except) RETURNING idHash`).pluck()
  const endBeyond = db.prepare<{ user: string, idHash: string, others: number }, string>(`DELETE FROM sessions WHERE idHash IN (
    SELECT idHash FROM sessions WHERE user = @user AND idHash <> @idHash ORDER BY lastSeenAt DESC, createdAt DESC, idHash LIMIT -1 OFFSET @others) RETURNING idHash`).pluck()
  const endStale = db.prepare<{ remembered: number, others: number }, string>(
    'DELETE FROM sessions WHERE lastSeenAt < CASE WHEN remember THEN @remembered ELSE @others END RETURNING idHash').pluck()
  const rename = db.prepare<{ user: string, name: string, folded: string }>('UPDATE users SET name = @name, folded = @folded WHERE id = @user AND disabledAt IS NULL')
  const owned = db.prepare<[string], string>('SELECT id FROM rooms WHERE ownerId = ?').pluck()
  const heir = db.prepare<[string, string], string>(`SELECT s.user FROM standings s JOIN users u ON u.id = s.user
    WHERE s.room = ? AND s.user <> ? AND s.role <> 'guest' AND u.disabledAt IS NULL ORDER BY s.role <> 'moderator', s.joinedSeq, s.user LIMIT 1`).pluck()
  const hand = db.prepare('UPDATE rooms SET ownerId = ? WHERE id = ?')
  const promote = db.prepare('UPDATE members SET role = \'owner\' WHERE room = ? AND user = ?')
  const unmute = db.prepare('UPDATE restraints SET mutedUntil = NULL WHERE room = ? AND user = ?')
  const archive = db.prepare('UPDATE rooms SET archivedAt = coalesce(archivedAt, ?) WHERE id = ?')
  const revoke = createRevocations(db)
  const forget = [
    db.prepare('DELETE FROM credentials WHERE user = @user'),
    db.prepare('DELETE FROM members WHERE user = @user'),
    db.prepare('DELETE FROM restraints WHERE user = @user'),
    db.prepare('UPDATE users SET name = \'\', folded = \'\', admin = 0, disabledAt = @at WHERE id = @user')
  ]

  function createAccount({ id, name, kind, admin, at, credential }: NewAccount): boolean {
    if (subject.get(credential.kind, credential.subject)) return false
    insertUser.run(id, name, fold(name), kind, Number(admin), at)
    putCredential(id, credential)
    return true
  }
  function putCredential(user: string, { kind, subject, secretHash, verifiedAt }: Credential): void {
    insertCredential.run(kind, subject, user, secretHash, verifiedAt)
  }

  const ended = (sessions: string[]): string[] => {
    for (const session of sessions) note({ kind: 'session-ended', session })
    return sessions
  }

  return {
    createAccount,
    firstAccount({ account, room }) {
      if (anybody.get('')) return false
      createAccount(account)
      rooms.createRoom(room)
      return true
    },
    setSecret({ endSessions, ...input }) {
      if (setSecret.run(input).changes === 0) return null
      return endSessions ? ended(end.all({ user: input.user, id: null, ...endSessions })) : []
    },
    addCredential({ user, credential }) {
      const { kind } = credential
      if (subject.get(kind, credential.subject) || credentialOf.get(kind, user) || !account.get(user)) return false
      putCredential(user, credential)
      return true
    },
    verifyCredential: input => verify.run(input).changes > 0,
    upgradeGuest({ user, name, credential }) {
      if (subject.get(credential.kind, credential.subject)) return 'taken'
      if (promoteGuest.run({ user, name, folded: fold(name) }).changes === 0) return 'none'
      promoteMember.run({ user })
      putCredential(user, credential)
      note({ kind: 'person-changed', user })
      return 'done'
    },
    rename(input) {
      if (rename.run({ ...input, folded: fold(input.name) }).changes > 0) note({ kind: 'person-changed', user: input.user })
      return null
    },
    deleteAccount({ user, at }) {
      if (lastAdmin.get({ user }) && anybody.get(user)) return 'last-admin'
      const left = owned.all(user)
      for (const room of left) {
        const next = heir.get(room, user)
        if (next === undefined) {
          archive.run(at, room)
        } else {
          hand.run(next, room)
          promote.run(room, next)
          // Nobody stands above an owner to let them speak again.
          unmute.run(room, next)
          audit({ room, action: 'owner-changed', by: user, at, target: next, detail: '' })
        }
        note({ kind: 'room-changed', room, silent: true })
      }
      ended(end.all({ user, id: null, except: null }))
      for (const statement of forget) statement.run({ user, at })
      revoke({ room: null, user, at })
      note({ kind: 'person-changed', user })
      return left
    },
    createSession({ remember, opened = null, ...session }) {
      if (insertSession.run({ ...session, opened, remember: Number(remember) }).changes === 0) return null
      return ended(endBeyond.all({ user: session.user, idHash: session.idHash, others: limits.sessionsPerPerson - 1 }))
    },
    touchSession: runner(db, 'UPDATE sessions SET lastSeenAt = max(lastSeenAt, @at) WHERE idHash = @idHash'),
    endSessions: ({ user, id, except }) => ended(end.all({ user, id: id ?? null, except: except ?? null })),
    endStaleSessions: before => ended(endStale.all(before))
  }
}
