import type { Transaction } from 'firebase-admin/firestore'
import { limits } from '#shared/limits'
import type { Message, Reaction } from '#shared/types'
import { type Client, find, thirties } from './client'
import { textOf } from './effects'
import type { MessageDoc } from './layout'
import { isMessage } from './room-state'

interface Query { before?: number, around?: number, limit: number }

function reactionsOf({ reactions = [] }: MessageDoc, viewer: string | null): Reaction[] {
  const found = new Map<string, Reaction>()
  for (const { emoji, user } of reactions) {
    const reaction = found.get(emoji) ?? { emoji, count: 0, users: [], mine: false }
    found.set(emoji, reaction)
    reaction.count++
    if (reaction.users.length < limits.peoplePerReaction) reaction.users.push(user)
    if (user === viewer) reaction.mine = true
  }
  return [...found.values()]
}

const messageOf = (room: string, row: MessageDoc, viewer: string | null): Message => ({
  id: row.id, room, seq: row.place, rev: row.rev, author: row.author, nonce: row.nonce ?? '', at: row.at, text: textOf(row), replyTo: row.replyTo, editedAt: row.editedAt,
  deletedAt: row.deletedAt, reactions: reactionsOf(row, viewer)
})

/** Reads a page of messages, oldest first, with the messages that they answer. */
export async function readPage({ at }: Client, tx: Transaction, room: string, viewer: string | null, query: Query) {
  const events = at.events(room)
  const older = async (seq: number, limit: number) => (await find(tx, events.where('place', '<', seq).orderBy('place', 'desc').limit(limit))).filter(isMessage)
  const newer = async (seq: number, limit: number) => (await find(tx, events.where('place', '>', seq).orderBy('place').limit(limit))).filter(isMessage)

  /** One row more than asked for says whether there is more on that side. */
  async function rowsOf({ before, around, limit }: Query) {
    if (around === undefined) {
      const [rows, next] = await Promise.all([older(before ?? Number.MAX_SAFE_INTEGER, limit + 1), before === undefined ? [] : newer(before - 1, 1)])
      return { rows: rows.slice(0, limit).reverse(), more: { before: rows.length > limit, after: next.length > 0 } }
    }
    const [upTo, beyond] = await Promise.all([older(around + 1, limit + 1), newer(around, limit + 1)])
    // Half on each side; where one side has less, the other fills up.
    const right = Math.min(beyond.length, Math.max(Math.floor(limit / 2), limit - upTo.length))
    const left = Math.min(upTo.length, limit - right)
    return { rows: [...upTo.slice(0, left).reverse(), ...beyond.slice(0, right)], more: { before: upTo.length > left, after: beyond.length > right } }
  }

  const { rows, more } = await rowsOf(query)
  const here = new Set(rows.map(row => row.id))
  const answered = [...new Set(rows.flatMap(({ replyTo }) => replyTo !== null && !here.has(replyTo) ? [replyTo] : []))]
  const quoted = (await Promise.all(thirties(answered).map(ids => find(tx, events.where('id', 'in', ids))))).flat().filter(isMessage).sort((a, b) => a.place - b.place)
  const whole = (row: MessageDoc) => messageOf(room, row, viewer)
  return { messages: rows.map(whole), quoted: quoted.map(whole), more }
}
