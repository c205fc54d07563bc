import { limits } from '#shared/limits'
import type { Message, Reaction } from '#shared/types'
import type { Db } from './database'
import { textOf } from './erase'

type Row = Omit<Message, 'reactions' | 'text'> & { json: string }
interface ReactionRow { message: string, emoji: string, user: string, count: number, place: number }

const selected = `SELECT m.id, m.room, m.seq, m.rev, m.author, m.nonce, m.at, m.replyTo, m.editedAt, m.deletedAt, e.json
  FROM messages m JOIN events e ON e.pos = m.textPos WHERE m.room = ?`

/** Reads a page of messages, oldest first, with their reactions and the messages that they answer. */
export function createMessages(db: Db) {
  const older = db.prepare<[string, number, number], Row>(`${selected} AND m.seq < ? ORDER BY m.seq DESC LIMIT ?`)
  const newer = db.prepare<[string, number, number], Row>(`${selected} AND m.seq > ? ORDER BY m.seq LIMIT ?`)
  const some = db.prepare<[string, string], Row>(`${selected} AND m.id IN (SELECT value FROM json_each(?)) ORDER BY m.seq`)
  const reactions = db.prepare<{ messages: string, viewer: string | null }, ReactionRow>(`SELECT message, emoji, user, count, place FROM (
      SELECT message, emoji, user, min(seq) OVER whole AS first, count(*) OVER whole AS count, row_number() OVER (PARTITION BY message, emoji ORDER BY seq) AS place
      FROM reactions WHERE message IN (SELECT value FROM json_each(@messages)) WINDOW whole AS (PARTITION BY message, emoji))
    WHERE place <= ${limits.peoplePerReaction} OR user = @viewer ORDER BY message, first, place`)

  /** One row more than asked for says whether there is more on that side. */
  function rowsOf(room: string, { before, around, limit }: { before?: number, around?: number, limit: number }) {
    if (around === undefined) {
      const rows = older.all(room, before ?? Number.MAX_SAFE_INTEGER, limit + 1)
      const more = { before: rows.length > limit, after: before !== undefined && newer.get(room, before - 1, 1) !== undefined }
      return { rows: rows.slice(0, limit).reverse(), more }
    }
    const upTo = older.all(room, around + 1, limit + 1)
    const beyond = newer.all(room, around, limit + 1)
    // Half on each side; where one side has less, the other fills up.
    const right = Math.min(beyond.length, Math.max(Math.floor(limit / 2), limit - upTo.length))
    const left = Math.min(upTo.length, limit - right)
    return { rows: [...upTo.slice(0, left).reverse(), ...beyond.slice(0, right)], more: { before: upTo.length > left, after: beyond.length > right } }
  }

  function reactionsOf(rows: readonly Row[], viewer: string | null): Map<string, Reaction[]> {
    const found = new Map<string, Reaction[]>()
    for (const { message, emoji, user, count, place } of reactions.all({ messages: JSON.stringify(rows.map(row => row.id)), viewer })) {
      const list = found.get(message) ?? []
      found.set(message, list)
      const reaction = list.at(-1)?.emoji === emoji ? list.at(-1)! : { emoji, count, users: [], mine: false }
      if (list.at(-1) !== reaction) list.push(reaction)
      if (place <= limits.peoplePerReaction) reaction.users.push(user)
      if (user === viewer) reaction.mine = true
    }
    return found
  }

  return (room: string, viewer: string | null, query: { before?: number, around?: number, limit: number }) => {
    const { rows, more } = rowsOf(room, query)
    const here = new Set(rows.map(row => row.id))
    const answered = new Set(rows.flatMap(({ replyTo }) => replyTo !== null && !here.has(replyTo) ? [replyTo] : []))
    const quoted = answered.size === 0 ? [] : some.all(room, JSON.stringify([...answered]))
    const reacted = reactionsOf([...rows, ...quoted], viewer)
    const whole = ({ json, ...row }: Row): Message => ({ ...row, text: textOf(json), reactions: reacted.get(row.id) ?? [] })
    return { messages: rows.map(whole), quoted: quoted.map(whole), more }
  }
}
