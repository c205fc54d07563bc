import type { PeopleStore, SessionRecord } from '../../../core/ports'
import type { Me, Person, SessionInfo } from '#shared/types'
import { type Db, snapshot } from './database'
import { personOf } from './rows'

type PeopleReads = Pick<PeopleStore, 'hasAccounts' | 'credential' | 'credentialOf' | 'me' | 'people' | 'admins' | 'session' | 'sessions'>
type SessionRow = Person & Omit<SessionRecord, 'id' | 'person' | 'admin' | 'remember'> & { idHash: string, admin: 0 | 1, remember: 0 | 1 }

/** Reads of accounts and sessions, on the main thread's connection. */
export function createPeopleReads(db: Db): PeopleReads {
  const anybody = db.prepare<[string], number>('SELECT 1 FROM credentials WHERE user <> ? LIMIT 1').pluck()
  const credential = db.prepare<[string, string], { user: string, secretHash: string, disabled: 0 | 1 }>(`SELECT c.user, c.secretHash,
    u.disabledAt IS NOT NULL AS disabled FROM credentials c JOIN users u ON u.id = c.user WHERE c.kind = ? AND c.subject = ?`)
  const credentialOf = db.prepare<[string, string], { subject: string, secretHash: string }>('SELECT subject, secretHash FROM credentials WHERE kind = ? AND user = ?')
  const me = db.prepare<[string], Omit<Me, 'admin'> & { admin: 0 | 1 }>(`SELECT u.id, u.name, u.kind, u.admin, c.subject AS email
    FROM users u LEFT JOIN credentials c ON c.user = u.id AND c.kind = 'password' WHERE u.id = ? AND u.disabledAt IS NULL`)
  const people = db.prepare<[string], Person>('SELECT id, name, kind FROM users WHERE id IN (SELECT value FROM json_each(?))')
  const admins = db.prepare<[], string>('SELECT id FROM users WHERE admin AND disabledAt IS NULL ORDER BY createdAt, id').pluck()
  const session = db.prepare<[string], SessionRow>(`SELECT s.idHash, s.remember, s.createdAt, s.lastSeenAt, u.id, u.name, u.kind, u.admin
    FROM sessions s JOIN users u ON u.id = s.user WHERE s.idHash = ? AND u.disabledAt IS NULL`)
  const sessions = db.prepare<[string], Omit<SessionInfo, 'current'>>(
    'SELECT idHash AS id, createdAt, lastSeenAt, agent FROM sessions WHERE user = ? ORDER BY createdAt DESC, lastSeenAt DESC, idHash')

  return {
    hasAccounts: besides => snapshot(db, () => anybody.get(besides ?? '') !== undefined),
    credential: (kind, subject) => snapshot(db, () => {
      const row = credential.get(kind, subject)
      return row ? { user: row.user, secretHash: row.secretHash, disabled: row.disabled === 1 } : null
    }),
    credentialOf: (kind, user) => snapshot(db, () => credentialOf.get(kind, user) ?? null),
    me: user => snapshot(db, () => {
      const row = me.get(user)
      return row ? { ...personOf(row), admin: row.admin === 1, email: row.email } : null
    }),
    people: ids => snapshot(db, () => people.all(JSON.stringify(ids))),
    admins: () => snapshot(db, () => admins.all()),
    session: idHash => snapshot(db, () => {
      const row = session.get(idHash)
      return row
        ? { id: row.idHash, person: personOf(row), admin: row.admin === 1, remember: row.remember === 1, createdAt: row.createdAt, lastSeenAt: row.lastSeenAt }
        : null
    }),
    sessions: user => snapshot(db, () => sessions.all(user))
  }
}
