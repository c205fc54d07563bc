import { z } from 'zod'
import type { RoomStore } from '../../../core/ports'
import { limits } from '#shared/limits'
import type { Person, Role, Room } from '#shared/types'
import { createAccess } from './access'
import { decodeCursor, paged } from './cursor'
import { type Db, snapshot } from './database'
import { fold } from './heads'
import { personOf, roomColumns, roomOf } from './rows'

type RoomReads = Pick<RoomStore, 'access' | 'rooms' | 'members' | 'memberships' | 'unread'>
type ListRow = Room & { role: Role | null, readSeq: number | null, unread: number, other: 0 | 1, place: string | number }
type MemberRow = Person & { role: Role, rank: number, folded: string }
interface ListParameters { viewer: string | null, search: string, archived: number, other: number, place: string | number | null, id: string, limit: number }

/** Undeleted messages of others that somebody has not read, counted up to the limit. */
const unreadOf = (room: string, user: string, readSeq: string) => `(SELECT count(*) FROM (SELECT 1 FROM messages
  WHERE room = ${room} AND seq > ${readSeq} AND author <> ${user} AND deletedAt IS NULL LIMIT ${limits.unread}))`

/** The list in one query. Unread is counted for the rows of the page only, hence the inner one. */
const listSql = (place: string, way: 'ASC' | 'DESC') => `
  SELECT page.*, CASE WHEN role IS NULL THEN 0 ELSE ${unreadOf('page.id', '@viewer', 'page.readSeq')} END AS unread FROM (
    SELECT ${roomColumns('r')}, m.role, m.readSeq, m.user IS NULL AS other, ${place} AS place
    FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user = @viewer
    WHERE (r.visibility = 'public' OR m.user IS NOT NULL) AND (@archived OR r.archivedAt IS NULL) AND (@search = '' OR instr(r.folded, @search) > 0)
      AND (@place IS NULL OR (m.user IS NULL) > @other OR ((m.user IS NULL) = @other
        AND (${place} ${way === 'ASC' ? '>' : '<'} @place OR (${place} = @place AND r.id > @id))))
    ORDER BY other, place ${way}, r.id LIMIT @limit) page
  ORDER BY other, place ${way}, id`

const listKey = {
  activity: z.tuple([z.literal('activity'), z.number().int().min(0).max(1), z.number(), z.string()]),
  name: z.tuple([z.literal('name'), z.number().int().min(0).max(1), z.string(), z.string()])
}
const memberKey = z.tuple([z.number(), z.string(), z.string()])

/** Reads of rooms and who is in them, on the main thread's connection. */
export function createRoomReads(db: Db): RoomReads {
  const access = createAccess(db)
  const lists = {
    activity: db.prepare<ListParameters, ListRow>(listSql('coalesce(r.lastMessageAt, r.createdAt)', 'DESC')),
    name: db.prepare<ListParameters, ListRow>(listSql('r.folded', 'ASC'))
  }
  const members = db.prepare<{ room: string, rank: number, name: string, user: string, limit: number }, MemberRow>(`SELECT * FROM (
      SELECT u.id, u.name, u.kind, m.role, lower(u.name) AS folded,
        CASE m.role WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 WHEN 'member' THEN 2 ELSE 3 END AS rank
      FROM members m JOIN rooms r ON r.id = m.room JOIN users u ON u.id = m.user WHERE m.room = @room)
    WHERE (rank, folded, id) > (@rank, @name, @user) ORDER BY rank, folded, id LIMIT @limit`)
  const memberships = db.prepare<[string], [string, number]>('SELECT r.id, r.seq FROM members m JOIN rooms r ON r.id = m.room WHERE m.user = ? ORDER BY m.room').raw()
  const unread = db.prepare<{ room: string, users: string }, { user: string, readSeq: number, unread: number }>(`SELECT m.user, m.readSeq,
      ${unreadOf('m.room', 'm.user', 'm.readSeq')} AS unread
    FROM members m JOIN rooms r ON r.id = m.room WHERE m.room = @room AND m.user IN (SELECT value FROM json_each(@users))`)

  return {
    access: (key, viewer) => snapshot(db, () => access(key, viewer)),
    rooms: (viewer, { search, sort, archived, cursor, limit }) => snapshot(db, () => {
      const [, other, place, id] = cursor === undefined ? [sort, 0, null, ''] : decodeCursor<[string, number, string | number, string]>(cursor, listKey[sort])
      const rows = lists[sort].all({ viewer, search: fold(search.trim()), archived: Number(archived), other, place, id, limit: limit + 1 })
      return paged(rows, limit, row => ({ ...roomOf(row), role: row.role, unread: row.unread, readSeq: row.readSeq ?? 0 }),
        row => [sort, row.other, row.place, row.id])
    }),
    members: (room, { cursor, limit }) => snapshot(db, () => {
      const [rank, name, user] = cursor === undefined ? [-1, '', ''] : decodeCursor(cursor, memberKey)
      return paged(members.all({ room, rank, name, user, limit: limit + 1 }), limit, row => ({ ...personOf(row), role: row.role }),
        row => [row.rank, row.folded, row.id])
    }),
    memberships: user => snapshot(db, () => new Map(memberships.all(user))),
    unread: (room, users) => snapshot(db, () =>
      new Map(unread.all({ room, users: JSON.stringify(users) }).map(({ user, ...standing }) => [user, standing])))
  }
}
