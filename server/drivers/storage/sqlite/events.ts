import type { EventStore, StoredEvent } from '../../../core/ports'
import { type Db, snapshot } from './database'
import { createAccess } from './access'
import { createMessages } from './messages'

type EventReads = Pick<EventStore, 'eventsAfter' | 'replay' | 'page' | 'heads' | 'messagesBy'>

/** Reads of a room's events and messages, on the main thread's connection. */
export function createEventReads(db: Db): EventReads {
  const access = createAccess(db)
  const messages = createMessages(db)
  const after = db.prepare<[string, number, number], StoredEvent>(
    'SELECT room, seq, kind, author, message, rtrim(json) AS json FROM events WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?')
  const heads = db.prepare<[string], [string, number]>('SELECT id, seq FROM rooms WHERE id IN (SELECT value FROM json_each(?))').raw()
  const exists = db.prepare<[string], number>('SELECT 1 FROM rooms WHERE id = ?').pluck()
  const by = db.prepare<[string, number], { room: string, message: string }>(`SELECT m.room, m.id AS message FROM messages m JOIN rooms r ON r.id = m.room
    WHERE m.author = ? AND m.deletedAt IS NULL ORDER BY m.at, m.room, m.seq LIMIT ?`)

  return {
    eventsAfter: (room, seq, limit) => snapshot(db, () => exists.get(room) ? after.all(room, seq, limit) : []),
    replay: (room, viewer, seq, limit) => snapshot(db, () => {
      const found = access({ id: room }, viewer)
      return found && { access: found, events: after.all(room, seq, limit) }
    }),
    page: (room, viewer, query) => snapshot(db, () => {
      const found = access({ id: room }, viewer)
      return found && { access: found, ...messages(room, viewer, query) }
    }),
    heads: rooms => snapshot(db, () => new Map(heads.all(JSON.stringify(rooms)))),
    messagesBy: (author, limit) => snapshot(db, () => by.all(author, limit))
  }
}
