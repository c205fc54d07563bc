import type { Transaction } from 'firebase-admin/firestore'
import { limits } from '#shared/limits'
import { type Client, count, find } from './client'
import type { PersonDoc, RoomDoc } from './layout'

/** Newest messages that are read to count for many people at once. */
const WINDOW = 2 * limits.unread
/** Up to so many index entries cost one read to count. */
const COUNTED = 1_000

/**
 * Undeleted messages of others after what each has read, up to the limit. Who has read to the end costs nothing. For the others: two counts each, or the
 * newest messages once for all of them, whatever is less.
 */
export async function countUnread({ at }: Client, tx: Transaction, room: RoomDoc, people: readonly PersonDoc[]): Promise<Map<string, number>> {
  const head = room.lastMessageSeq ?? 0
  const counted = new Map(people.map(person => [person.user, 0]))
  const behind = people.filter(person => person.readSeq < head)
  if (behind.length === 0) return counted
  const events = at.events(room.id)

  async function byCount({ user, readSeq }: PersonDoc): Promise<number> {
    const all = events.where('live', '>', readSeq)
    const mine = events.where('writer', '==', user).where('live', '>', readSeq)
    const [total, own] = await Promise.all([count(tx, all.limit(COUNTED)), count(tx, mine.limit(COUNTED))])
    // Only somebody who wrote nearly all of a thousand messages without reading gets here.
    const exact = total < COUNTED || total - own >= limits.unread ? total - own : await count(tx, all) - await count(tx, mine)
    return Math.min(limits.unread, exact)
  }

  const missed = head - Math.min(...behind.map(person => person.readSeq))
  if (Math.min(missed, WINDOW) >= 2 * behind.length) {
    await Promise.all(behind.map(async person => counted.set(person.user, await byCount(person))))
    return counted
  }
  const newest = await find(tx, events.where('live', '>', head - missed).orderBy('live', 'desc').limit(WINDOW))
  const oldest = newest.length < WINDOW ? 0 : newest.at(-1)?.seq ?? 0
  for (const person of behind) {
    const unread = newest.filter(({ seq, author }) => seq > person.readSeq && author !== person.user).length
    counted.set(person.user, unread >= limits.unread || person.readSeq >= oldest ? Math.min(unread, limits.unread) : await byCount(person))
  }
  return counted
}
