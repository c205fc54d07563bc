import { z } from 'zod'
import type { RoomStore } from '../../../core/ports'
import type { AuditEntry, Banned, Invite, Person, Report } from '#shared/types'
import { createAccess } from './access'
import { decodeCursor, paged } from '../cursor'
import { type Db, snapshot } from './database'
import { textOf } from './erase'
import { someoneOf } from './rows'

type ModerationReads = Pick<RoomStore, 'bans' | 'audit' | 'invites' | 'invite' | 'reports' | 'report'>
type Name<Prefix extends string> = Record<`${Prefix}Name`, string | null> & Record<`${Prefix}Kind`, Person['kind'] | null>
type By = { by: string } & Name<'by'>
type BanRow = { user: string, at: number } & By & Name<'user'>
type AuditRow = Omit<AuditEntry, 'by' | 'target'> & { target: string | null } & By & Name<'target'>
type InviteRow = Omit<Invite, 'by'> & By
type ReportRow = By & Name<'author'> & Name<'closer'> & Pick<Report, 'id' | 'at' | 'reason'> & {
  pos: number
  room: string
  slug: string
  roomName: string
  message: string
  seq: number
  author: string
  saidAt: number
  json: string
  deletedAt: number | null
  closedAt: number | null
  closedBy: string | null
  outcome: 'dismissed' | 'deleted' | null
}
interface ReportParameters { pos: number, limit: number }

const key = z.number().int()
const banKey = z.tuple([key, z.string()])
const NEWEST = Number.MAX_SAFE_INTEGER

/** The columns for a person's name, and the join that finds it. */
const name = (prefix: string) => `${prefix}.name AS ${prefix}Name, ${prefix}.kind AS ${prefix}Kind`
const byOf = ({ by, byName, byKind }: By) => someoneOf(by, byName, byKind)

const reportSql = (closed: boolean, scope: string) => `SELECT p.pos, p.id, p.at, p.reason, p.closedAt, p.closedBy, p.outcome, p.by, ${name('by')}, ${name('author')}, ${name('closer')},
    r.id AS room, r.slug, r.name AS roomName, m.id AS message, m.seq, m.author, m.at AS saidAt, m.deletedAt, e.json
  FROM reports p JOIN rooms r ON r.id = p.room JOIN messages m ON m.id = p.message JOIN events e ON e.pos = m.textPos
    LEFT JOIN users by ON by.id = p.by LEFT JOIN users author ON author.id = m.author LEFT JOIN users closer ON closer.id = p.closedBy
  WHERE p.closedAt IS ${closed ? 'NOT NULL' : 'NULL'} AND p.pos < @pos AND ${scope} ORDER BY p.pos DESC LIMIT @limit`

const reportOf = (row: ReportRow): Report => ({
  id: row.id, at: row.at, reason: row.reason, by: byOf(row), room: { id: row.room, slug: row.slug, name: row.roomName },
  message: { id: row.message, seq: row.seq, at: row.saidAt, deletedAt: row.deletedAt, text: textOf(row.json), author: someoneOf(row.author, row.authorName, row.authorKind) },
  closed: row.closedAt === null || row.closedBy === null || row.outcome === null
    ? null
    : { at: row.closedAt, by: someoneOf(row.closedBy, row.closerName, row.closerKind), outcome: row.outcome }
})

/** Reads for those who look after rooms: bans, what was done, invites, reports; on the main thread's connection. Nothing of a room that is deleted. */
export function createModerationReads(db: Db): ModerationReads {
  const access = createAccess(db)
  const bans = db.prepare<{ room: string, at: number, user: string, limit: number }, BanRow>(`SELECT b.user, b.at, b.by, ${name('user')}, ${name('by')}
    FROM bans b JOIN rooms r ON r.id = b.room LEFT JOIN users user ON user.id = b.user LEFT JOIN users by ON by.id = b.by
    WHERE b.room = @room AND (-b.at, b.user) > (-@at, @user) ORDER BY -b.at, b.user LIMIT @limit`)
  const audit = db.prepare<{ room: string | null, id: number, limit: number }, AuditRow>(`SELECT a.id, a.at, a.action, a.by, a.target, a.detail, ${name('by')}, ${name('target')}
    FROM audit a LEFT JOIN users by ON by.id = a.by LEFT JOIN users target ON target.id = a.target
    WHERE a.room IS @room AND (@room IS NULL OR EXISTS (SELECT 1 FROM rooms r WHERE r.id = @room)) AND a.id < @id ORDER BY a.id DESC LIMIT @limit`)
  const invites = db.prepare<[string], InviteRow>(`SELECT i.id, i.role, i.createdAt, i.expiresAt, i.usesLeft, i.uses, i.revokedAt, i.by, ${name('by')}
    FROM invites i JOIN rooms r ON r.id = i.room LEFT JOIN users by ON by.id = i.by WHERE i.room = ? ORDER BY i.createdAt DESC, i.id`)
  const invite = db.prepare<{ codeHash: string, at: number }, { room: string, role: Invite['role'], valid: number } & By>(`SELECT i.room, i.role, i.by, ${name('by')},
    i.revokedAt IS NULL AND (i.expiresAt IS NULL OR i.expiresAt > @at) AND (i.usesLeft IS NULL OR i.usesLeft > 0) AS valid
    FROM invites i LEFT JOIN users by ON by.id = i.by WHERE i.codeHash = @codeHash`)
  const reportsOf = (closed: boolean) => ({
    all: db.prepare<ReportParameters, ReportRow>(reportSql(closed, 'TRUE')),
    room: db.prepare<ReportParameters & { room: string }, ReportRow>(reportSql(closed, 'p.room = @room')),
    moderator: db.prepare<ReportParameters & { moderator: string }, ReportRow>(
      reportSql(closed, 'p.room IN (SELECT s.room FROM standings s WHERE s.user = @moderator AND s.role IN (\'owner\', \'moderator\'))'))
  })
  const [open, closed] = [reportsOf(false), reportsOf(true)]
  const report = db.prepare<[string], { room: string, message: string }>('SELECT p.room, p.message FROM reports p JOIN rooms r ON r.id = p.room WHERE p.id = ? AND p.closedAt IS NULL')

  return {
    bans: (room, { cursor, limit }) => snapshot(db, () => {
      const [at, user] = cursor === undefined ? [NEWEST, ''] : decodeCursor(cursor, banKey)
      return paged(bans.all({ room, at, user, limit: limit + 1 }), limit, (row): Banned => ({ ...someoneOf(row.user, row.userName, row.userKind), at: row.at, by: byOf(row) }),
        row => [row.at, row.user])
    }),
    audit: (room, { cursor, limit }) => snapshot(db, () => {
      const [id] = cursor === undefined ? [NEWEST] : decodeCursor(cursor, z.tuple([key]))
      return paged(audit.all({ room, id, limit: limit + 1 }), limit, (row): AuditEntry => ({
        id: row.id, at: row.at, action: row.action, detail: row.detail, by: byOf(row), target: row.target === null ? null : someoneOf(row.target, row.targetName, row.targetKind)
      }), row => [row.id])
    }),
    invites: room => snapshot(db, () => invites.all(room).map(({ by, byName, byKind, ...rest }) => ({ ...rest, by: someoneOf(by, byName, byKind) }))),
    invite: (codeHash, viewer, at) => snapshot(db, () => {
      const row = invite.get({ codeHash, at })
      const found = row && access({ id: row.room }, viewer)
      return row && found ? { access: found, by: byOf(row), role: row.role, valid: row.valid === 1 } : null
    }),
    reports: ({ room, moderator }, query) => snapshot(db, () => {
      const [pos] = query.cursor === undefined ? [NEWEST] : decodeCursor(query.cursor, z.tuple([key]))
      const of = query.closed ? closed : open
      const parameters = { pos, limit: query.limit + 1 }
      const rows = room !== undefined ? of.room.all({ ...parameters, room }) : moderator !== undefined ? of.moderator.all({ ...parameters, moderator }) : of.all.all(parameters)
      return paged(rows, query.limit, reportOf, row => [row.pos])
    }),
    report: id => snapshot(db, () => report.get(id) ?? null)
  }
}
