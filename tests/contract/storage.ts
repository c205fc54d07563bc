import { afterEach, beforeEach, describe } from 'vitest'
import type { Role } from '#shared/types'
import type { AppendResult, Audit, Effect, NewAccount, NewInvite, NewRoom, Precondition, Storage } from '../../server/core/ports'
import { account, change, freshNonce, invite, joins, post, room } from '../support/storage'
import { describeAdmin } from './storage.admin'
import { describeChanges } from './storage.changes'
import { describeGuests } from './storage.guests'
import { describeHistory } from './storage.history'
import { describeInvites } from './storage.invites'
import { describeListing } from './storage.listing'
import { describeModeration } from './storage.moderation'
import { describeNonces } from './storage.nonces'
import { describePeople } from './storage.people'
import { describePrivate } from './storage.private'
import { describeReports } from './storage.reports'
import { describeRooms } from './storage.rooms'

/** One storage to test: new and empty. `reopen` closes it and opens what it kept. */
export interface StorageUnderTest { storage: Storage, reopen: () => Promise<Storage>, close: () => Promise<void> }

type Accepted = Extract<AppendResult, { ok: true }>
interface Rest { nonce?: string | null, at?: number, requires?: Precondition[], audit?: Audit }

/** What the parts of the suite work with. */
export interface World {
  storage: Storage
  reopen: () => Promise<void>
  /** An account in storage; gives its id. */
  person: (overrides?: Partial<NewAccount>) => Promise<string>
  /** A room in storage, of this owner or a new one; gives its id. */
  room: (owner?: string, overrides?: Partial<NewRoom>) => Promise<string>
  /** Somebody new with this role in a room; gives their id. */
  member: (room: string, role?: Role, overrides?: Partial<NewAccount>) => Promise<string>
  /** A valid invite to a room; gives its code's hash. */
  invite: (room: string, overrides?: Partial<NewInvite>) => Promise<string>
  append: (room: string, author: string, effects: Effect | Effect[], rest?: Rest) => Promise<AppendResult>
  /** The same, where it must be accepted. */
  does: (room: string, author: string, effects: Effect | Effect[], rest?: Rest) => Promise<Accepted>
  /** Posts a text; gives the message's id and seq. */
  says: (room: string, author: string, text: string, rest?: Rest & { replyTo?: string }) => Promise<{ message: string, seq: number, nonce: string }>
}

/** The contract of the port `Storage`, for every driver of it. */
export function describeStorage(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`Storage: ${name}`, () => {
    let opened: StorageUnderTest
    const world: World = {
      get storage() { return opened.storage },
      async reopen() { opened.storage = await opened.reopen() },
      async person(overrides) {
        const made = account(overrides)
        await world.storage.createAccount(made)
        return made.id
      },
      async room(owner, overrides) {
        const made = room(owner ?? await world.person(), overrides)
        await world.storage.createRoom(made)
        return made.id
      },
      async member(to, role = 'member', overrides) {
        const user = await world.person(overrides)
        await world.does(to, user, joins(user, role))
        return user
      },
      async invite(to, overrides) {
        const made = invite(to, 'somebody', overrides)
        const refused = await world.storage.createInvite(made, [])
        if (refused) throw new Error(`refused: ${refused}`)
        return made.codeHash
      },
      async append(to, author, effects, rest) {
        const [result] = await world.storage.append([change(to, author, [effects].flat(), rest)])
        if (!result) throw new Error('append gave no result')
        return result
      },
      async does(to, author, effects, rest) {
        const result = await world.append(to, author, effects, rest)
        if (!result.ok) throw new Error(`refused: ${result.refused}`)
        return result
      },
      async says(to, author, text, { replyTo, ...rest } = {}) {
        const nonce = rest.nonce ?? freshNonce()
        const { message, seq } = await world.does(to, author, post(text, { replyTo: replyTo ?? null }), { ...rest, nonce })
        if (message === null) throw new Error('a post gave no message')
        return { message, seq, nonce }
      }
    }
    beforeEach(async () => { opened = await open() })
    afterEach(() => opened.close())

    describeNonces(world)
    describeChanges(world)
    describeHistory(world)
    describeRooms(world)
    describePrivate(world)
    describeListing(world)
    describeInvites(world)
    describeGuests(world)
    describeModeration(world)
    describeReports(world)
    describePeople(world)
    describeAdmin(world)
  })
}
