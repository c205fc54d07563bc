import { limits } from '#shared/limits'
import type { Message, Reaction, RoomEvent } from '#shared/types'
import type { Change, Row, Timeline } from './timeline-types'

/** How messages become rows: the server's truth, with my own unconfirmed changes on top. */

export const rowKey = (message: Pick<Message, 'author' | 'nonce' | 'id'>) => `${message.author}:${message.nonce || message.id}`

/** Takes the text out of a message, for good, and what went with it. */
export function wipe(message: Message, at: number): void {
  message.text = ''
  message.replyTo = null
  message.editedAt = null
  message.reactions = []
  message.deletedAt ??= at
}

function withReaction(reactions: readonly Reaction[], emoji: string, user: string, me: string | null, change: { on: boolean, count: number }): Reaction[] {
  const known = reactions.find(reaction => reaction.emoji === emoji)
  if (change.count <= 0) return reactions.filter(reaction => reaction !== known)
  const others = known?.users.filter(id => id !== user) ?? []
  const users = change.on && known?.users.includes(user) ? known.users : change.on && others.length < limits.peoplePerReaction ? [...others, user] : others
  const next = { emoji, count: change.count, users, mine: user === me ? change.on : known?.mine ?? false }
  return known ? reactions.map(reaction => reaction === known ? next : reaction) : [...reactions, next]
}

/** The message that a `message` event makes. */
export const messageOf = (event: RoomEvent & { kind: 'message' }): Message => ({
  id: event.message, room: event.room, seq: event.seq, rev: event.seq, author: event.author, nonce: event.nonce ?? '', at: event.at,
  text: 'text' in event.data ? event.data.text : '', replyTo: 'text' in event.data ? event.data.replyTo : null,
  editedAt: null, deletedAt: 'text' in event.data ? null : event.at, reactions: []
})

/** Applies an edit, a deletion or a reaction to its message, iff the event is newer than what the message already shows. */
export function applyToMessage(message: Message, event: RoomEvent, me: string | null): void {
  if (event.seq <= message.rev) return
  message.rev = event.seq
  if (event.kind === 'delete') {
    wipe(message, event.at)
    message.deletedAt = event.at
  }
  if (message.deletedAt !== null) return
  if (event.kind === 'edit') {
    message.editedAt = event.at
    if ('text' in event.data) message.text = event.data.text
    else wipe(message, event.at)
  }
  if (event.kind === 'react') message.reactions = withReaction(message.reactions, event.data.emoji, event.author, me, event.data)
}

/** My change, as it will look once it is confirmed. */
function preview(message: Message, { frame, at }: Change, me: string): Message {
  if (frame.type === 'edit') return { ...message, text: frame.text, editedAt: message.editedAt ?? at }
  if (frame.type === 'delete') return { ...message, text: '', reactions: [], deletedAt: at }
  if (frame.type !== 'react') return message
  const known = message.reactions.find(reaction => reaction.emoji === frame.emoji)
  if ((known?.mine ?? false) === frame.on) return message
  const count = (known?.count ?? 0) + (frame.on ? 1 : -1)
  return { ...message, reactions: withReaction(message.reactions, frame.emoji, me, me, { on: frame.on, count }) }
}

const quotedBy = (t: Timeline, message: Message): Message | null => {
  const quoted = message.replyTo === null ? undefined : t.truth[message.replyTo] ?? t.quotes[message.replyTo]
  return quoted ? { ...quoted } : null
}

/** A row of a confirmed message with my changes to it. Failed ones are not shown: their reason is. */
export function rowOf(t: Timeline, message: Message): Row {
  const row: Row = { ...message, key: rowKey(message), state: 'sent', error: null, quoted: quotedBy(t, message) }
  const me = t.me
  if (me === null || message.deletedAt !== null) return row
  for (const change of t.changes) {
    if (change.frame.type === 'send' || change.frame.message !== message.id) continue
    if (change.state !== 'failed') Object.assign(row, preview(row, change, me))
    if (row.state !== 'failed' && change.state !== 'sent') row.state = change.state
    row.error = change.error ?? row.error
  }
  return row
}

/** A row of a message of mine that no event has shown yet. */
export function waitingRow(t: Timeline, change: Change & { frame: { type: 'send' } }, me: string): Row {
  const { frame, answer, at, state, error } = change
  const message: Message = {
    id: answer?.message ?? frame.nonce, room: t.room, seq: answer?.seq ?? Infinity, rev: answer?.seq ?? 0, author: me, nonce: frame.nonce, at: answer?.at ?? at,
    text: frame.text, replyTo: frame.replyTo ?? null, editedAt: null, deletedAt: null, reactions: []
  }
  return { ...message, key: rowKey(message), state, error, quoted: quotedBy(t, message) }
}

/** Index of the first row with a seq greater than `seq`; rows are sorted. */
export function after(rows: readonly Row[], seq: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.seq ?? Infinity) <= seq) low = middle + 1
    else high = middle
  }
  return low
}

/** Draws a message's row again, in place, and (`quotes`) the rows that quote it. */
export function redraw(t: Timeline, id: string, quotes = true): void {
  const message = t.truth[id]
  const row = message && t.rows[after(t.rows, message.seq) - 1]
  if (message && row?.id === id) Object.assign(row, rowOf(t, message))
  const quoted = message ?? t.quotes[id]
  if (quoted && quotes) for (const other of t.rows) if (other.replyTo === id) other.quoted = { ...quoted }
}

/** Puts a row where it belongs; one with the same key becomes it and keeps its identity. */
export function place(t: Timeline, row: Row): void {
  const at = row.author === t.me ? t.rows.findLastIndex(other => other.key === row.key) : -1
  const known = t.rows[at]
  if (known?.seq === row.seq) return void Object.assign(known, row)
  if (known) t.rows.splice(at, 1)
  t.rows.splice(row.seq === Infinity ? t.rows.length : after(t.rows, row.seq), 0, known ? Object.assign(known, row) : row)
}
