import type { Transaction } from 'firebase-admin/firestore'
import { z } from 'zod'
import type { RoomStore } from '../../../core/ports'
import { isManager } from '../../../core/rules'
import type { Person, Report } from '#shared/types'
import { decodeCursor, paged } from '../cursor'
import { readAccess } from './access'
import { isUsable } from './checks'
import { type Client, find, readAll, readOne, thirties } from './client'
import { textOf } from './effects'
import type { ReportDoc } from './layout'
import { compareText } from './names'
import { isMessage } from './room-state'
import { roleIn, someoneOf } from './standing'

type ModerationReads = Pick<RoomStore, 'bans' | 'audit' | 'invites' | 'invite' | 'reports' | 'report'>

const key = z.number().int()
const banKey = z.tuple([key, z.string()])
const numberKey = z.tuple([key])

/** Reads for those who look after rooms: bans, what was done, invites, reports. Nothing of a room that is deleted. */
export function createModerationReads(client: Client): ModerationReads {
  const { at, snapshot } = client

  /** The names of these people, each read once. */
  async function namesOf(tx: Transaction, ids: readonly (string | null)[]): Promise<(id: string) => Person> {
    const unique = [...new Set(ids.filter(id => id !== null))]
    const users = unique.length === 0 ? [] : await readAll(tx, unique.map(at.user))
    const known = new Map(unique.map((id, index) => [id, someoneOf(id, users[index])]))
    return id => known.get(id) ?? someoneOf(id, null)
  }

  async function reportsOf(tx: Transaction, rows: readonly ReportDoc[]): Promise<Report[]> {
    if (rows.length === 0) return []
    const [rooms, messages] = await Promise.all([readAll(tx, rows.map(row => at.room(row.room))), readAll(tx, rows.map(row => at.event(row.room, row.seq)))])
    const name = await namesOf(tx, [...rows.flatMap(row => [row.by, row.closedBy]), ...messages.map(message => message?.author ?? null)])
    return rows.flatMap((row, index): Report[] => {
      const [room, message] = [rooms[index], messages[index]]
      if (!room || !message || !isMessage(message)) return []
      return [{
        id: row.id, at: row.at, reason: row.reason, by: name(row.by), room: { id: room.id, slug: room.slug, name: room.name },
        message: { id: message.id, seq: message.seq, author: name(message.author), at: message.at, text: textOf(message), deletedAt: message.deletedAt },
        closed: row.closedAt === null || row.closedBy === null || row.outcome === null ? null : { at: row.closedAt, by: name(row.closedBy), outcome: row.outcome }
      }]
    })
  }

  return {
    bans: (room, { cursor, limit }) => snapshot(async (tx) => {
      const from = cursor === undefined ? null : decodeCursor(cursor, banKey)
      if (!await readOne(tx, at.room(room))) return { items: [], next: null }
      const all = at.people(room).orderBy('bannedAt', 'desc').orderBy('__name__')
      const page = paged(await find(tx, (from ? all.startAfter(from[0], at.person(room, from[1])) : all).limit(limit + 1)), limit, row => row, row => [row.bannedAt ?? 0, row.user])
      const name = await namesOf(tx, page.items.flatMap(({ user, bannedBy = null }) => [user, bannedBy]))
      return { ...page, items: page.items.map(({ user, bannedAt = 0, bannedBy = '' }) => ({ ...name(user), at: bannedAt, by: name(bannedBy) })) }
    }),
    audit: (room, { cursor, limit }) => snapshot(async (tx) => {
      const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(cursor, numberKey)
      if (room !== null && !await readOne(tx, at.room(room))) return { items: [], next: null }
      const page = paged(await find(tx, at.audits(room).where('n', '<', before).orderBy('n', 'desc').limit(limit + 1)), limit, row => row, row => [row.n])
      const name = await namesOf(tx, page.items.flatMap(({ by, target }) => [by, target]))
      return {
        ...page, items: page.items.map(({ n, at: when, action, by, target, detail }) =>
          ({ id: n, at: when, action, by: name(by), target: target === null ? null : name(target), detail }))
      }
    }),
    invites: room => snapshot(async (tx) => {
      if (!await readOne(tx, at.room(room))) return []
      const rows = (await find(tx, at.invites.where('room', '==', room))).sort((a, b) => b.createdAt - a.createdAt || compareText(a.id, b.id))
      const name = await namesOf(tx, rows.map(row => row.by))
      return rows.map(({ id, role, by, createdAt, expiresAt, usesLeft, uses, revokedAt }) => ({ id, role, by: name(by), createdAt, expiresAt, usesLeft, uses, revokedAt }))
    }),
    invite: (codeHash, viewer, when) => snapshot(async (tx) => {
      const found = await readOne(tx, at.invite(codeHash))
      if (!found) return null
      const standing = await readAccess(client, tx, { id: found.room }, viewer)
      return standing && { access: standing.access, by: (await namesOf(tx, [found.by]))(found.by), role: found.role, valid: isUsable(found, when) }
    }),
    reports: ({ room, moderator }, { closed, cursor, limit }) => snapshot(async (tx) => {
      const [before] = cursor === undefined ? [Number.MAX_SAFE_INTEGER] : decodeCursor(cursor, numberKey)
      const asked = at.reports.where('open', '==', !closed).where('pos', '<', before).orderBy('pos', 'desc').limit(limit + 1)
      let rows: ReportDoc[]
      if (room !== undefined) rows = await find(tx, asked.where('room', '==', room))
      else if (moderator === undefined) rows = await find(tx, asked)
      else {
        const people = (await find(tx, at.everywhere.where('user', '==', moderator))).filter(person => isManager(person.role))
        const rooms = people.length === 0 ? [] : await readAll(tx, people.map(person => at.room(person.room)))
        const mine = people.filter((person, index) => { const found = rooms[index]; return found && isManager(roleIn(found, person)) }).map(person => person.room)
        rows = (await Promise.all(thirties(mine).map(some => find(tx, asked.where('room', 'in', some))))).flat().sort((a, b) => b.pos - a.pos)
      }
      const page = paged(rows, limit, row => row, row => [row.pos])
      return { ...page, items: await reportsOf(tx, page.items) }
    }),
    report: id => snapshot(async (tx) => {
      const [found] = await find(tx, at.reports.where('id', '==', id).limit(1))
      return found?.open && await readOne(tx, at.room(found.room)) ? { room: found.room, message: found.message } : null
    })
  }
}
