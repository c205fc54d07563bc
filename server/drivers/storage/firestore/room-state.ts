import type { Timestamp, Transaction } from 'firebase-admin/firestore'
import type { Append, Control, Effect, Precondition } from '../../../core/ports'
import { type Client, find, findDocs, readAll, thirties } from './client'
import { type AuditDoc, type EventDoc, type InviteDoc, type MessageDoc, type PersonDoc, type RoomDoc, type UserDoc, keyOf, unsafe } from './layout'
import { invitesOf } from './revocations'
import { isNobody } from './standing'

/** What items ask about, by its ids. `makers`: those whose invites may have to be revoked; `sessions`: whether they have any. */
export interface Needs { makers: Set<string>, sessions: Set<string>, people: Set<string>, users: Set<string>, invites: Set<string>, messages: Set<string>, keys: Set<string>, erased: Set<string> }

/** The state of one room inside a transaction: read before, changed in memory, written at the end. */
export interface RoomState {
  room: RoomDoc | null
  /** By user, invite's code (hashed), message's id. What is not among them was not asked for, or is not there. */
  people: Map<string, PersonDoc>
  users: Map<string, UserDoc>
  /** Who has a session. */
  present: Set<string>
  invites: Map<string, InviteDoc>
  messages: Map<string, MessageDoc>
  /** Events by author and nonce. */
  nonces: Map<string, EventDoc>
  /** Edits of a message. */
  edits: Map<string, EventDoc[]>
  /** Events to create, and those of before that change. */
  made: EventDoc[]
  changed: Set<EventDoc>
  changedPeople: Set<string>
  newUsers: UserDoc[]
  changedInvites: Set<string>
  audits: AuditDoc[]
  controls: Control[]
  roomChanged: boolean
}

export const noNeeds = (): Needs => ({ makers: new Set(), sessions: new Set(), people: new Set(), users: new Set(), invites: new Set(), messages: new Set(), keys: new Set(), erased: new Set() })

function needsOfCheck(need: Precondition, needs: Needs): void {
  switch (need.check) {
    case 'account': case 'active': case 'admin': needs.users.add(need.user); break
    case 'gone':
      needs.users.add(need.user)
      needs.sessions.add(need.user)
      break
    case 'access': case 'inside':
      needs.users.add(need.user)
      needs.people.add(need.user)
      break
    case 'not-banned': case 'role': case 'present': case 'not-closed': case 'not-muted': case 'pace': needs.people.add(need.user); break
    case 'outranks':
      for (const user of [need.user, need.target]) {
        needs.people.add(user)
        needs.users.add(user)
      }
      break
    case 'invite': needs.invites.add(need.code); break
    case 'message': case 'author': needs.messages.add(need.message); break
    case 'room': case 'owned': case 'open': case 'password': break
  }
}

function needsOfEffect(author: string, effect: Effect, needs: Needs): void {
  switch (effect.do) {
    case 'arrive': needs.users.add(effect.user); break
    case 'post': needs.people.add(author); break
    case 'erase':
      needs.erased.add(effect.message)
      needs.messages.add(effect.message)
      break
    case 'edit': case 'react': needs.messages.add(effect.message); break
    case 'join':
      needs.people.add(effect.user)
      needs.users.add(effect.user)
      if (effect.invite !== undefined) needs.invites.add(effect.invite)
      break
    case 'leave': case 'remove': case 'role':
      needs.people.add(effect.user)
      needs.users.add(effect.user)
      needs.makers.add(effect.user)
      break
    case 'unban': case 'mute': needs.people.add(effect.user); break
    case 'describe': break
  }
}

export function needsOf(items: readonly Pick<Append, 'author' | 'nonce' | 'requires' | 'effects'>[], needs = noNeeds()): Needs {
  for (const { author, nonce, requires, effects } of items) {
    if (nonce !== null) needs.keys.add(keyOf(author, nonce))
    for (const need of requires) needsOfCheck(need, needs)
    for (const effect of effects) needsOfEffect(author, effect, needs)
  }
  return needs
}

const byKey = <T>(keys: readonly string[], values: readonly (T | null)[]): Map<string, T> =>
  new Map(keys.flatMap((key, index) => { const value = values[index]; return value ? [[key, value] as const] : [] }))

/** Reads what is asked about a room: its document first, on which all else depends. `tries`: seqs of events that earlier tries may have made. */
export async function readState({ at }: Client, tx: Transaction, room: string, needs: Needs, tries: readonly number[] = []): Promise<{ state: RoomState, found: (EventDoc | null)[] }> {
  const [people, users, invites] = [[...needs.people], [...needs.users], [...needs.invites]]
  const documents: unknown[] = await readAll<unknown>(tx, [
    at.room(room), ...people.map(user => at.person(room, user)), ...users.map(at.user), ...invites.map(at.invite), ...tries.map(seq => at.event(room, seq))
  ] as Parameters<typeof readAll>[1])
  const take = <T>(length: number) => documents.splice(0, length) as (T | null)[]
  const state: RoomState = {
    room: take<RoomDoc>(1)[0] ?? null,
    people: byKey(people, take<PersonDoc>(people.length)), users: byKey(users, take<UserDoc>(users.length)), invites: byKey(invites, take<InviteDoc>(invites.length)),
    present: new Set(), messages: new Map(), nonces: new Map(), edits: new Map(), made: [], changed: new Set(), changedPeople: new Set(), newUsers: [], changedInvites: new Set(),
    audits: [], controls: [], roomChanged: false
  }
  const found = take<EventDoc>(tries.length)
  // Where there is no room, as much is read for nothing: one that somebody may not know of would else take longer to be refused.
  const events = at.events(room)
  const [byNonce, messages, edits, made, sessions] = await Promise.all([
    Promise.all(thirties([...needs.keys]).map(keys => find(tx, events.where('key', 'in', keys)))),
    Promise.all(thirties([...needs.messages]).map(ids => find(tx, events.where('id', 'in', ids)))),
    Promise.all(thirties([...needs.erased]).map(ids => find(tx, events.where('edits', 'in', ids)))),
    Promise.all([...needs.makers].map(user => findDocs(tx, invitesOf(at, user, room)))),
    Promise.all(thirties([...needs.sessions]).map(users => find(tx, at.sessions.where('user', 'in', users))))
  ])
  if (!state.room) return { state, found }
  for (const found of made.flat()) if (!state.invites.has(unsafe(found.id))) state.invites.set(unsafe(found.id), found.data())
  for (const { user } of sessions.flat()) state.present.add(user)
  // One object for one event, however it was found: it may be changed.
  const known = new Map<number, EventDoc>()
  const once = (event: EventDoc) => known.get(event.seq) ?? (known.set(event.seq, event), event)
  for (const event of byNonce.flat()) if (event.key !== null) state.nonces.set(event.key, once(event))
  for (const event of messages.flat().map(once)) if (isMessage(event)) state.messages.set(event.id, event)
  for (const event of edits.flat().map(once)) if (event.edits !== undefined) state.edits.set(event.edits, [...state.edits.get(event.edits) ?? [], event])
  return { state, found }
}

export const isMessage = (event: EventDoc): event is MessageDoc => event.id !== undefined

/** Writes what was changed. Nothing where nothing was. */
export function writeState(client: Client, tx: Transaction, state: RoomState): void {
  const { at, serverTime } = client
  const { room } = state
  if (!room) return
  if (state.roomChanged) tx.set(at.room(room.id), { ...room, touched: serverTime() as unknown as Timestamp })
  for (const event of state.made) tx.create(at.event(room.id, event.seq), event)
  for (const event of state.changed) if (!state.made.includes(event)) tx.set(at.event(room.id, event.seq), event)
  for (const user of state.changedPeople) {
    const person = state.people.get(user)
    if (!person) continue
    if (isNobody(person)) tx.delete(at.person(room.id, user))
    else tx.set(at.person(room.id, user), person)
  }
  for (const user of state.newUsers) tx.create(at.user(user.id), user)
  for (const code of state.changedInvites) { const invite = state.invites.get(code); if (invite) tx.set(at.invite(code), invite) }
  for (const audit of state.audits) tx.create(at.audit(room.id, audit.n), audit)
}

export const hasWrites = (state: RoomState): boolean => state.roomChanged || state.newUsers.length > 0
