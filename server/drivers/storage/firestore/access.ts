import type { Transaction } from 'firebase-admin/firestore'
import type { Access, RoomKey } from '../../../core/ports'
import { type Client, find, readAll } from './client'
import type { PersonDoc, RoomDoc, UserDoc } from './layout'
import { isLost, roleIn, roomOf } from './standing'

/** A room and how somebody stands in it, as the documents say it. */
export interface Standing { room: RoomDoc, person: PersonDoc | null, access: Access }

export function accessOf(room: RoomDoc, person: PersonDoc | null, user: UserDoc | null): Access {
  const role = roleIn(room, person)
  return {
    room: roomOf(room), role, cameBy: role === null ? null : person?.cameBy ?? null, lost: isLost(room, person), banned: person?.bannedAt !== undefined,
    mutedUntil: person?.mutedUntil ?? null, kind: user?.kind ?? null
  }
}

/** Reads a room together with somebody's standing in it: three documents. */
export async function readAccess({ at }: Client, tx: Transaction, key: RoomKey, viewer: string | null): Promise<Standing | null> {
  const bySlug = 'slug' in key ? await find(tx, at.rooms.where('slug', '==', key.slug).limit(1)) : null
  // Where there is none, as much is read for nothing: a room that somebody may not know of would else take twice as long.
  const id = 'id' in key ? key.id : bySlug?.[0]?.id ?? '-'
  const [first = null, person = null, user = null]: unknown[] = await readAll<unknown>(tx, [
    ...bySlug ? [] : [at.room(id)], ...viewer === null ? [] : [at.person(id, viewer), at.user(viewer)]
  ] as unknown as Parameters<typeof readAll>[1]).then(found => bySlug ? [bySlug[0] ?? null, ...found] : found)
  const room = first as RoomDoc | null
  return room && { room, person: person as PersonDoc | null, access: accessOf(room, person as PersonDoc | null, user as UserDoc | null) }
}
