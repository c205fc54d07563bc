import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { noPage, upToBytes } from '../../../core/events'
import type { EventStore, StoredEvent } from '../../../core/ports'
import { type Db, snapshot } from './database'
import { createAccess } from './access'
import { decodeCursor, encodeCursor } from '../cursor'
import { createMessages } from './messages'

type EventReads = Pick<EventStore, 'eventsAfter' | 'replay' | 'page' | 'heads' | 'authorOf' | 'messagesBy'>

/** Where a message lies. */
type Place = [room: string, seq: number]
const place = z.tuple([z.string(), z.number()])
const FIRST: Place = ['', 0]
/** Beyond every id. */
const LAST: Place = ['~', 0]

/**
 * Messages looked at in one go for their author, about two milliseconds. An index by author would answer at once, but cost every message a page of its own
 * in each commit, for what is asked only when an account is deleted.
 */
const SLICE = 5_000

/** Reads of a room's events and messages, on the main thread's connection. */
export function createEventReads(db: Db): EventReads {
  const access = createAccess(db)
  const messages = createMessages(db)
  const after = db.prepare<[string, number, number], StoredEvent>(
    'SELECT room, seq, kind, author, message, rtrim(json) AS json FROM events WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?')
  const heads = db.prepare<[string], [string, number]>('SELECT id, seq FROM rooms WHERE id IN (SELECT value FROM json_each(?))').raw()
  const author = db.prepare<[string, string], string>('SELECT author FROM messages WHERE id = ? AND room = ? AND deletedAt IS NULL').pluck()
  const exists = db.prepare<[string], number>('SELECT 1 FROM rooms WHERE id = ?').pluck()
  const placeAfter = db.prepare<[string, number], Place>(`SELECT room, seq FROM messages WHERE (room, seq) > (?, ?) ORDER BY room, seq LIMIT 1 OFFSET ${SLICE - 1}`).raw()
  const by = db.prepare<[...Place, ...Place, string], { room: string, message: string }>(`SELECT m.room, m.id AS message FROM messages m JOIN rooms r ON r.id = m.room
    WHERE (m.room, m.seq) > (?, ?) AND (m.room, m.seq) <= (?, ?) AND m.author = ? AND m.deletedAt IS NULL ORDER BY m.room, m.seq`)

  return {
    eventsAfter: (room, seq, limit) => snapshot(db, () => exists.get(room) ? after.all(room, seq, limit) : []),
    replay: (room, viewer, seq, most, may = () => true) => snapshot(db, () => {
      const found = access({ id: room }, viewer)
      return found && { access: found, events: may(found) ? upToBytes(most.bytes, after.iterate(room, seq, most.events)) : [] }
    }),
    page: (room, viewer, query, may = () => true) => snapshot(db, () => {
      const found = access({ id: room }, viewer)
      return found && { access: found, ...may(found) ? messages(room, viewer, query) : noPage }
    }),
    heads: rooms => snapshot(db, () => new Map(heads.all(JSON.stringify(rooms)))),
    authorOf: (room, message) => snapshot(db, () => author.get(message, room) ?? null),
    async messagesBy(author, cursor) {
      // One look after another would leave nobody else a turn.
      await setImmediate()
      return snapshot(db, () => {
        const start = cursor === undefined ? FIRST : decodeCursor(cursor, place)
        const end = placeAfter.get(...start)
        return { items: by.all(...start, ...end ?? LAST, author), next: end ? encodeCursor(end) : null }
      })
    }
  }
}
