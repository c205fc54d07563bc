import type { Entry, EntryOf } from '#shared/export'
import type { Db } from './database'
import { textOf } from './erase'

type Flag = 0 | 1
type UserRow = Omit<EntryOf<'user'>, 'admin' | 'credentials' | 'type'> & { admin: Flag, credentials: string }
interface EventRow {
  json: string
  id: string | null
  rev: number
  replyTo: string | null
  editedAt: number | null
  deletedAt: number | null
  current: string
}
interface PersonRow {
  user: string
  role: NonNullable<EntryOf<'person'>['member']>['role'] | null
  cameBy: NonNullable<EntryOf<'person'>['member']>['cameBy']
  passwordVersion: number
  joinedSeq: number
  readSeq: number
  bannedAt: number | null
  bannedBy: string
  mutedUntil: number | null
  lastPostAt: number | null
  removedAt: number | null
}
type RoomRow = Omit<EntryOf<'room'>, 'audits' | 'guests' | 'listed' | 'type'> & { guests: Flag, listed: Flag }

/** Reads everything, row by row, in the transaction that is open. Of deleted rooms there is nothing. */
export function* readEverything(db: Db): Generator<Entry, void> {
  const users = db.prepare<[], UserRow>(`SELECT id, name, kind, admin, disabledAt, createdAt, (SELECT json_group_array(json_object(
      'kind', c.kind, 'subject', c.subject, 'verifiedAt', c.verifiedAt, 'secretHash', c.secretHash) ORDER BY c.kind) FROM credentials c WHERE c.user = users.id) AS credentials
    FROM users ORDER BY id`)
  for (const { id, name, kind, admin, disabledAt, createdAt, credentials } of users.iterate()) {
    yield { type: 'user', id, name, kind, admin: admin === 1, disabledAt, createdAt, credentials: JSON.parse(credentials) }
  }
  yield* readRooms(db)
  yield* readSite(db)
}

function* readRooms(db: Db): Generator<Entry, void> {
  const rooms = db.prepare<[], RoomRow>(`SELECT id, slug, name, topic, visibility, listed, passwordHash, passwordVersion, closedAt, slowModeSeconds, guests, archivedAt, ownerId, seq,
    lastMessageSeq, lastMessageAt, createdAt FROM rooms ORDER BY id`)
  const readEvents = createEventReads(db)
  const people = db.prepare<{ room: string }, PersonRow>(`SELECT k.user, m.role, m.cameBy, m.passwordVersion, m.joinedSeq, m.readSeq, b.at AS bannedAt, b.by AS bannedBy, x.mutedUntil, x.lastPostAt, x.removedAt
    FROM (SELECT user FROM members WHERE room = @room UNION SELECT user FROM bans WHERE room = @room
      UNION SELECT user FROM restraints WHERE room = @room AND (mutedUntil IS NOT NULL OR lastPostAt IS NOT NULL OR removedAt IS NOT NULL)) k
    LEFT JOIN members m ON m.room = @room AND m.user = k.user LEFT JOIN bans b ON b.room = @room AND b.user = k.user
    LEFT JOIN restraints x ON x.room = @room AND x.user = k.user ORDER BY k.user`)
  const invites = db.prepare<[string], Omit<EntryOf<'invite'>, 'type'>>(
    'SELECT room, codeHash, id, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt FROM invites WHERE room = ? ORDER BY codeHash')
  const readAudit = createAuditReads(db)

  for (const { guests, listed, ...row } of rooms.iterate()) {
    const room = row.id
    yield* readEvents(room)
    for (const { user, role, cameBy, passwordVersion, joinedSeq, readSeq, bannedAt, bannedBy, mutedUntil, lastPostAt, removedAt } of people.iterate({ room })) {
      yield {
        type: 'person', room, user, member: role === null ? null : { role, cameBy, passwordVersion, joinedSeq, readSeq },
        ban: bannedAt === null ? null : { at: bannedAt, by: bannedBy }, mutedUntil, lastPostAt, removedAt
      }
    }
    for (const invite of invites.iterate(room)) yield { type: 'invite', ...invite }
    const audits = yield* readAudit(room)
    yield { type: 'room', ...row, listed: listed === 1, guests: guests === 1, audits }
  }
}

/** A room's events, those of messages with their rows. */
function createEventReads(db: Db) {
  const events = db.prepare<[string], EventRow>(`SELECT e.json, m.id, m.rev, m.replyTo, m.editedAt, m.deletedAt, t.json AS current
    FROM events e LEFT JOIN messages m ON e.kind = 'message' AND m.room = e.room AND m.seq = e.seq LEFT JOIN events t ON t.pos = m.textPos WHERE e.room = ? ORDER BY e.seq`)
  const reactions = db.prepare<[string], [string, string]>('SELECT emoji, user FROM reactions WHERE message = ? ORDER BY seq').raw()
  return function* (room: string): Generator<Entry, void> {
    for (const { json, id, rev, replyTo, editedAt, deletedAt, current } of events.iterate(room)) {
      const frame = JSON.parse(json)
      if (id === null) yield { type: 'event', frame }
      else {
        const text = editedAt === null || deletedAt !== null ? {} : { text: textOf(current) }
        yield { type: 'event', frame, message: { rev, replyTo, ...text, editedAt, deletedAt, reactions: reactions.all(id) } }
      }
    }
  }
}

/** What was done in a room, or (null) on the site; gives how much that was. */
function createAuditReads(db: Db) {
  const audit = db.prepare<[string | null], Omit<EntryOf<'audit'>, 'n' | 'room' | 'type'>>('SELECT at, action, by, target, detail FROM audit WHERE room IS ? ORDER BY id')
  return function* (room: string | null): Generator<Entry, number> {
    let n = 0
    for (const entry of audit.iterate(room)) yield { type: 'audit', room, n: ++n, ...entry }
    return n
  }
}

function* readSite(db: Db): Generator<Entry, void> {
  const audits = yield* createAuditReads(db)(null)
  const reportRows = db.prepare<[], Omit<EntryOf<'report'>, 'n' | 'type'>>(`SELECT p.id, p.room, p.message, m.seq, p.by, p.at, p.reason, p.closedAt, p.closedBy, p.outcome
    FROM reports p JOIN rooms r ON r.id = p.room JOIN messages m ON m.id = p.message ORDER BY p.pos`)
  let reports = 0
  for (const report of reportRows.iterate()) yield { type: 'report', n: ++reports, ...report }
  const settings = db.prepare<[], [string, string]>('SELECT key, json FROM settings ORDER BY key').raw().all()
  yield { type: 'site', settings: Object.fromEntries(settings.map(([key, json]) => [key, JSON.parse(json)])), audits, reports }
}
