import { z } from 'zod'
import type { RoomStore } from '../../../core/ports'
import { limits } from '#shared/limits'
import type { Person, Role, RoomSummary } from '#shared/types'
import { createAccess, lost } from './access'
import { decodeCursor, paged } from '../cursor'
import { type Db, fold, snapshot } from './database'
import { personOf, roomColumns, roomOf, type RoomRow, someoneOf } from './rows'

type RoomReads = Pick<RoomStore, 'access' | 'roomPassword' | 'rooms' | 'allRooms' | 'members' | 'memberships' | 'unread'>
type ListRow = RoomRow & { role: Role | null, readSeq: number | null, mutedUntil: number | null, unread: number, lost: 0 | 1, other: 0 | 1, door: 0 | 1, place: string | number }
type MemberRow = Person & { role: Role, mutedUntil: number | null, rank: number, folded: string }
type OverviewRow = RoomRow & { folded: string, ownerName: string | null, ownerKind: Person['kind'] | null, members: number }
interface ListParameters { viewer: string | null, search: string, archived: number, other: number, place: string | number | null, id: string, limit: number }

/** Undeleted messages of others that somebody has not read, counted up to the limit. */
const unreadOf = (room: string, user: string, readSeq: string) => `(SELECT count(*) FROM (SELECT 1 FROM messages
  WHERE room = ${room} AND seq > ${readSeq} AND author <> ${user} AND deletedAt IS NULL LIMIT ${limits.unread}))`

/** A private room that the viewer does not stand in: they see its name, if anything. */
const door = '(s.user IS NULL AND r.visibility = \'private\')'

/** The list in one query. Unread is counted for the rows of the page only, hence the inner one. */
const listSql = (place: string, way: 'ASC' | 'DESC') => `
  SELECT page.*, CASE WHEN role IS NULL THEN 0 ELSE ${unreadOf('page.id', '@viewer', 'page.readSeq')} END AS unread FROM (
    SELECT ${roomColumns('r')}, s.role, s.readSeq, x.mutedUntil, ${lost} AS lost, s.user IS NULL AS other, ${door} AS door, ${place} AS place
    FROM (SELECT 1) LEFT JOIN users u ON u.id = @viewer CROSS JOIN rooms r LEFT JOIN standings s ON s.room = r.id AND s.user = @viewer
    LEFT JOIN members m ON m.room = r.id AND m.user = @viewer LEFT JOIN restraints x ON x.room = r.id AND x.user = @viewer
    WHERE (s.user IS NOT NULL OR (u.kind IS NOT 'guest' AND (r.visibility = 'public' OR (r.listed AND u.kind IS NOT NULL))))
      AND NOT EXISTS (SELECT 1 FROM bans b WHERE b.room = r.id AND b.user = @viewer)
      AND (@archived OR r.archivedAt IS NULL) AND (@search = '' OR instr(r.folded, @search) > 0)
      AND (@place IS NULL OR (s.user IS NULL) > @other OR ((s.user IS NULL) = @other
        AND (${place} ${way === 'ASC' ? '>' : '<'} @place OR (${place} = @place AND r.id > @id))))
    ORDER BY other, place ${way}, r.id LIMIT @limit) page
  ORDER BY other, place ${way}, id`

const listKey = {
  activity: z.tuple([z.literal('activity'), z.number().int().min(0).max(1), z.number(), z.string()]),
  name: z.tuple([z.literal('name'), z.number().int().min(0).max(1), z.string(), z.string()])
}
const memberKey = z.tuple([z.number(), z.string(), z.string()])
const nameKey = z.tuple([z.string(), z.string()])

const summaryOf = (row: ListRow): Omit<RoomSummary, 'online'> => {
  const mine = { role: row.role, unread: row.unread, readSeq: row.readSeq ?? 0, mutedUntil: row.mutedUntil, lost: row.lost === 1 }
  if (!row.door) return { ...roomOf(row), ...mine }
  const { id, slug, name, visibility, listed, locked } = roomOf(row)
  return {
    id, slug, name, visibility, listed, locked, topic: '', ownerId: '', seq: 0, lastMessageAt: null, createdAt: 0, archivedAt: null, closedAt: null, slowModeSeconds: 0,
    guests: false, ...mine, mutedUntil: null
  }
}

/** Reads of rooms and who is in them, on the main thread's connection. */
export function createRoomReads(db: Db): RoomReads {
  const access = createAccess(db)
  const password = db.prepare<[string], { hash: string, version: number }>(
    'SELECT passwordHash AS hash, passwordVersion AS version FROM rooms WHERE id = ? AND passwordHash IS NOT NULL')
  const lists = {
    // When something was last said behind a door is not to be known: doors come last.
    activity: db.prepare<ListParameters, ListRow>(listSql(`CASE WHEN ${door} THEN 0 ELSE coalesce(r.lastMessageAt, r.createdAt) END`, 'DESC')),
    name: db.prepare<ListParameters, ListRow>(listSql('r.folded', 'ASC'))
  }
  const all = db.prepare<{ search: string, name: string, id: string, limit: number }, OverviewRow>(`SELECT ${roomColumns('r')}, r.folded, u.name AS ownerName, u.kind AS ownerKind,
      (SELECT count(*) FROM standings s WHERE s.room = r.id) AS members
    FROM rooms r LEFT JOIN users u ON u.id = r.ownerId
    WHERE (@search = '' OR instr(r.folded, @search) > 0) AND (r.folded, r.id) > (@name, @id) ORDER BY r.folded, r.id LIMIT @limit`)
  const members = db.prepare<{ room: string, among: string | null, rank: number, name: string, user: string, limit: number }, MemberRow>(`SELECT * FROM (
      SELECT u.id, u.name, u.kind, s.role, x.mutedUntil, u.folded,
        CASE s.role WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 WHEN 'member' THEN 2 ELSE 3 END AS rank
      FROM standings s JOIN rooms r ON r.id = s.room JOIN users u ON u.id = s.user LEFT JOIN restraints x ON x.room = s.room AND x.user = s.user WHERE s.room = @room
      AND (@among IS NULL OR s.user IN (SELECT value FROM json_each(@among))))
    WHERE (rank, folded, id) > (@rank, @name, @user) ORDER BY rank, folded, id LIMIT @limit`)
  const memberships = db.prepare<[string], [string, number]>('SELECT r.id, r.seq FROM standings s JOIN rooms r ON r.id = s.room WHERE s.user = ? ORDER BY s.room').raw()
  const unread = db.prepare<{ room: string, users: string }, { user: string, readSeq: number, unread: number }>(`SELECT s.user, s.readSeq,
      ${unreadOf('s.room', 's.user', 's.readSeq')} AS unread
    FROM standings s JOIN rooms r ON r.id = s.room WHERE s.room = @room AND s.user IN (SELECT value FROM json_each(@users))`)

  return {
    access: (key, viewer) => snapshot(db, () => access(key, viewer)),
    roomPassword: room => snapshot(db, () => password.get(room) ?? null),
    rooms: (viewer, { search, sort, archived, cursor, limit }) => snapshot(db, () => {
      const [, other, place, id] = cursor === undefined ? [sort, 0, null, ''] : decodeCursor<[string, number, string | number, string]>(cursor, listKey[sort])
      const rows = lists[sort].all({ viewer, search: fold(search.trim()), archived: Number(archived), other, place, id, limit: limit + 1 })
      return paged(rows, limit, summaryOf, row => [sort, row.other, row.place, row.id])
    }),
    allRooms: ({ search, cursor, limit }) => snapshot(db, () => {
      const [name, id] = cursor === undefined ? ['', ''] : decodeCursor(cursor, nameKey)
      const rows = all.all({ search: fold(search.trim()), name, id, limit: limit + 1 })
      return paged(rows, limit, row => ({ ...roomOf(row), owner: someoneOf(row.ownerId, row.ownerName, row.ownerKind), members: row.members }), row => [row.folded, row.id])
    }),
    members: (room, { cursor, limit, among }) => snapshot(db, () => {
      const [rank, name, user] = cursor === undefined ? [-1, '', ''] : decodeCursor(cursor, memberKey)
      return paged(members.all({ room, among: among ? JSON.stringify(among) : null, rank, name, user, limit: limit + 1 }), limit, row => ({ ...personOf(row), role: row.role, mutedUntil: row.mutedUntil }),
        row => [row.rank, row.folded, row.id])
    }),
    memberships: user => snapshot(db, () => new Map(memberships.all(user))),
    unread: (room, users) => snapshot(db, () =>
      new Map(unread.all({ room, users: JSON.stringify(users) }).map(({ user, ...standing }) => [user, standing])))
  }
}
