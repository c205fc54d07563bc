import type { NewAccount } from '../../../core/ports'
import type { Db } from './database'
import type { Journal } from './journal'
import type { RoomWrites } from './room-writes'
import type { Writes } from './requests'

type PeopleWrites = Pick<Writes, 'firstAccount' | 'createAccount' | 'setSecret' | 'rename' | 'deleteAccount' | 'createSession' | 'touchSession' | 'endSessions' | 'endStaleSessions'>

/** Prepares a statement that is run for its effect alone. */
const runner = <T>(db: Db, sql: string) => {
  const statement = db.prepare<[T]>(sql)
  return (input: T): null => { statement.run(input); return null }
}

export function createPeopleWrites(db: Db, rooms: RoomWrites, { note }: Journal): PeopleWrites {
  const anybody = db.prepare<[], number>('SELECT 1 FROM credentials LIMIT 1').pluck()
  const subject = db.prepare<[string, string], number>('SELECT 1 FROM credentials WHERE kind = ? AND subject = ?').pluck()
  const insertUser = db.prepare('INSERT INTO users (id, name, kind, admin, createdAt) VALUES (?, ?, ?, ?, ?)')
  const insertCredential = db.prepare('INSERT INTO credentials (kind, subject, user, secretHash) VALUES (?, ?, ?, ?)')
  const insertSession = db.prepare('INSERT INTO sessions (idHash, user, remember, createdAt, lastSeenAt, agent) VALUES (?, ?, ?, ?, ?, ?)')
  const end = db.prepare<{ user: string, id: string | null, except: string | null }, string>(`DELETE FROM sessions
    WHERE user = @user AND (@id IS NULL OR idHash = @id) AND (@except IS NULL OR idHash <> @except) RETURNING idHash`).pluck()
  const endStale = db.prepare<{ remembered: number, others: number }, string>(
    'DELETE FROM sessions WHERE lastSeenAt < CASE WHEN remember THEN @remembered ELSE @others END RETURNING idHash').pluck()
  const rename = db.prepare<{ user: string, name: string }>('UPDATE users SET name = @name WHERE id = @user AND disabledAt IS NULL')
  const owned = db.prepare<[string], string>('SELECT id FROM rooms WHERE ownerId = ?').pluck()
  const heir = db.prepare<[string, string], string>(`SELECT user FROM members WHERE room = ? AND user <> ? AND role <> 'guest'
    ORDER BY role <> 'moderator', joinedSeq, user LIMIT 1`).pluck()
  const hand = db.prepare('UPDATE rooms SET ownerId = ? WHERE id = ?')
  const promote = db.prepare('UPDATE members SET role = \'owner\' WHERE room = ? AND user = ?')
  const archive = db.prepare('UPDATE rooms SET archivedAt = coalesce(archivedAt, ?) WHERE id = ?')
  const forget = [
    db.prepare('DELETE FROM credentials WHERE user = @user'),
    db.prepare('DELETE FROM members WHERE user = @user'),
    db.prepare('UPDATE users SET name = \'\', admin = 0, disabledAt = @at WHERE id = @user')
  ]

  function createAccount({ id, name, kind, admin, at, credential }: NewAccount): boolean {
    if (subject.get(credential.kind, credential.subject)) return false
    insertUser.run(id, name, kind, Number(admin), at)
    insertCredential.run(credential.kind, credential.subject, id, credential.secretHash)
    return true
  }

  const ended = (sessions: string[]): string[] => {
    for (const session of sessions) note({ kind: 'session-ended', session })
    return sessions
  }

  return {
    createAccount,
    firstAccount({ account, room }) {
      if (anybody.get()) return false
      createAccount(account)
      rooms.createRoom(room)
      return true
    },
    setSecret: runner(db, 'UPDATE credentials SET secretHash = @secretHash WHERE kind = @kind AND user = @user'),
    rename(input) {
      if (rename.run(input).changes > 0) note({ kind: 'person-changed', user: input.user })
      return null
    },
    deleteAccount({ user, at }) {
      for (const room of owned.all(user)) {
        const next = heir.get(room, user)
        if (next === undefined) {
          archive.run(at, room)
        } else {
          hand.run(next, room)
          promote.run(room, next)
        }
      }
      ended(end.all({ user, id: null, except: null }))
      for (const statement of forget) statement.run({ user, at })
      note({ kind: 'person-changed', user })
      return null
    },
    createSession({ idHash, user, remember, at, agent }) {
      insertSession.run(idHash, user, Number(remember), at, at, agent)
      return null
    },
    touchSession: runner(db, 'UPDATE sessions SET lastSeenAt = max(lastSeenAt, @at) WHERE idHash = @idHash'),
    endSessions: ({ user, id, except }) => ended(end.all({ user, id: id ?? null, except: except ?? null })),
    endStaleSessions: before => ended(endStale.all(before))
  }
}
