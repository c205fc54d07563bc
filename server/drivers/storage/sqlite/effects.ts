import { limits } from '#shared/limits'
import type { EventBody } from '#shared/types'
import { encodeEvent } from '../../../core/events'
import type { Append, Effect, Refusal, StoredEvent } from '../../../core/ports'
import type { Db } from './database'
import { describe } from './describe'
import { createEraser, spare, textOf } from './erase'
import type { Head, Heads } from './heads'
import type { Journal } from './journal'
import { createMemberEffects } from './member-effects'
import { createRevocations } from './revocations'
import type { Standings } from './standings'

/** What an effect did: its event (null where the state was already so), and the seq that answers for it. */
interface Applied { event: StoredEvent | null, seq: number }
export type EffectOf<D extends Effect['do']> = Extract<Effect, { do: D }>

/** Writes the effects of an item. `refuse` says beforehand what an effect itself can't do. */
export function createApply(db: Db, heads: Heads, standings: Standings, journal: Journal) {
  const insertEvent = db.prepare('INSERT INTO events (room, seq, kind, author, nonce, at, message, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insertMessage = db.prepare('INSERT INTO messages (room, seq, id, rev, author, nonce, at, textPos, replyTo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const message = db.prepare<[string, string], number>('SELECT rev FROM messages WHERE id = ? AND room = ? AND deletedAt IS NULL').pluck()
  const editMessage = db.prepare('UPDATE messages SET textPos = ?, editedAt = ?, rev = ? WHERE id = ?')
  const current = db.prepare<[string], string>('SELECT e.json FROM messages m JOIN events e ON e.pos = m.textPos WHERE m.id = ?').pluck()
  const lastEdit = db.prepare<[string, string], number>(`SELECT 1 FROM events WHERE room = ? AND message = ? AND kind = 'edit'
    LIMIT 1 OFFSET ${limits.editsPerMessage - 1}`).pluck()
  const touchMessage = db.prepare('UPDATE messages SET rev = ? WHERE id = ?')
  const reacted = db.prepare<[string, string, string], number>('SELECT 1 FROM reactions WHERE message = ? AND emoji = ? AND user = ?').pluck()
  const insertReaction = db.prepare('INSERT INTO reactions (message, emoji, user, seq) VALUES (?, ?, ?, ?)')
  const deleteReaction = db.prepare('DELETE FROM reactions WHERE message = ? AND emoji = ? AND user = ?')
  const countReactions = db.prepare<[string, string], number>('SELECT count(*) FROM reactions WHERE message = ? AND emoji = ?').pluck()
  const otherEmoji = db.prepare<[string, string], number>('SELECT count(DISTINCT emoji) FROM reactions WHERE message = ? AND emoji <> ?').pluck()
  const erase = createEraser(db)
  const people = createMemberEffects(db, heads, standings, journal, createRevocations(db))

  function emit(item: Append, head: Head, nonce: string | null, body: EventBody): Applied {
    const seq = ++head.seq
    const json = encodeEvent({ ...body, room: item.room, seq, at: item.at, author: item.author, nonce })
    const about = 'message' in body ? body.message : null
    journal.pos = Number(insertEvent.run(item.room, seq, body.kind, item.author, nonce, item.at, about, json + spare(body)).lastInsertRowid)
    return { event: { room: item.room, seq, kind: body.kind, author: item.author, message: about, json }, seq }
  }

  function post(item: Append, head: Head, { message: id, text, replyTo }: EffectOf<'post'>, nonce: string | null): Applied {
    const applied = emit(item, head, nonce, { kind: 'message', message: id, data: { text, replyTo } })
    insertMessage.run(item.room, applied.seq, id, applied.seq, item.author, nonce ?? '', item.at, journal.pos, replyTo)
    head.lastMessageSeq = applied.seq
    head.lastMessageAt = item.at
    if (head.slowModeSeconds > 0) people.posted(item)
    return applied
  }

  function react(item: Append, head: Head, effect: EffectOf<'react'>, nonce: string | null): Applied {
    const { message: id, emoji, user, on } = effect
    if ((reacted.get(id, emoji, user) !== undefined) === on) return { event: null, seq: message.get(id, item.room) ?? head.seq }
    if (on) insertReaction.run(id, emoji, user, head.seq + 1)
    else deleteReaction.run(id, emoji, user)
    touchMessage.run(head.seq + 1, id)
    return emit(item, head, nonce, { kind: 'react', message: id, data: { emoji, on, count: countReactions.get(id, emoji) ?? 0 } })
  }

  const saysSo = ({ message: id, text }: EffectOf<'edit'>) => textOf(current.get(id) ?? '') === text

  function edit(item: Append, head: Head, effect: EffectOf<'edit'>, nonce: string | null): Applied {
    const { message: id, text } = effect
    if (saysSo(effect)) return { event: null, seq: message.get(id, item.room) ?? head.seq }
    const applied = emit(item, head, nonce, { kind: 'edit', message: id, data: { text } })
    editMessage.run(journal.pos, item.at, applied.seq, id)
    return applied
  }

  function apply(item: Append, effect: Effect, nonce: string | null): Applied {
    const head = heads.get(item.room)
    if (!head) throw new Error(`room ${item.room} vanished within its own transaction`)
    switch (effect.do) {
      case 'post': return post(item, head, effect, nonce)
      case 'react': return react(item, head, effect, nonce)
      case 'edit': return edit(item, head, effect, nonce)
      case 'erase':
        erase(item.room, effect.message, item.at, head.seq + 1)
        journal.erased = true
        return emit(item, head, nonce, { kind: 'delete', message: effect.message, data: {} })
      case 'describe': {
        const body = describe(heads, head, effect, item.at)
        if (body) journal.note({ kind: 'room-changed', room: item.room })
        return body ? emit(item, head, nonce, body) : { event: null, seq: head.seq }
      }
      default: {
        const body = people.apply(item, head, effect)
        return body ? emit(item, head, nonce, body) : { event: null, seq: head.seq }
      }
    }
  }

  function refuse(room: string, effect: Effect): Refusal | null {
    if (effect.do === 'join') return effect.role === 'guest' && heads.get(room)?.guests === 0 ? 'access' : null
    if (effect.do !== 'edit' && effect.do !== 'erase' && effect.do !== 'react') return null
    if (message.get(effect.message, room) === undefined) return 'message'
    if (effect.do === 'edit') return lastEdit.get(room, effect.message) !== undefined && !saysSo(effect) ? 'too-many-edits' : null
    const more = effect.do === 'react' && effect.on && (otherEmoji.get(effect.message, effect.emoji) ?? 0) >= limits.emojiPerMessage
    return more ? 'too-many-emoji' : null
  }

  return { apply, refuse }
}
