import type { Transaction } from 'firebase-admin/firestore'
import { isManager } from '../../../core/rules'
import { type Client, findDocs, readAll } from './client'
import type { Layout } from './layout'

/** The invites that somebody made and that are not revoked, to one room or all. */
export function invitesOf(at: Layout, user: string, room?: string) {
  const made = at.invites.where('by', '==', user).where('revokedAt', '==', null)
  return room === undefined ? made : made.where('room', '==', room)
}

/** Reads which of their invites go with the rights of an account: all, or (`active`) those to rooms that they do not run. Gives the way to revoke them, for after all reads. */
export async function planRevocations({ at }: Pick<Client, 'at'>, tx: Transaction, user: string, when: number, active: boolean): Promise<() => void> {
  const made = await findDocs(tx, invitesOf(at, user))
  const rooms = active ? [...new Set(made.map(found => found.data().room))] : []
  const people = rooms.length === 0 ? [] : await readAll(tx, rooms.map(room => at.person(room, user)))
  const run = new Set(people.flatMap(person => person && isManager(person.role) ? [person.room] : []))
  return () => {
    for (const found of made) if (!run.has(found.data().room)) tx.update(found.ref, { revokedAt: when })
  }
}
