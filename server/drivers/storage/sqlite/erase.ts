import type { EventBody, RoomEvent } from '#shared/types'
import { encodeEvent } from '../../../core/events'
import type { Db } from './database'

interface Row { pos: number, kind: 'message' | 'edit', seq: number, at: number, author: string, nonce: string | null, bytes: number }

/** The text that a stored event carries; none once it is erased. */
export function textOf(json: string): string {
  const { data }: RoomEvent = JSON.parse(json)
  return 'text' in data ? data.text : ''
}

/** Spaces stored behind an event, so that what replaces a short edit needs no more bytes than the edit did. */
export const spare = (body: EventBody): string => body.kind === 'edit' ? ' '.repeat('{"deleted":true}'.length - '{"text":""}'.length) : ''

/**
 * Takes a message's text out of its event and its edits, and its reactions away. The events keep their size to the byte: SQLite then overwrites
 * them where they are (see schema.ts).
 */
export function createEraser(db: Db) {
  const columns = 'e.pos, e.kind, e.seq, e.at, e.author, e.nonce, length(CAST(e.json AS BLOB)) AS bytes'
  const events = db.prepare<[string, string, string, string], Row>(`SELECT ${columns} FROM events e WHERE room = ? AND kind = 'edit' AND message = ?
    UNION ALL SELECT ${columns} FROM messages m JOIN events e ON e.room = m.room AND e.seq = m.seq WHERE m.id = ? AND m.room = ?`)
  const rewrite = db.prepare('UPDATE events SET json = ? WHERE pos = ?')
  const mark = db.prepare('UPDATE messages SET deletedAt = ?, rev = ? WHERE id = ?')
  const unreact = db.prepare('DELETE FROM reactions WHERE message = ?')
  return (room: string, message: string, at: number, rev: number): void => {
    for (const { pos, bytes, ...row } of events.all(room, message, message, room)) {
      const json = encodeEvent({ ...row, room, message, data: { deleted: true } })
      rewrite.run(json + ' '.repeat(bytes - Buffer.byteLength(json)), pos)
    }
    mark.run(at, rev, message)
    unreact.run(message)
  }
}
