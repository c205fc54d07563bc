import { describe, expect, it } from 'vitest'
import type { Identity } from '../../server/core/chat'
import { mayKnow, mayRead } from '../../server/core/policy'
import type { Effect, NewRoom } from '../../server/core/ports'
import { allPages, change, joins } from '../support/storage'
import type { World } from './storage'

const settings: Record<string, Partial<NewRoom>> = {
  'open': {}, 'open, once hidden': { listed: false },
  'listed': { visibility: 'private' }, 'listed, with a password': { visibility: 'private', passwordHash: 'first' },
  'unlisted': { visibility: 'private', listed: false }, 'unlisted, with a password': { visibility: 'private', listed: false, passwordHash: 'first' }
}
const people = { member: {}, admin: { admin: true }, guest: { kind: 'guest' } } as const

/** How somebody comes to stand in a room: what they do, and what is done to them after that. */
interface Standing { cameBy?: 'self' | 'invite' | 'password', after?: (user: string) => Effect }
const standings: Record<string, Standing> = {
  'never inside': {}, 'inside': { cameBy: 'self' }, 'inside by an invite': { cameBy: 'invite' }, 'inside by a password of before': { cameBy: 'password' },
  'gone': { cameBy: 'invite', after: user => ({ do: 'leave', user }) }, 'removed': { cameBy: 'invite', after: user => ({ do: 'remove', user, ban: false }) },
  'banned': { cameBy: 'invite', after: user => ({ do: 'remove', user, ban: true }) }, 'banned before they came': { after: user => ({ do: 'remove', user, ban: true }) },
  'muted': { cameBy: 'invite', after: user => ({ do: 'mute', user, until: 9_000_000 }) }
}

/** The list of rooms is one query, and the policy is code: both must say the same of everybody. */
export function describeListing(world: World): void {
  describe('the list of rooms', () => {
    it('has those that the policy lets somebody read or know of, and no other', async () => {
      const owner = await world.person()
      const rooms = new Map(await Promise.all(Object.entries(settings).map(async ([name, overrides]) => [await world.room(owner, overrides), name] as const)))
      const who = await Promise.all(Object.entries(people).flatMap(([kind, overrides]) => Object.entries(standings).map(async ([name, standing]) =>
        ({ user: await world.person(overrides), role: kind === 'guest' ? 'guest' as const : 'member' as const, name: `${kind}, ${name}`, ...standing }))))
      await Promise.all([...rooms].map(async ([room, name]) => {
        const all = [
          ...who.flatMap(({ user, role, cameBy }) => cameBy ? [change(room, user, [joins(user, role, cameBy)])] : []),
          ...name.includes('password') ? [change(room, owner, [{ do: 'describe', passwordHash: 'second' }])] : [],
          ...who.flatMap(({ user, after }) => after ? [change(room, owner, [after(user)])] : [])
        ]
        expect((await world.storage.append(all)).filter(({ ok }) => !ok)).toEqual([])
      }))

      for (const { user, name } of [...who, { user: null, name: 'visitor' }]) {
        const viewer = user === null ? null : { person: { id: user } } as Identity
        const allowed = await Promise.all([...rooms].map(async ([room, name]) => {
          const access = await world.storage.access({ id: room }, user)
          return access && (mayRead(access, viewer, { public: true }) || mayKnow(access)) ? [name] : []
        }))
        const listed = await allPages(page => world.storage.rooms(user, { search: '', sort: 'name', archived: false, ...page }), 100)
        expect(listed.flatMap(({ id }) => rooms.get(id) ?? []).sort(), name).toEqual(allowed.flat().sort())
      }
    })
  })
}
