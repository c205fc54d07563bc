import type { Access, RoomKey } from '../../../core/ports'
import type { Db } from './database'
import { roomColumns, roomOf, type RoomRow } from './rows'

type Row = RoomRow & Pick<Access, 'role' | 'cameBy' | 'mutedUntil' | 'kind'> & { found: 0 | 1, lost: 0 | 1, banned: 0 | 1 }

/** Whether somebody who does not stand in a room (`s`) once did: there is a row of one who came by an old password (`m`), or a note of a removal (`x`). */
export const lost = '(s.user IS NULL AND (m.user IS NOT NULL OR x.removedAt IS NOT NULL))'

/**
 * Reads a room together with somebody's standing in it. Where there is none, another is looked at in its place, for nothing: a room that somebody may not
 * know of would else take twice as long as one that is not there.
 */
export function createAccess(db: Db) {
  const select = (column: 'id' | 'slug') => db.prepare<{ key: string, viewer: string | null }, Row>(`SELECT ${roomColumns('r')}, r.${column} = @key AS found, s.role, x.mutedUntil, u.kind,
    CASE WHEN s.user IS NULL THEN NULL ELSE m.cameBy END AS cameBy, ${lost} AS lost,
    EXISTS (SELECT 1 FROM bans b WHERE b.room = r.id AND b.user = @viewer) AS banned
    FROM rooms r LEFT JOIN standings s ON s.room = r.id AND s.user = @viewer LEFT JOIN members m ON m.room = r.id AND m.user = @viewer LEFT JOIN restraints x ON x.room = r.id AND x.user = @viewer
    LEFT JOIN users u ON u.id = @viewer WHERE r.id = coalesce((SELECT id FROM rooms WHERE ${column} = @key), (SELECT id FROM rooms LIMIT 1))`)
  const byId = select('id')
  const bySlug = select('slug')
  return (key: RoomKey, viewer: string | null): Access | null => {
    const row = 'id' in key ? byId.get({ key: key.id, viewer }) : bySlug.get({ key: key.slug, viewer })
    if (!row) return null
    const { role, cameBy, mutedUntil, kind } = row
    const access = { room: roomOf(row), role, cameBy, lost: row.lost === 1, banned: row.banned === 1, mutedUntil, kind }
    return row.found === 1 ? access : null
  }
}
