import type { Transaction } from 'firebase-admin/firestore'
import { z } from 'zod'
import type { RoomStore } from '../../../core/ports'
import type { RoomSummary } from '#shared/types'
import { decodeCursor, paged } from '../cursor'
import { readAccess } from './access'
import { type Client, count, find, readAll, readOne } from './client'
import type { PersonDoc, RoomDoc } from './layout'
import { compareText, fold, gramOf } from './names'
import { SEARCHED } from './people'
import { isLost, personOf, roleIn, roomOf, someoneOf } from './standing'
import { countUnread } from './unread'

type RoomReads = Pick<RoomStore, 'access' | 'roomPassword' | 'rooms' | 'allRooms' | 'members' | 'memberships' | 'unread'>
type Sort = 'activity' | 'name'
/** `other`: not the viewer's own. */
interface Row { room: RoomDoc, person: PersonDoc | null, other: 0 | 1, place: string | number }

const listKey = {
  activity: z.tuple([z.literal('activity'), z.number().int().min(0).max(1), z.number(), z.string()]),
  name: z.tuple([z.literal('name'), z.number().int().min(0).max(1), z.string(), z.string()])
}
const memberKey = z.tuple([z.number(), z.string(), z.string()])
const nameKey = z.tuple([z.string(), z.string()])

const compareRows = (a: Row, b: Row): number => {
  const place = typeof a.place === 'string' ? compareText(a.place, String(b.place)) : Number(b.place) - a.place
  return a.other - b.other || place || compareText(a.room.id, b.room.id)
}

const compareMembers = (a: PersonDoc, b: PersonDoc): number => (a.rank ?? 0) - (b.rank ?? 0) || compareText(a.folded, b.folded) || compareText(a.user, b.user)

/** Reads of rooms and who is in them. */
export function createRoomReads(client: Client): RoomReads {
  const { at, db, call, snapshot } = client

  /** Rooms with which somebody has to do: theirs, those they are banned from, muted in. */
  async function roomsOf(tx: Transaction, user: string): Promise<{ room: RoomDoc, person: PersonDoc }[]> {
    const people = await find(tx, at.everywhere.where('user', '==', user))
    const rooms = people.length === 0 ? [] : await readAll(tx, people.map(person => at.room(person.room)))
    return people.flatMap((person, index) => { const room = rooms[index]; return room ? [{ room, person }] : [] })
  }

  /** Those of these people who are in a room, in the order of its members. */
  async function standingAmong(tx: Transaction, room: RoomDoc, users: readonly string[]): Promise<PersonDoc[]> {
    const people = users.length === 0 ? [] : await readAll(tx, [...new Set(users)].map(user => at.person(room.id, user)))
    return people.filter((person): person is PersonDoc => roleIn(room, person) !== null).sort(compareMembers)
  }

  /** Rooms of others that the list shows, from a place on, in its order; piece by piece, because some are then left out. */
  async function* others(tx: Transaction, sort: Sort, visitor: boolean, archived: boolean, from: Row | null, limit: number): AsyncGenerator<RoomDoc> {
    const inTime = archived ? at.rooms : at.rooms.where('archived', '==', false)
    const publicOnes = inTime.where('shown', '==', 'public')
    // Behind doors nobody knows when something was last said: they come last.
    const parts = sort === 'name'
      ? [(visitor ? publicOnes : inTime.where('shown', 'in', ['public', 'door'])).orderBy('folded').orderBy('__name__')]
      : [publicOnes.orderBy('place', 'desc').orderBy('__name__'), ...visitor ? [] : [inTime.where('shown', '==', 'door').orderBy('__name__')]]
    const behindDoors = sort === 'activity' && from?.place === 0
    for (const [index, part] of parts.entries()) {
      if (behindDoors && index === 0) continue
      const keyed = sort === 'name' || index === 0
      let next = from && (sort === 'name' || behindDoors === (index === 1)) ? part.startAfter(...keyed ? [from.place] : [], at.room(from.room.id)) : part
      for (;;) {
        const rooms = await find(tx, next.limit(limit))
        yield* rooms
        const last = rooms.at(-1)
        if (!last || rooms.length < limit) break
        next = part.startAfter(...sort === 'name' ? [last.folded] : index === 0 ? [last.place] : [], at.room(last.id))
      }
    }
  }

  const isDoor = ({ room, person }: Row) => room.visibility === 'private' && roleIn(room, person) === null
  const summaryOf = (row: Row, unread: number): Omit<RoomSummary, 'online'> => {
    const { room, person } = row
    const role = roleIn(room, person)
    const mine = { role, unread, readSeq: role === null ? 0 : person?.readSeq ?? 0, mutedUntil: person?.mutedUntil ?? null, lost: isLost(room, person) }
    if (!isDoor(row)) return { ...roomOf(room), ...mine }
    const { id, slug, name, visibility, listed, locked } = roomOf(room)
    return {
      id, slug, name, visibility, listed, locked, topic: '', ownerId: '', seq: 0, lastMessageAt: null, createdAt: 0, archivedAt: null, closedAt: null, slowModeSeconds: 0,
      guests: false, ...mine, mutedUntil: null
    }
  }

  const rooms: RoomStore['rooms'] = (viewer, { search, sort, archived, cursor, limit }) => snapshot(async (tx) => {
    const key = cursor === undefined ? null : decodeCursor<[Sort, number, string | number, string]>(cursor, listKey[sort])
    const [account, known] = viewer === null ? [null, []] : await Promise.all([readOne(tx, at.user(viewer)), roomsOf(tx, viewer)])
    const people = new Map(known.map(({ room, person }) => [room.id, person]))
    const wanted = fold(search.trim())
    const rowOf = (room: RoomDoc): Row => {
      const person = people.get(room.id) ?? null
      const other = roleIn(room, person) === null ? 1 : 0
      return { room, person, other, place: sort === 'name' ? room.folded : other && room.visibility === 'private' ? 0 : room.place }
    }
    const isShown = ({ room, person, other }: Row) => person?.bannedAt === undefined && (archived || room.archivedAt === null) && (wanted === '' || room.folded.includes(wanted))
      && (other === 0 || (account?.kind !== 'guest' && (room.shown === 'public' || (room.shown === 'door' && account !== null))))
    // The row of the cursor, as far as its order goes.
    const start: Row | null = key && { room: { id: key[3] } as RoomDoc, person: null, other: key[1] === 0 ? 0 : 1, place: key[2] }
    const isAfter = (row: Row) => start === null || compareRows(row, start) > 0

    const rows = known.map(({ room }) => rowOf(room)).filter(row => row.other === 0 && isShown(row) && isAfter(row)).sort(compareRows)
    if (rows.length <= limit && account?.kind !== 'guest') {
      if (wanted === '') {
        for await (const room of others(tx, sort, account === null, archived, start?.other === 1 ? start : null, limit + 1)) {
          const row = rowOf(room)
          if (row.other === 1 && isShown(row)) rows.push(row)
          if (rows.length > limit) break
        }
      } else {
        const found = await find(tx, at.rooms.where('grams', 'array-contains', gramOf(wanted)).limit(SEARCHED))
        rows.push(...found.map(rowOf).filter(row => row.other === 1 && isShown(row) && isAfter(row)).sort(compareRows))
      }
    }
    const page = paged(rows, limit, row => row, row => [sort, row.other, row.place, row.room.id])
    const unread = await Promise.all(page.items.map(async ({ room, person }) =>
      person && roleIn(room, person) !== null ? (await countUnread(client, tx, room, [person])).get(person.user) ?? 0 : 0))
    return { ...page, items: page.items.map((row, index) => summaryOf(row, unread[index] ?? 0)) }
  })

  /** Those who stand in a room, counted. */
  async function standing(tx: Transaction, { id, passwordVersion, guests }: RoomDoc): Promise<number> {
    const people = at.people(id)
    const byPassword = (role: 'member' | 'guest') => people.where('role', '==', role).where('cameBy', '==', 'password').where('passwordVersion', '<', passwordVersion)
    const counts = await Promise.all([
      count(tx, people.where('rank', '>=', 0)), passwordVersion > 1 ? count(tx, byPassword('member')) : 0,
      guests ? passwordVersion > 1 ? count(tx, byPassword('guest')) : 0 : count(tx, people.where('role', '==', 'guest'))
    ])
    return counts[0] - counts[1] - counts[2]
  }

  return {
    rooms,
    access: (key, viewer) => snapshot(async tx => (await readAccess(client, tx, key, viewer))?.access ?? null),
    roomPassword: room => call(async () => {
      const found = await readOne(db, at.room(room))
      return found && found.passwordHash !== null ? { hash: found.passwordHash, version: found.passwordVersion } : null
    }),
    allRooms: ({ search, cursor, limit }) => snapshot(async (tx) => {
      const [name, id] = cursor === undefined ? ['', ''] : decodeCursor(cursor, nameKey)
      const wanted = fold(search.trim())
      const all = at.rooms.orderBy('folded').orderBy('__name__')
      const found = wanted === ''
        ? await find(tx, (cursor === undefined ? all : all.startAfter(name, at.room(id))).limit(limit + 1))
        : (await find(tx, at.rooms.where('grams', 'array-contains', gramOf(wanted)).limit(SEARCHED)))
            .filter(room => room.folded.includes(wanted) && (cursor === undefined || (compareText(room.folded, name) || compareText(room.id, id)) > 0))
            .sort((a, b) => compareText(a.folded, b.folded) || compareText(a.id, b.id))
      const page = paged(found, limit, room => room, room => [room.folded, room.id])
      const owners = page.items.length === 0 ? [] : await readAll(tx, page.items.map(room => at.user(room.ownerId)))
      const members = await Promise.all(page.items.map(room => standing(tx, room)))
      return { ...page, items: page.items.map((room, index) => ({ ...roomOf(room), owner: someoneOf(room.ownerId, owners[index]), members: members[index] ?? 0 })) }
    }),
    members: (room, { cursor, limit, among }) => snapshot(async (tx) => {
      const key = cursor === undefined ? null : decodeCursor(cursor, memberKey)
      const document = await readOne(tx, at.room(room))
      if (!document) return { items: [], next: null }
      const all = at.people(room).orderBy('rank').orderBy('folded').orderBy('__name__')
      const rows: PersonDoc[] = []
      if (among) rows.push(...await standingAmong(tx, document, among))
      else for (let next = key ? all.startAfter(key[0], key[1], at.person(room, key[2])) : all; rows.length <= limit;) {
        const found = await find(tx, next.limit(limit + 1))
        rows.push(...found.filter(person => roleIn(document, person) !== null))
        const last = found.at(-1)
        if (!last || found.length <= limit) break
        next = all.startAfter(last.rank, last.folded, at.person(room, last.user))
      }
      const page = paged(rows, limit, person => person, person => [person.rank ?? 0, person.folded, person.user])
      const users = page.items.length === 0 ? [] : await readAll(tx, page.items.map(person => at.user(person.user)))
      return {
        ...page, items: page.items.flatMap(({ role, mutedUntil = null }, index) => {
          const user = users[index]
          return user && role !== null ? [{ ...personOf(user), role, mutedUntil }] : []
        })
      }
    }),
    memberships: user => snapshot(async tx => new Map((await roomsOf(tx, user)).filter(({ room, person }) => roleIn(room, person) !== null)
      .map(({ room }) => [room.id, room.seq] as const).sort(([a], [b]) => compareText(a, b)))),
    unread: (room, users) => snapshot(async (tx) => {
      const [document = null, ...found]: unknown[] = await readAll<unknown>(tx, [at.room(room), ...users.map(user => at.person(room, user))] as unknown as Parameters<typeof readAll>[1])
      if (!document) return new Map()
      const people = (found as (PersonDoc | null)[]).filter((person): person is PersonDoc => roleIn(document as RoomDoc, person) !== null)
      const counts = await countUnread(client, tx, document as RoomDoc, people)
      return new Map(people.map(({ user, readSeq }) => [user, { unread: counts.get(user) ?? 0, readSeq }]))
    })
  }
}
