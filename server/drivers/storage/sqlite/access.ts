import type { Access, RoomKey } from '../../../core/ports'
import type { Db } from './database'
import { roomColumns, roomOf, type RoomRow } from './rows'

type Row = RoomRow & Pick<Access, 'role' | 'mutedUntil' | 'kind'> & { banned: 0 | 1 }

/** Reads a room together with somebody's standing in it. */
export function createAccess(db: Db) {
  const select = (column: 'id' | 'slug') => db.prepare<{ key: string, viewer: string | null }, Row>(`SELECT ${roomColumns('r')}, s.role, x.mutedUntil, u.kind,
    EXISTS (SELECT 1 FROM bans b WHERE b.room = r.id AND b.user = @viewer) AS banned
    FROM rooms r LEFT JOIN standings s ON s.room = r.id AND s.user = @viewer LEFT JOIN restraints x ON x.room = r.id AND x.user = @viewer
    LEFT JOIN users u ON u.id = @viewer WHERE r.${column} = @key`)
  const byId = select('id')
  const bySlug = select('slug')
  return (key: RoomKey, viewer: string | null): Access | null => {
    const row = 'id' in key ? byId.get({ key: key.id, viewer }) : bySlug.get({ key: key.slug, viewer })
    return row ? { room: roomOf(row), role: row.role, banned: row.banned === 1, mutedUntil: row.mutedUntil, kind: row.kind } : null
  }
}
