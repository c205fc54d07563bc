import type { Access, RoomKey } from '../../../core/ports'
import type { Role, Room } from '#shared/types'
import type { Db } from './database'
import { roomColumns, roomOf } from './rows'

type Row = Room & { role: Role | null, banned: 0 | 1 }

/** Reads a room together with somebody's standing in it. */
export function createAccess(db: Db) {
  const select = (column: 'id' | 'slug') => db.prepare<{ key: string, viewer: string | null }, Row>(`SELECT ${roomColumns('r')}, m.role,
    EXISTS (SELECT 1 FROM bans b WHERE b.room = r.id AND b.user = @viewer) AS banned
    FROM rooms r LEFT JOIN members m ON m.room = r.id AND m.user = @viewer WHERE r.${column} = @key`)
  const byId = select('id')
  const bySlug = select('slug')
  return (key: RoomKey, viewer: string | null): Access | null => {
    const row = 'id' in key ? byId.get({ key: key.id, viewer }) : bySlug.get({ key: key.slug, viewer })
    return row ? { room: roomOf(row), role: row.role, banned: row.banned === 1 } : null
  }
}
