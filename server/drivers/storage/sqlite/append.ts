import { type First, repeat } from '../../../core/nonces'
import type { Append, AppendResult, StoredEvent } from '../../../core/ports'
import type { WriteAudit } from './audit'
import type { Checks, Refused } from './checks'
import type { Db } from './database'
import { createApply } from './effects'
import type { Heads } from './heads'
import type { Journal } from './journal'
import type { Standings } from './standings'

/** What the writes of one transaction share. */
export interface Shared { heads: Heads, standings: Standings, journal: Journal, checks: Checks, audit: WriteAudit }

/**
 * Evaluates one item inside the current transaction: the nonce first, then the preconditions, then what its effects themselves need; only then
 * is anything written, so that a refused item leaves nothing.
 */
export function createAppend(db: Db, { heads, standings, journal, checks, audit }: Shared) {
  const withNonce = db.prepare<[string, string, string], First>('SELECT seq, at, message, json FROM events WHERE room = ? AND author = ? AND nonce = ?')
  const { refuse, apply } = createApply(db, heads, standings, journal)

  function refusal(item: Append): Refused | null {
    const refused = checks(item.room, item.at, item.requires)
    if (refused) return refused
    for (const effect of item.effects) {
      const refused = refuse(item.room, effect)
      if (refused) return { refused }
    }
    return null
  }

  return (item: Append): AppendResult => {
    const last = item.effects.at(-1)
    // Asked for also where there is no room: the refusal must take as long as that of one which they may not know of.
    const first = item.nonce === null ? undefined : withNonce.get(item.room, item.author, item.nonce)
    // Of a deleted room the events are still there, blank.
    if (first && last && heads.get(item.room)) return repeat(first, last)
    standings.forget()
    const refused = refusal(item)
    if (refused) return { ok: false, ...refused }
    const events: StoredEvent[] = []
    let seq = heads.get(item.room)?.seq ?? 0
    for (const effect of item.effects) {
      const { event, seq: reached } = apply(item, effect, effect === last ? item.nonce : null)
      if (event) events.push(event)
      seq = reached
    }
    if (item.audit && events.length > 0) audit({ ...item.audit, room: item.room, by: item.author, at: item.at })
    return { ok: true, seq, at: item.at, message: last && 'message' in last ? last.message : null, duplicate: false, events }
  }
}
