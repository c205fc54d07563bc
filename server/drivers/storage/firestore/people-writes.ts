import type { Transaction } from 'firebase-admin/firestore'
import { ChatError } from '#shared/errors'
import type { Credential, NewAccount, PeopleStore } from '../../../core/ports'
import { type Client, find, readAll, readOne } from './client'
import type { Watcher } from './controls'
import type { Sweeper } from './doomed'
import { KINDS, type UserDoc, rankOf } from './layout'
import { fold, gramsOf } from './names'
import { planRevocations } from './revocations'
import { planRoom } from './room-writes'
import { endEach } from './session-writes'
import { readSite } from './site'
import { isActive, roleIn } from './standing'

type PeopleWrites = Pick<PeopleStore, 'firstAccount' | 'createAccount' | 'setSecret' | 'addCredential' | 'verifyCredential' | 'upgradeGuest' | 'rename' | 'deleteAccount'>

/** Written in one transaction. */
const SLICE = 200

/** What depends on a name, and on what an account is found by besides. */
export const named = (name: string, ...more: string[]) => ({ name, folded: fold(name), grams: gramsOf(fold(name), ...more.map(fold)) })
export const subjectsOf = (credentials: UserDoc['credentials']) => credentials.password === undefined ? [] : [credentials.password]

export function createPeopleWrites(client: Client, watcher: Watcher, sweeper: Sweeper): PeopleWrites {
  const { at } = client
  const { note } = watcher

  const putCredential = (tx: Transaction, user: string, credential: Credential) => tx.create(at.credential(credential.kind, credential.subject), { ...credential, user })
  const userOf = ({ id, name, kind, admin, at: createdAt, credential }: NewAccount): UserDoc => {
    const credentials = { [credential.kind]: credential.subject }
    return { id, ...named(name, ...subjectsOf(credentials)), kind, admin, disabledAt: null, createdAt, credentials }
  }
  function putAccount(tx: Transaction, account: NewAccount): void {
    tx.create(at.user(account.id), userOf(account))
    putCredential(tx, account.id, account.credential)
  }

  /** What rooms sort their members by. After the name itself: until then a list is in an old order, no more. */
  async function spreadName(user: string, folded: string): Promise<void> {
    const rooms = (await client.call(() => find(null, at.everywhere.where('user', '==', user)))).filter(person => person.role !== null).map(person => person.room)
    for (let from = 0; from < rooms.length; from += SLICE) {
      const slice = rooms.slice(from, from + SLICE)
      await client.transaction(async (tx) => {
        const people = await readAll(tx, slice.map(room => at.person(room, user)))
        for (const person of people) if (person?.role) tx.update(at.person(person.room, user), { folded })
      })
    }
  }

  return {
    createAccount: account => client.transaction(async (tx) => {
      const taken = await readOne(tx, at.credential(account.credential.kind, account.credential.subject))
      if (taken) return taken.user === account.id
      putAccount(tx, account)
      return true
    }),
    firstAccount: (account, room) => client.transaction(async (tx) => {
      const site = await readSite(client, tx)
      const [somebody] = await find(tx, at.credentials.limit(1))
      if (somebody) return somebody.user === account.id
      const plan = await planRoom(client, watcher, tx, room, userOf(account))
      tx.set(at.site, { ...site, changes: site.changes + 1 })
      putAccount(tx, account)
      plan?.write()
      return true
    }),
    async setSecret(kind, user, secretHash, { was, endSessions } = {}) {
      // Of all tries: the one that was committed may have looked lost.
      const ended = new Set<string>()
      const set = await client.transaction(async (tx) => {
        const subject = (await readOne(tx, at.user(user)))?.credentials[kind]
        const found = subject === undefined ? null : await readOne(tx, at.credential(kind, subject))
        // A repeated try finds the new one.
        if (!found || (was !== undefined && ![was, secretHash].includes(found.secretHash))) return false
        const open = endSessions ? (await find(tx, at.sessions.where('user', '==', user))).map(({ id }) => id).filter(id => id !== endSessions.except) : []
        tx.update(at.credential(kind, found.subject), { secretHash })
        for (const session of open) ended.add(session)
        endEach(client, watcher, tx, open)
        return true
      })
      return set ? [...ended] : null
    },
    addCredential: (user, credential) => client.transaction(async (tx) => {
      const { kind, subject } = credential
      const [taken, account] = [await readOne(tx, at.credential(kind, subject)), await readOne(tx, at.user(user))]
      // The same again is a repeated try.
      if (taken) return taken.user === user && taken.secretHash === credential.secretHash
      if (!account || account.name === '' || account.credentials[kind] !== undefined) return false
      const credentials = { ...account.credentials, [kind]: subject }
      tx.set(at.user(user), { ...account, ...named(account.name, ...subjectsOf(credentials)), credentials })
      putCredential(tx, user, credential)
      return true
    }),
    verifyCredential: (kind, user, subject, when) => client.transaction(async (tx) => {
      const found = await readOne(tx, at.credential(kind, subject))
      if (found?.user !== user) return false
      if (found.verifiedAt === null) tx.update(at.credential(kind, subject), { verifiedAt: when })
      return true
    }),
    upgradeGuest: ({ user, name, credential }) => client.transaction(async (tx) => {
      const [taken, account] = [await readOne(tx, at.credential(credential.kind, credential.subject)), await readOne(tx, at.user(user))]
      if (taken) return taken.user === user ? 'done' : 'taken'
      if (!isActive(account) || account.kind !== 'guest') return 'none'
      const credentials = { [credential.kind]: credential.subject }
      const people = (await find(tx, at.everywhere.where('user', '==', user))).filter(person => person.role === 'guest')
      const rooms = people.length === 0 ? [] : await readAll(tx, people.map(person => at.room(person.room)))
      const { folded, ...rest } = named(name, ...subjectsOf(credentials))
      tx.set(at.user(user), { ...account, ...rest, folded, kind: 'member', credentials })
      putCredential(tx, user, credential)
      people.forEach((person, index) => {
        const room = rooms[index]
        // Not where guests may not be any more: signing up is no way back in.
        if (room && roleIn(room, person) !== null) tx.set(at.person(person.room, user), { ...person, role: 'member', rank: rankOf('member'), folded })
      })
      note(tx, [{ kind: 'person-changed', user }])
      return 'done'
    }),
    async rename(user, name) {
      const changed = await client.transaction(async (tx) => {
        const account = await readOne(tx, at.user(user))
        if (!isActive(account)) return false
        tx.set(at.user(user), { ...account, ...named(name, ...subjectsOf(account.credentials)) })
        note(tx, [{ kind: 'person-changed', user }])
        return true
      })
      if (changed) await spreadName(user, fold(name))
    },
    async deleteAccount(user, when) {
      const outcome = await client.transaction(async (tx) => {
        const [site, account] = [await readSite(client, tx), await readOne(tx, at.user(user))]
        const admin = account?.admin && account.disabledAt === null
        if (admin) {
          const others = (await find(tx, at.users.where('admin', '==', true).where('disabledAt', '==', null).limit(2))).filter(other => other.id !== user)
          const somebody = others.length > 0 || (await find(tx, at.credentials.limit(KINDS + 1))).some(credential => credential.user !== user)
          if (others.length === 0 && somebody) return 'last-admin'
        }
        if (!account) return null
        const sessions = await find(tx, at.sessions.where('user', '==', user))
        const revoke = await planRevocations(client, tx, user, when, false)
        if (admin) tx.set(at.site, { ...site, changes: site.changes + 1 })
        revoke()
        endEach(client, watcher, tx, sessions.map(({ id }) => id))
        tx.set(at.user(user), { ...account, name: '', folded: '', grams: [], admin: false, disabledAt: when, credentials: {} })
        for (const [kind, subject] of Object.entries(account.credentials)) tx.delete(at.credential(kind as Credential['kind'], subject))
        tx.set(at.doom(`account ${user}`), { user, at: when })
        note(tx, [{ kind: 'person-changed', user }])
        return null
      })
      if (outcome !== null) return outcome
      // Whatever let them in or listen is gone. The rest goes on later, also after a crash: it is no reason to say that nothing happened.
      return client.call(async () => {
        const rooms = await sweeper.account(user, when)
        await at.doom(`account ${user}`).delete()
        return rooms
      }, 6 * client.deadline).catch((error: unknown) => {
        if (!(error instanceof ChatError)) throw error
        return []
      })
    }
  }
}
