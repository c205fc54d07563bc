import type { Append, AppendResult, Effect, Precondition, Refusal, StoredEvent } from '../../../core/ports'
import type { Db } from './database'
import { createApply } from './effects'
import type { Heads } from './heads'
import type { Journal } from './journal'
import { createNonces } from './nonces'

/**
 * Evaluates one item inside the current transaction: the nonce first, then the preconditions, then what its effects themselves need; only then
 * is anything written, so that a refused item leaves nothing.
 */
export function createAppend(db: Db, heads: Heads, journal: Journal) {
  const nonces = createNonces(db)
  const { refuse, apply } = createApply(db, heads, journal)
  const account = db.prepare<[string], number>('SELECT 1 FROM users WHERE id = ? AND disabledAt IS NULL').pluck()
  const ban = db.prepare<[string, string], number>('SELECT 1 FROM bans WHERE room = ? AND user = ?').pluck()
  const role = db.prepare<[string, string], string>('SELECT role FROM members WHERE room = ? AND user = ?').pluck()
  const author = db.prepare<[string, string], string>('SELECT author FROM messages WHERE id = ? AND room = ? AND deletedAt IS NULL').pluck()

  function holds(room: string, need: Precondition): boolean {
    switch (need.check) {
      case 'account': return account.get(need.user) !== undefined
      case 'room': return heads.get(room) !== null
      case 'open': return heads.get(room)?.archivedAt === null
      case 'not-banned': return ban.get(room, need.user) === undefined
      case 'role': { const held = role.get(room, need.user); return need.roles.some(one => one === held) }
      case 'message': return author.get(need.message, room) !== undefined
      case 'author': return author.get(need.message, room) === need.user
    }
  }

  function refusal(item: Append): Refusal | null {
    for (const need of item.requires) if (!holds(item.room, need)) return need.check
    if (heads.get(item.room) === null) return 'room'
    for (const effect of item.effects) {
      const refused = refuse(item.room, effect)
      if (refused) return refused
    }
    return null
  }

  return (item: Append): AppendResult => {
    const last = item.effects.at(-1)
    const first = item.nonce === null || !last ? null : nonces.find(item.room, item.author, item.nonce)
    if (first && last) return nonces.repeat(first, last)
    const refused = refusal(item)
    if (refused) return { ok: false, refused }
    const events: StoredEvent[] = []
    let seq = heads.get(item.room)?.seq ?? 0
    item.effects.forEach((effect: Effect) => {
      const { event, seq: reached } = apply(item, effect, effect === last ? item.nonce : null)
      if (event) events.push(event)
      seq = reached
    })
    return { ok: true, seq, at: item.at, message: last && 'message' in last ? last.message : null, duplicate: false, events }
  }
}
