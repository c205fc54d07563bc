import { z } from 'zod'
import { noPage, upToBytes } from '../../../core/events'
import type { EventStore, StoredEvent } from '../../../core/ports'
import { decodeCursor, encodeCursor } from '../cursor'
import { readAccess } from './access'
import { type Client, find, findDocs, readAll, readOne } from './client'
import type { EventDoc } from './layout'
import { readPage } from './messages'
import { isMessage } from './room-state'

type EventReads = Pick<EventStore, 'eventsAfter' | 'replay' | 'page' | 'heads' | 'authorOf' | 'messagesBy'>

/** An author's messages that are looked at in one go. */
const SLICE = 300
const path = z.tuple([z.string().regex(/^rooms\/[^/]+\/events\/\d+$/)])

const storedOf = (room: string) => ({ seq, kind, author, message, json }: EventDoc): StoredEvent => ({ room, seq, kind, author, message, json })

/** Reads of a room's events and messages. */
export function createEventReads(client: Client): EventReads {
  const { at, db, call, snapshot } = client
  const after = (room: string, seq: number, limit: number) => at.events(room).where('seq', '>', seq).orderBy('seq').limit(limit)

  return {
    eventsAfter: (room, seq, limit) => snapshot(async (tx) => {
      if (!await readOne(tx, at.room(room))) return []
      return (await find(tx, after(room, seq, limit))).map(storedOf(room))
    }),
    replay: (room, viewer, seq, most, may = () => true) => snapshot(async (tx) => {
      const found = await readAccess(client, tx, { id: room }, viewer)
      if (!found) return null
      // Most who come back have missed nothing: that costs no query.
      const events = may(found.access) && found.room.seq > seq ? await find(tx, after(room, seq, most.events)) : []
      return { access: found.access, events: upToBytes(most.bytes, events.map(storedOf(room))) }
    }),
    page: (room, viewer, query, may = () => true) => snapshot(async (tx) => {
      const found = await readAccess(client, tx, { id: room }, viewer)
      return found && { access: found.access, ...may(found.access) ? await readPage(client, tx, room, viewer, query) : noPage }
    }),
    heads: rooms => call(async () => new Map(rooms.length === 0 ? [] : (await readAll(db, rooms.map(at.room))).flatMap(room => room ? [[room.id, room.seq] as const] : []))),
    authorOf: (room, message) => snapshot(async (tx) => {
      // Asked for together, so that it takes as long where there is no room.
      const [there, [found]] = await Promise.all([readOne(tx, at.room(room)), find(tx, at.events(room).where('id', '==', message).limit(1))])
      return there && found && isMessage(found) && found.deletedAt === null ? found.author : null
    }),
    messagesBy: (author, cursor) => snapshot(async (tx) => {
      const all = at.everyEvent.where('writer', '==', author).orderBy('__name__').limit(SLICE)
      const docs = await findDocs(tx, cursor === undefined ? all : all.startAfter(db.doc(decodeCursor(cursor, path)[0])))
      const rooms = [...new Set(docs.flatMap(({ ref }) => ref.parent.parent?.path ?? []))]
      const there = await readAll(tx, rooms.map(name => db.doc(name) as ReturnType<typeof at.room>))
      const ids = new Map(rooms.map((name, index) => [name, there[index]?.id ?? null]))
      const last = docs.at(-1)
      return {
        items: docs.flatMap((found) => {
          const [room, message] = [ids.get(found.ref.parent.parent?.path ?? '') ?? null, found.data().id]
          return room === null || message === undefined ? [] : [{ room, message }]
        }),
        next: docs.length === SLICE && last ? encodeCursor([last.ref.path]) : null
      }
    })
  }
}
