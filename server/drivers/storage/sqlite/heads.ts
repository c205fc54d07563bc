import type { Db } from './database'

/** A room's changing columns, as the current transaction sees them. */
export interface Head {
  id: string
  name: string
  topic: string
  seq: number
  lastMessageSeq: number | null
  lastMessageAt: number | null
  archivedAt: number | null
}

/** A name as it is searched and sorted: without regard to case. */
export const fold = (name: string) => name.normalize('NFKC').toLowerCase()

/** Rooms touched by the current transaction: read once, written once before its end, however many items it has for them. */
export function createHeads(db: Db) {
  const select = db.prepare<[string], Head>('SELECT id, name, topic, seq, lastMessageSeq, lastMessageAt, archivedAt FROM rooms WHERE id = ?')
  const update = db.prepare(`UPDATE rooms SET name = @name, folded = @folded, topic = @topic, seq = @seq, lastMessageSeq = @lastMessageSeq,
    lastMessageAt = @lastMessageAt, archivedAt = @archivedAt WHERE id = @id`)
  const known = new Map<string, { head: Head, seq: number }>()
  return {
    /** The room, to be changed in place; every change raises `seq`. */
    get(room: string): Head | null {
      let entry = known.get(room)
      if (!entry) {
        const head = select.get(room)
        if (!head) return null
        known.set(room, entry = { head, seq: head.seq })
      }
      return entry.head
    },
    flush(): void {
      for (const { head, seq } of known.values()) if (head.seq !== seq) update.run({ ...head, folded: fold(head.name) })
      known.clear()
    },
    /** After a rollback. */
    forget(): void { known.clear() }
  }
}

export type Heads = ReturnType<typeof createHeads>
