import { encodeEvent } from '../../../core/events'
import type { Db } from './database'

interface Row { pos: number, kind: 'message' | 'edit', seq: number, at: number, author: string, nonce: string | null }

/** Takes a message's text out of its row, its event and its edits, and its reactions away. */
export function createEraser(db: Db) {
  const events = db.prepare<[string, string, string, string], Row>(`
    SELECT pos, kind, seq, at, author, nonce FROM events WHERE room = ? AND kind = 'edit' AND message = ?
    UNION ALL SELECT e.pos, e.kind, e.seq, e.at, e.author, e.nonce FROM messages m JOIN events e ON e.room = m.room AND e.seq = m.seq WHERE m.id = ? AND m.room = ?`)
  const rewrite = db.prepare('UPDATE events SET json = ? WHERE pos = ?')
  const blank = db.prepare('UPDATE messages SET text = \'\', deletedAt = ?, rev = ? WHERE id = ?')
  const unreact = db.prepare('DELETE FROM reactions WHERE message = ?')
  return (room: string, message: string, at: number, rev: number): void => {
    for (const { pos, ...row } of events.all(room, message, message, room)) {
      rewrite.run(encodeEvent({ ...row, room, message, data: { deleted: true } }), pos)
    }
    blank.run(at, rev, message)
    unreact.run(message)
  }
}
