import { z } from 'zod'
import type { PeopleStore } from '../../../core/ports'
import type { Account } from '#shared/types'
import { decodeCursor, encodeCursor, paged } from '../cursor'
import { type Client, find, findDocs, readAll, readOne, thirties } from './client'
import { KINDS, type SessionDoc, type UserDoc } from './layout'
import { compareText, fold, gramOf } from './names'
import { isActive, personOf } from './standing'

type PeopleReads = Pick<PeopleStore, 'hasAccounts' | 'credential' | 'credentialOf' | 'me' | 'people' | 'admins' | 'accounts' | 'settings' | 'session' | 'sessions' | 'goneGuests'>

const accountKey = z.tuple([z.string(), z.string()])
/** Accounts (and rooms) that a search looks at: more than these with the same first letters are not found. */
export const SEARCHED = 500
/** Guests in rooms that are looked through in one go. */
const SLICE = 100
const personPath = z.tuple([z.string().regex(/^rooms\/[^/]+\/people\/[^/]+$/)])

/** Reads of accounts and sessions. */
export function createPeopleReads(client: Client): PeopleReads {
  const { at, db, call, snapshot } = client

  async function accountsOf(users: UserDoc[], from: Parameters<typeof find>[0]): Promise<Account[]> {
    const sessions = (await Promise.all(thirties(users.map(user => user.id)).map(ids => find(from, at.sessions.where('user', 'in', ids))))).flat()
    const lastSeen = (id: string) => sessions.reduce<number | null>((latest, session) => session.user === id ? Math.max(latest ?? 0, session.lastSeenAt) : latest, null)
    const rooms = await Promise.all(users.map(async ({ id }) => (await find(from, at.everywhere.where('user', '==', id))).filter(person => person.role !== null).length))
    return users.map((user, index) => ({
      ...personOf(user), email: user.credentials.password ?? null, admin: user.admin, disabledAt: user.disabledAt, createdAt: user.createdAt, lastSeenAt: lastSeen(user.id),
      rooms: rooms[index] ?? 0
    }))
  }

  return {
    // Nobody has more than one of each kind.
    hasAccounts: besides => call(async () => (await find(null, at.credentials.limit(KINDS + 1))).some(({ user }) => user !== besides)),
    credential: (kind, subject) => snapshot(async (tx) => {
      const found = await readOne(tx, at.credential(kind, subject))
      if (!found) return null
      const { user, secretHash, verifiedAt } = found
      return { user, secretHash, verifiedAt, disabled: !isActive(await readOne(tx, at.user(user))) }
    }),
    credentialOf: (kind, user) => snapshot(async (tx) => {
      const subject = (await readOne(tx, at.user(user)))?.credentials[kind]
      const found = subject === undefined ? null : await readOne(tx, at.credential(kind, subject))
      return found && { subject: found.subject, secretHash: found.secretHash, verifiedAt: found.verifiedAt }
    }),
    me: user => call(async () => {
      const account = await readOne(db, at.user(user))
      return isActive(account) ? { ...personOf(account), admin: account.admin, email: account.credentials.password ?? null, google: account.credentials.google !== undefined } : null
    }),
    people: ids => call(async () => ids.length === 0 ? [] : (await readAll(db, [...new Set(ids)].map(at.user))).flatMap(user => user ? [personOf(user)] : [])),
    admins: () => call(async () => (await find(null, at.users.where('admin', '==', true).where('disabledAt', '==', null)))
      .sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id)).map(user => user.id)),
    accounts: ({ search, cursor, limit }) => snapshot(async (tx) => {
      const [name, id] = cursor === undefined ? ['', ''] : decodeCursor(cursor, accountKey)
      const wanted = fold(search.trim())
      let rows: UserDoc[]
      if (wanted === '') {
        // A deleted account has no name.
        const all = at.users.where('folded', '>', '').orderBy('folded').orderBy('__name__')
        rows = await find(tx, (cursor === undefined ? all : all.startAfter(name, at.user(id))).limit(limit + 1))
      } else {
        rows = (await find(tx, at.users.where('grams', 'array-contains', gramOf(wanted)).limit(SEARCHED)))
          .filter(user => user.folded.includes(wanted) || (user.credentials.password !== undefined && fold(user.credentials.password).includes(wanted)))
          .sort((a, b) => compareText(a.folded, b.folded) || compareText(a.id, b.id))
          .filter(user => cursor === undefined || (compareText(user.folded, name) || compareText(user.id, id)) > 0)
      }
      const page = paged(rows, limit, user => user, user => [user.folded, user.id])
      return { ...page, items: await accountsOf(page.items, tx) }
    }),
    settings: () => call(async () => (await readOne(db, at.site))?.settings ?? {}),
    session: idHash => snapshot(async (tx) => {
      const session = await readOne(tx, at.session(idHash))
      const account = session && await readOne(tx, at.user(session.user))
      if (!session || !isActive(account)) return null
      const { id, remember, createdAt, lastSeenAt } = session
      return { id, person: personOf(account), admin: account.admin, remember, createdAt, lastSeenAt }
    }),
    sessions: user => call(async () => (await find(null, at.sessions.where('user', '==', user)))
      .sort((a, b) => b.createdAt - a.createdAt || b.lastSeenAt - a.lastSeenAt || compareText(a.id, b.id))
      .map(({ id, createdAt, lastSeenAt, agent }: SessionDoc) => ({ id, createdAt, lastSeenAt, agent }))),
    goneGuests: (before, cursor) => snapshot(async (tx) => {
      const all = at.everywhere.where('role', '==', 'guest').orderBy('__name__').limit(SLICE)
      const docs = await findDocs(tx, cursor === undefined ? all : all.startAfter(db.doc(decodeCursor(cursor, personPath)[0])))
      const users = [...new Set(docs.map(found => found.data().user))]
      const accounts = await readAll(tx, users.map(at.user))
      const early = new Set(accounts.flatMap(account => account?.kind === 'guest' && account.createdAt < before ? [account.id] : []))
      const sessions = await Promise.all(thirties([...early]).map(ids => find(tx, at.sessions.where('user', 'in', ids))))
      for (const { user } of sessions.flat()) early.delete(user)
      const last = docs.at(-1)
      return {
        items: docs.map(found => found.data()).filter(({ user }) => early.has(user)).map(({ room, user }) => ({ room, user })),
        next: docs.length === SLICE && last ? encodeCursor([last.ref.path]) : null
      }
    })
  }
}
