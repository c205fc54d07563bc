import type { Visibility } from '#shared/types'
import { type Db, fold } from './database'

/** What is decided about a room. */
interface Settings {
  name: string
  topic: string
  visibility: Visibility
  listed: 0 | 1
  /** Whether there is a password. */
  locked: 0 | 1
  passwordVersion: number
  slowModeSeconds: number
  closedAt: number | null
  guests: 0 | 1
  archivedAt: number | null
  ownerId: string
}

/** A room's changing columns, as the current transaction sees them. */
export interface Head extends Readonly<Settings> {
  readonly id: string
  seq: number
  lastMessageSeq: number | null
  lastMessageAt: number | null
}

/**
 * Rooms touched by the current transaction: read once, written once before its end, however many items it has for them. What was decided about them
 * changes seldom and is written at once, so that statements which ask the tables see it.
 */
export function createHeads(db: Db) {
  const select = db.prepare<[string], Head>(`SELECT id, name, topic, visibility, listed, passwordHash IS NOT NULL AS locked, passwordVersion, slowModeSeconds,
    closedAt, guests, archivedAt, ownerId, seq, lastMessageSeq, lastMessageAt FROM rooms WHERE id = ?`)
  const advance = db.prepare('UPDATE rooms SET seq = ?, lastMessageSeq = ?, lastMessageAt = ? WHERE id = ?')
  const settle = db.prepare(`UPDATE rooms SET name = @name, folded = @folded, topic = @topic, visibility = @visibility, listed = @listed,
    passwordHash = CASE WHEN @locked THEN coalesce(@passwordHash, passwordHash) END, passwordVersion = @passwordVersion, slowModeSeconds = @slowModeSeconds,
    closedAt = @closedAt, guests = @guests, archivedAt = @archivedAt, ownerId = @ownerId WHERE id = @id`)
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
    /** Changes what is decided. `passwordHash`: a new one. */
    settle(head: Head, changes: Partial<Settings>, passwordHash: string | null = null): void {
      Object.assign(head, changes)
      settle.run({ ...head, folded: fold(head.name), passwordHash })
    },
    flush(): void {
      for (const { head, seq } of known.values()) if (head.seq !== seq) advance.run(head.seq, head.lastMessageSeq, head.lastMessageAt, head.id)
      known.clear()
    },
    /** After a rollback. */
    forget(): void { known.clear() }
  }
}

export type Heads = ReturnType<typeof createHeads>
