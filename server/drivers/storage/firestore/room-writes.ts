import type { Timestamp, Transaction } from 'firebase-admin/firestore'
import type { NewRoom, RoomStore } from '../../../core/ports'
import type { Room } from '#shared/types'
import { type Client, readAll, readOne } from './client'
import type { Watcher } from './controls'
import { type RoomDoc, rankOf } from './layout'
import { fold, gramsOf } from './names'
import { auditSite, readSite } from './site'
import { isActive, roleIn, roomOf, shownTo } from './standing'

type RoomWrites = Pick<RoomStore, 'createRoom' | 'deleteRoom' | 'markRead'>

const SLUG = 80

/** Reads what a new room needs; gives the way to write it, so that others may read before that in the same transaction. null: its owner may have none. */
export async function planRoom({ at }: Client, { note }: Watcher, tx: Transaction, room: NewRoom, owner?: { folded: string }): Promise<{ room: Room, write: () => void } | null> {
  const [account, made] = await Promise.all([readOne(tx, at.user(room.owner)), readOne(tx, at.room(room.id))])
  if (made) return { room: roomOf(made), write: () => {} }
  if (!owner && (!isActive(account) || account.kind === 'guest')) return null
  const slug = await freeSlug(async (wanted) => {
    const taken = await readAll(tx, wanted.map(at.slug))
    return wanted.find((_, index) => taken[index] === null) ?? null
  }, room.slug)
  const { id, name, topic, at: createdAt, visibility, listed } = room
  const passwordHash = visibility === 'private' ? room.passwordHash : null
  const document: RoomDoc = {
    id, slug, name, folded: fold(name), grams: gramsOf(fold(name)), topic, visibility, listed, passwordHash, passwordVersion: passwordHash === null ? 0 : 1, slowModeSeconds: 0,
    closedAt: null, guests: true, archivedAt: null, archived: false, ownerId: room.owner, seq: 0, lastMessageSeq: null, lastMessageAt: null, createdAt, place: createdAt,
    shown: shownTo(room), audits: 1
  }
  return {
    room: roomOf(document),
    write() {
      tx.create(at.room(id), document)
      tx.create(at.slug(slug), { room: id })
      tx.create(at.person(id, room.owner), {
        user: room.owner, room: id, role: 'owner', rank: rankOf('owner'), folded: owner?.folded ?? account?.folded ?? '', cameBy: 'self', passwordVersion: 0, joinedSeq: 0, readSeq: 0
      })
      tx.create(at.audit(id, 1), { n: 1, action: 'room-created', by: room.owner, at: createdAt, target: null, detail: '' })
      note(tx, [{ kind: 'joined', room: id, user: room.owner }])
    }
  }
}

/** The wanted one, or with `-2`, `-3` … where it is taken; a few at a time. */
async function freeSlug(free: (wanted: string[]) => Promise<string | null>, wanted: string): Promise<string> {
  const slugs = (from: number, length: number) => Array.from({ length }, (_, index) => {
    const suffix = `-${from + index}`
    return [...wanted].slice(0, SLUG - suffix.length).join('') + suffix
  })
  let slug = await free([wanted])
  for (let from = 2; slug === null; from += 10) slug = await free(slugs(from, 10))
  return slug
}

/** `sweep`: begins to remove what is doomed. */
export function createRoomWrites(client: Client, watcher: Watcher, sweep: () => void): RoomWrites {
  const { at } = client
  return {
    createRoom: room => client.transaction(async (tx) => {
      const plan = await planRoom(client, watcher, tx, room)
      plan?.write()
      return plan?.room ?? null
    }),
    async deleteRoom({ room, by, at: when }) {
      const outcome = await client.inTurn(['site', room], async (tx, { unsure }) => {
        const site = await readSite(client, tx)
        const [found, account, doomed] = [await readOne(tx, at.room(room)), await readOne(tx, at.user(by)), await readOne(tx, at.doom(room))]
        if (!found) return unsure && doomed ? 'deleted' : 'none'
        if (found.ownerId !== by && !(isActive(account) && account.admin)) return 'refused'
        tx.delete(at.room(room))
        tx.delete(at.slug(found.slug))
        tx.set(at.doom(room), { room })
        auditSite(client, tx, site, { action: 'room-deleted', by, at: when, target: found.ownerId, detail: found.visibility })
        watcher.note(tx, [{ kind: 'room-deleted', room }])
        return 'deleted'
      })
      if (outcome === 'deleted') sweep()
      return outcome
    },
    markRead: (room, user, seq) => client.transaction(async (tx) => {
      const [head, person] = await Promise.all([readOne(tx, at.room(room)), readOne(tx, at.person(room, user))])
      if (!head || !person || roleIn(head, person) === null) return null
      const readSeq = Math.min(seq, head.seq)
      if (readSeq <= person.readSeq) return null
      tx.update(at.person(room, user), { readSeq, readAt: client.serverTime() as unknown as Timestamp, readOf: watcher.origin })
      return readSeq
    })
  }
}
