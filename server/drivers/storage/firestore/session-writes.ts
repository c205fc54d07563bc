import type { Transaction } from 'firebase-admin/firestore'
import { limits } from '#shared/limits'
import type { PeopleStore } from '../../../core/ports'
import { type Client, find, readAll, readOne } from './client'
import type { Watcher } from './controls'
import { compareText } from './names'
import { isActive } from './standing'

type SessionWrites = Pick<PeopleStore, 'createSession' | 'touchSession' | 'endSessions' | 'endStaleSessions'>

/** Written in one transaction. */
const SLICE = 200

/** Ends these sessions in a transaction that has done its reading, and leaves word of it. */
export function endEach({ at }: Client, { note }: Watcher, tx: Transaction, sessions: readonly string[]): void {
  for (const session of sessions) tx.delete(at.session(session))
  note(tx, sessions.map(session => ({ kind: 'session-ended', session })))
}

export function createSessionWrites(client: Client, watcher: Watcher): SessionWrites {
  const { at } = client

  async function endAll(sessions: readonly string[]): Promise<string[]> {
    for (let from = 0; from < sessions.length; from += SLICE) {
      const slice = sessions.slice(from, from + SLICE)
      await client.transaction(async tx => endEach(client, watcher, tx, slice))
    }
    return [...sessions]
  }

  return {
    async createSession({ idHash, user, remember, at: createdAt, agent, opened }) {
      // Of all tries: the one that was committed may have looked lost. What is still there when it is tried again was not ended.
      const ended = new Set<string>()
      const begun = await client.transaction(async (tx) => {
        const account = await readOne(tx, at.user(user))
        if (!isActive(account)) return false
        const subject = opened === undefined ? undefined : account.credentials.password
        if (opened !== undefined && (subject === undefined || (await readOne(tx, at.credential('password', subject)))?.secretHash !== opened)) return false
        const others = (await find(tx, at.sessions.where('user', '==', user))).filter(({ id }) => id !== idHash)
          .sort((a, b) => b.lastSeenAt - a.lastSeenAt || b.createdAt - a.createdAt || compareText(a.id, b.id))
        const beyond = others.slice(limits.sessionsPerPerson - 1).map(({ id }) => id)
        for (const { id } of others) ended.delete(id)
        tx.set(at.session(idHash), { id: idHash, user, remember, createdAt, lastSeenAt: createdAt, agent })
        for (const session of beyond) ended.add(session)
        endEach(client, watcher, tx, beyond)
        return true
      })
      return begun ? [...ended] : null
    },
    touchSession: (idHash, when) => client.transaction(async (tx) => {
      const session = await readOne(tx, at.session(idHash))
      if (session && session.lastSeenAt < when) tx.update(at.session(idHash), { lastSeenAt: when })
    }),
    async endSessions(user, { id, except }) {
      const found = await client.call(async () => id === undefined
        ? find(null, at.sessions.where('user', '==', user))
        : (await readAll(client.db, [at.session(id)])).flatMap(session => session?.user === user ? [session] : []))
      return endAll(found.map(session => session.id).filter(session => session !== except))
    },
    async endStaleSessions({ remembered, others }) {
      const stale = await Promise.all(([[true, remembered], [false, others]] as const).map(([remember, before]) =>
        client.call(() => find(null, at.sessions.where('remember', '==', remember).where('lastSeenAt', '<', before).orderBy('lastSeenAt').limit(1_000)))))
      return endAll(stale.flat().map(session => session.id))
    }
  }
}
