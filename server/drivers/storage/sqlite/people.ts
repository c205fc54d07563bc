import { z } from 'zod'
import type { PeopleStore, SessionRecord } from '../../../core/ports'
import type { Account, Me, Person, SessionInfo, SiteSettings } from '#shared/types'
import { decodeCursor, encodeCursor, paged } from '../cursor'
import { type Db, fold, snapshot } from './database'
import { personOf } from './rows'

type PeopleReads = Pick<PeopleStore, 'hasAccounts' | 'credential' | 'credentialOf' | 'me' | 'people' | 'admins' | 'accounts' | 'settings' | 'session' | 'sessions' | 'goneGuests'>
type SessionRow = Person & Omit<SessionRecord, 'id' | 'person' | 'admin' | 'remember'> & { idHash: string, admin: 0 | 1, remember: 0 | 1 }
type AccountRow = Omit<Account, 'admin'> & { admin: 0 | 1, folded: string }

type Membership = [room: string, user: string]

const accountKey = z.tuple([z.string(), z.string()])
const membershipKey = z.tuple([z.string(), z.string()])
/** Memberships that are looked through in one go. */
const SLICE = 500

/** Reads of accounts and sessions, on the main thread's connection. */
export function createPeopleReads(db: Db): PeopleReads {
  const anybody = db.prepare<[string], number>('SELECT 1 FROM credentials WHERE user <> ? LIMIT 1').pluck()
  const credential = db.prepare<[string, string], { user: string, secretHash: string, verifiedAt: number | null, disabled: 0 | 1 }>(`SELECT c.user, c.secretHash, c.verifiedAt,
    u.disabledAt IS NOT NULL AS disabled FROM credentials c JOIN users u ON u.id = c.user WHERE c.kind = ? AND c.subject = ?`)
  const credentialOf = db.prepare<[string, string], { subject: string, secretHash: string, verifiedAt: number | null }>(
    'SELECT subject, secretHash, verifiedAt FROM credentials WHERE kind = ? AND user = ?')
  const me = db.prepare<[string], Omit<Me, 'admin' | 'google'> & { admin: 0 | 1, google: 0 | 1 }>(`SELECT u.id, u.name, u.kind, u.admin, c.subject AS email,
      EXISTS (SELECT 1 FROM credentials WHERE kind = 'google' AND user = u.id) AS google
    FROM users u LEFT JOIN credentials c ON c.user = u.id AND c.kind = 'password' WHERE u.id = ? AND u.disabledAt IS NULL`)
  const people = db.prepare<[string], Person>('SELECT id, name, kind FROM users WHERE id IN (SELECT value FROM json_each(?))')
  const admins = db.prepare<[], string>('SELECT id FROM users WHERE admin AND disabledAt IS NULL ORDER BY createdAt, id').pluck()
  // A deleted account has no name.
  const accounts = db.prepare<{ search: string, name: string, id: string, limit: number }, AccountRow>(`SELECT u.id, u.name, u.kind, u.admin, u.disabledAt, u.createdAt, u.folded,
      c.subject AS email, (SELECT max(lastSeenAt) FROM sessions WHERE user = u.id) AS lastSeenAt, (SELECT count(*) FROM standings WHERE user = u.id) AS rooms
    FROM users u LEFT JOIN credentials c ON c.user = u.id AND c.kind = 'password'
    WHERE u.name <> '' AND (u.folded, u.id) > (@name, @id) AND (@search = '' OR instr(u.folded, @search) > 0 OR instr(c.subject, @search) > 0)
    ORDER BY u.folded, u.id LIMIT @limit`)
  const settings = db.prepare<[], [keyof SiteSettings, string]>('SELECT key, json FROM settings').raw()
  const session = db.prepare<[string], SessionRow>(`SELECT s.idHash, s.remember, s.createdAt, s.lastSeenAt, u.id, u.name, u.kind, u.admin
    FROM sessions s JOIN users u ON u.id = s.user WHERE s.idHash = ? AND u.disabledAt IS NULL`)
  const sessions = db.prepare<[string], Omit<SessionInfo, 'current'>>(
    'SELECT idHash AS id, createdAt, lastSeenAt, agent FROM sessions WHERE user = ? ORDER BY createdAt DESC, lastSeenAt DESC, idHash')

  const memberAfter = db.prepare<Membership, Membership>(`SELECT room, user FROM members WHERE (room, user) > (?, ?) ORDER BY room, user LIMIT 1 OFFSET ${SLICE - 1}`).raw()
  // CROSS JOIN: the slice first, however many guests there are.
  const gone = db.prepare<[...Membership, number], { room: string, user: string }>(`SELECT m.room, m.user FROM
      (SELECT room, user, role FROM members WHERE (room, user) > (?, ?) ORDER BY room, user LIMIT ${SLICE}) m CROSS JOIN users u ON u.id = m.user
    WHERE m.role = 'guest' AND u.kind = 'guest' AND u.createdAt < ? AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user = m.user)`)

  return {
    hasAccounts: besides => snapshot(db, () => anybody.get(besides ?? '') !== undefined),
    credential: (kind, subject) => snapshot(db, () => {
      const row = credential.get(kind, subject)
      return row ? { ...row, disabled: row.disabled === 1 } : null
    }),
    credentialOf: (kind, user) => snapshot(db, () => credentialOf.get(kind, user) ?? null),
    me: user => snapshot(db, () => {
      const row = me.get(user)
      return row ? { ...personOf(row), admin: row.admin === 1, email: row.email, google: row.google === 1 } : null
    }),
    people: ids => snapshot(db, () => people.all(JSON.stringify(ids))),
    admins: () => snapshot(db, () => admins.all()),
    accounts: ({ search, cursor, limit }) => snapshot(db, () => {
      const [name, id] = cursor === undefined ? ['', ''] : decodeCursor(cursor, accountKey)
      return paged(accounts.all({ search: fold(search.trim()), name, id, limit: limit + 1 }), limit,
        ({ folded: _, admin, ...row }) => ({ ...row, admin: admin === 1 }), row => [row.folded, row.id])
    }),
    settings: () => snapshot(db, () => Object.fromEntries(settings.all().map(([key, json]) => [key, JSON.parse(json)]))),
    session: idHash => snapshot(db, () => {
      const row = session.get(idHash)
      return row
        ? { id: row.idHash, person: personOf(row), admin: row.admin === 1, remember: row.remember === 1, createdAt: row.createdAt, lastSeenAt: row.lastSeenAt }
        : null
    }),
    sessions: user => snapshot(db, () => sessions.all(user)),
    goneGuests: (before, cursor) => snapshot(db, () => {
      const start: Membership = cursor === undefined ? ['', ''] : decodeCursor(cursor, membershipKey)
      const end = memberAfter.get(...start)
      return { items: gone.all(...start, before), next: end ? encodeCursor(end) : null }
    })
  }
}
