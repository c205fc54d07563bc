import type { NewRoom } from '../../../core/ports'
import type { WriteAudit } from './audit'
import { type Db, fold } from './database'
import type { Journal } from './journal'
import type { Writes } from './requests'
import { roomColumns, roomOf, type RoomRow } from './rows'

const SLUG = 80
/** Rows of a deleted room that are dealt with in one transaction, so that others wait little. */
const SLICE = 500

export type RoomWrites = Pick<Writes, 'createRoom' | 'deleteRoom' | 'markRead'> & {
  /** Removes the next slice of a deleted room's rows. false: there are none left. */
  sweep: () => boolean
}

export function createRoomWrites(db: Db, journal: Journal, audit: WriteAudit): RoomWrites {
  const taken = db.prepare<[string], number>('SELECT 1 FROM rooms WHERE slug = ?').pluck()
  const insert = db.prepare(`INSERT INTO rooms (id, slug, name, folded, topic, visibility, listed, passwordHash, passwordVersion, ownerId, seq, createdAt)
    VALUES (@id, @slug, @name, @folded, @topic, @visibility, @listed, @passwordHash, @passwordHash IS NOT NULL, @owner, 0, @at)`)
  const insertOwner = db.prepare('INSERT INTO members (room, user, role, joinedSeq, readSeq) VALUES (?, ?, \'owner\', 0, 0)')
  const account = db.prepare<[string], number>('SELECT 1 FROM users WHERE id = ? AND kind <> \'guest\' AND disabledAt IS NULL').pluck()
  const select = db.prepare<[string], RoomRow>(`SELECT ${roomColumns('r')} FROM rooms r WHERE id = ?`)
  const admin = db.prepare<[string], number>('SELECT 1 FROM users WHERE id = ? AND admin AND disabledAt IS NULL').pluck()
  const remove = db.prepare('DELETE FROM rooms WHERE id = ?')
  const doom = db.prepare('INSERT INTO doomed (room, blanked) VALUES (?, 0)')
  const read = db.prepare<{ room: string, user: string, seq: number }, number>(`UPDATE members
    SET readSeq = min(@seq, r.seq) FROM rooms r WHERE r.id = @room AND room = @room AND user = @user AND readSeq < min(@seq, r.seq)
    AND EXISTS (SELECT 1 FROM standings s WHERE s.room = @room AND s.user = @user) RETURNING readSeq`).pluck()
  const next = db.prepare<[], { room: string, blanked: number }>('SELECT room, blanked FROM doomed LIMIT 1')
  const slices = [
    db.prepare(`DELETE FROM reactions WHERE message IN (SELECT id FROM messages WHERE room = @room ORDER BY seq LIMIT ${SLICE})`),
    db.prepare(`DELETE FROM messages WHERE room = @room AND seq IN (SELECT seq FROM messages WHERE room = @room ORDER BY seq LIMIT ${SLICE})`),
    // Blank, not removed: see schema.ts.
    db.prepare(`UPDATE events SET json = printf('%*s', length(CAST(json AS BLOB)), '')
      WHERE room = @room AND seq > @blanked AND seq <= @blanked + ${SLICE}`),
    ...[['members', 'user'], ['bans', 'user'], ['restraints', 'user'], ['invites', 'codeHash'], ['audit', 'id'], ['reports', 'pos']].map(([table, key]) =>
      db.prepare(`DELETE FROM ${table} WHERE room = @room AND ${key} IN (SELECT ${key} FROM ${table} WHERE room = @room LIMIT ${SLICE})`))
  ]
  const advance = db.prepare(`UPDATE doomed SET blanked = blanked + ${SLICE} WHERE room = ?`)
  const finish = db.prepare('DELETE FROM doomed WHERE room = ?')

  function freeSlug(wanted: string): string {
    if (!taken.get(wanted)) return wanted
    for (let n = 2; ; n++) {
      const suffix = `-${n}`
      const slug = [...wanted].slice(0, SLUG - suffix.length).join('') + suffix
      if (!taken.get(slug)) return slug
    }
  }

  return {
    createRoom(room: NewRoom) {
      if (account.get(room.owner) === undefined) return null
      const passwordHash = room.visibility === 'private' ? room.passwordHash : null
      insert.run({ ...room, passwordHash, listed: Number(room.listed), slug: freeSlug(room.slug), folded: fold(room.name) })
      insertOwner.run(room.id, room.owner)
      audit({ action: 'room-created', room: room.id, by: room.owner, at: room.at, target: null, detail: '' })
      journal.note({ kind: 'joined', room: room.id, user: room.owner })
      const made = select.get(room.id)
      if (!made) throw new Error(`room ${room.id} was not made`)
      return roomOf(made)
    },
    deleteRoom({ room, by, at }) {
      const found = select.get(room)
      if (!found) return 'none'
      if (found.ownerId !== by && !admin.get(by)) return 'refused'
      remove.run(room)
      doom.run(room)
      audit({ action: 'room-deleted', room: null, by, at, target: found.ownerId, detail: found.visibility })
      journal.note({ kind: 'room-deleted', room })
      return 'deleted'
    },
    markRead({ room, user, seq }) {
      const readSeq = read.get({ room, user, seq })
      if (readSeq === undefined) return null
      journal.note({ kind: 'read', room, user, readSeq })
      return readSeq
    },
    sweep() {
      const doomed = next.get()
      if (!doomed) return false
      journal.erased = true
      const changes = slices.reduce((sum, slice) => sum + slice.run(doomed).changes, 0)
      ;(changes === 0 ? finish : advance).run(doomed.room)
      return true
    }
  }
}
