import { limits } from '#shared/limits'
import type { EventBody, RoomEvent } from '#shared/types'
import { encodeEvent } from '../../../core/events'
import { repeat } from '../../../core/nonces'
import type { Append, AppendResult, Effect, Refusal, StoredEvent } from '../../../core/ports'
import { decide } from '../../../core/rules'
import { refusalOf } from './checks'
import { type EventDoc, type MessageDoc, type RoomDoc, keyOf } from './layout'
import { applyToPeople } from './member-effects'
import type { RoomState } from './room-state'
import { settingsOf, shownTo } from './standing'
import { fold, gramsOf } from './names'

export type EffectOf<D extends Effect['do']> = Extract<Effect, { do: D }>
/** What an effect did: its event (null where the state was already so), and the seq that answers for it. */
interface Applied { event: StoredEvent | null, seq: number }

/** The text that a stored event carries; none once it is erased. */
function textIn(json: string): string {
  const { data }: RoomEvent = JSON.parse(json)
  return 'text' in data ? data.text : ''
}
export const textOf = (message: MessageDoc): string => message.deletedAt === null ? message.text ?? textIn(message.json) : ''

/** What an effect itself can't do. */
function refuse(state: RoomState, effect: Effect): Refusal | null {
  if (effect.do === 'join') return effect.role === 'guest' && state.room?.guests === false ? 'access' : null
  if (effect.do !== 'edit' && effect.do !== 'erase' && effect.do !== 'react') return null
  const message = state.messages.get(effect.message)
  if (!message || message.deletedAt !== null) return 'message'
  if (effect.do === 'edit') return (message.changes ?? 0) >= limits.editsPerMessage && textOf(message) !== effect.text ? 'too-many-edits' : null
  if (effect.do !== 'react' || !effect.on) return null
  const others = new Set(message.reactions?.map(({ emoji }) => emoji).filter(emoji => emoji !== effect.emoji))
  return others.size >= limits.emojiPerMessage ? 'too-many-emoji' : null
}

/**
 * Evaluates one item on the state of its room: the nonce first, then the preconditions, then what its effects themselves need; only then is anything
 * changed, so that a refused item leaves nothing. `mark`: this try to commit.
 */
export function evaluate(state: RoomState, item: Append, mark: string): AppendResult {
  const last = item.effects.at(-1)
  const first = item.nonce === null ? undefined : state.nonces.get(keyOf(item.author, item.nonce))
  if (first && last) return repeat(first, last)
  const refused = refusalOf(state, item.at, item.requires)
  if (refused) return { ok: false, ...refused }
  for (const effect of item.effects) {
    const refused = refuse(state, effect)
    if (refused) return { ok: false, refused }
  }
  const { room } = state
  if (!room) return { ok: false, refused: 'room' }
  const events: StoredEvent[] = []
  let { seq } = room
  for (const effect of item.effects) {
    const applied = apply(state, room, item, effect, effect === last ? item.nonce : null, mark)
    if (applied.event) events.push(applied.event)
    seq = applied.seq
  }
  if (item.audit && events.length > 0) state.audits.push({ n: ++room.audits, at: item.at, by: item.author, ...item.audit })
  return { ok: true, seq, at: item.at, message: last && 'message' in last ? last.message : null, duplicate: false, events }
}

function apply(state: RoomState, room: RoomDoc, item: Append, effect: Effect, nonce: string | null, mark: string): Applied {
  function emit(body: EventBody | null, more: Partial<EventDoc> = {}): Applied & { made?: EventDoc } {
    if (body === null) return { event: null, seq: room.seq }
    const seq = ++room.seq
    const message = 'message' in body ? body.message : null
    const { author, at } = item
    const json = encodeEvent({ ...body, room: room.id, seq, at, author, nonce })
    const made: EventDoc = { seq, kind: body.kind, author, nonce, key: nonce === null ? null : keyOf(author, nonce), at, message, mark, json, ...more }
    state.made.push(made)
    state.roomChanged = true
    if (made.key !== null) state.nonces.set(made.key, made)
    return { event: { room: room.id, seq, kind: body.kind, author, message, json }, seq, made }
  }
  /** The row of a message, which is there: `refuse` has looked. */
  function rowOf(id: string): MessageDoc {
    const row = state.messages.get(id)
    if (!row) throw new Error(`message ${id} vanished within its own transaction`)
    return row
  }
  function touch(row: MessageDoc, rev: number): void {
    row.rev = rev
    state.changed.add(row)
  }

  switch (effect.do) {
    case 'post': {
      const seq = room.seq + 1
      const row = { id: effect.message, place: seq, live: seq, writer: item.author, rev: seq, replyTo: effect.replyTo, editedAt: null, deletedAt: null }
      const applied = emit({ kind: 'message', message: effect.message, data: { text: effect.text, replyTo: effect.replyTo } }, row)
      if (applied.made) state.messages.set(effect.message, Object.assign(applied.made, row))
      Object.assign(room, { lastMessageSeq: seq, lastMessageAt: item.at, place: item.at })
      if (room.slowModeSeconds > 0) notePost(state, room, item)
      return applied
    }
    case 'edit': {
      const row = rowOf(effect.message)
      if (textOf(row) === effect.text) return { event: null, seq: row.rev }
      const applied = emit({ kind: 'edit', message: effect.message, data: { text: effect.text } }, { edits: effect.message })
      Object.assign(row, { text: effect.text, editedAt: item.at, changes: (row.changes ?? 0) + 1 })
      touch(row, applied.seq)
      if (applied.made) state.edits.set(effect.message, [...state.edits.get(effect.message) ?? [], applied.made])
      return applied
    }
    case 'react': {
      const { emoji, user, on } = effect
      const row = rowOf(effect.message)
      const reactions = row.reactions ?? []
      const isThis = (one: { emoji: string, user: string }) => one.emoji === emoji && one.user === user
      if (reactions.some(isThis) === on) return { event: null, seq: row.rev }
      row.reactions = on ? [...reactions, { emoji, user }] : reactions.filter(one => !isThis(one))
      const applied = emit({ kind: 'react', message: effect.message, data: { emoji, on, count: row.reactions.filter(one => one.emoji === emoji).length } })
      touch(row, applied.seq)
      return applied
    }
    case 'erase': {
      const row = rowOf(effect.message)
      for (const event of [row, ...state.edits.get(effect.message) ?? []]) {
        const { seq, kind, at, author, nonce } = event
        event.json = encodeEvent({ kind: kind === 'edit' ? 'edit' : 'message', room: room.id, seq, at, author, nonce, message: effect.message, data: { deleted: true } })
        state.changed.add(event)
      }
      delete row.live
      delete row.writer
      delete row.text
      delete row.reactions
      row.deletedAt = item.at
      const applied = emit({ kind: 'delete', message: effect.message, data: {} })
      touch(row, applied.seq)
      return applied
    }
    case 'describe': {
      const body = describe(room, effect, item.at)
      if (body) state.controls.push({ kind: 'room-changed', room: room.id })
      return emit(body)
    }
    default: return emit(applyToPeople(state, room, item, effect))
  }
}

function notePost(state: RoomState, room: RoomDoc, { author, at }: Append): void {
  const person = state.people.get(author)
  state.people.set(author, person
    ? Object.assign(person, { lastPostAt: at })
    : {
        user: author, room: room.id, role: null, folded: '', cameBy: 'self', passwordVersion: 0, joinedSeq: 0, readSeq: 0, lastPostAt: at
      })
  state.changedPeople.add(author)
}

/** Changes what is decided about a room; the body of its event, or null where all of it was so already. */
function describe(room: RoomDoc, effect: EffectOf<'describe'>, at: number): EventBody | null {
  const decided = decide({ ...settingsOf(room), passwordVersion: room.passwordVersion }, effect, at)
  if (!decided) return null
  const { locked, ...after } = decided.after
  if (after.name !== room.name) Object.assign(room, { folded: fold(after.name), grams: gramsOf(fold(after.name)) })
  Object.assign(room, after, { passwordHash: locked ? effect.passwordHash ?? room.passwordHash : null, shown: shownTo(after), archived: after.archivedAt !== null })
  return { kind: 'room', data: { ...settingsOf(room), recheck: decided.recheck } }
}
