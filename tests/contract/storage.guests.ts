import { describe, expect, it } from 'vitest'
import type { Credential } from '../../server/core/ports'
import { change, freshId, freshNonce, joins, post } from '../support/storage'
import type { World } from './storage'

const framesOf = (events: readonly { json: string }[]): unknown[] => events.map(event => JSON.parse(event.json))

/** Guests: a name and in, by an invite. */
export function describeGuests(world: World): void {
  const credential = (overrides: Partial<Credential> = {}): Credential => ({ kind: 'password', subject: `${freshId()}@example.org`, secretHash: 'hash', verifiedAt: null, ...overrides })
  const arrives = (room: string, user: string, code: string, rest: { nonce?: string } = {}) =>
    change(room, user, [{ do: 'arrive', user, name: 'Gast' }, joins(user, 'guest', 'invite', code)], { at: 2_000, requires: [{ check: 'room' }, { check: 'open' }, { check: 'invite', code }], ...rest })
  const arrived = async (room: string) => {
    const user = freshId('g')
    await world.storage.append([arrives(room, user, await world.invite(room, { role: 'guest' }))])
    return user
  }

  const session = async (user: string) => {
    const idHash = freshId('s')
    expect(await world.storage.createSession({ idHash, user, remember: true, at: 3_000, agent: '' })).toEqual([])
    return idHash
  }
  /** Everybody who is found gone, by room, whatever piece they are in. */
  async function gone(before = 1_000_000): Promise<[string, string][]> {
    const found: { room: string, user: string }[] = []
    for (let cursor: string | undefined; ;) {
      const { items, next } = await world.storage.goneGuests(before, cursor)
      found.push(...items)
      if (next === null) return found.map(({ room, user }): [string, string] => [room, user]).sort()
      cursor = next
    }
  }
  const leaves = (room: string, user: string) =>
    world.storage.append([change(room, user, [{ do: 'leave', user, forGood: true }], { nonce: null, requires: [{ check: 'gone', user }] })])

  describe('a guest', () => {
    it('gets an account and comes in, in one commit, or neither', async () => {
      const room = await world.room(undefined, { visibility: 'private' })
      const [first, second, code] = [freshId('g'), freshId('g'), await world.invite(room, { role: 'guest', uses: 1 })]
      const [came, refused] = await world.storage.append([arrives(room, first, code), arrives(room, second, code)])
      expect(came?.ok && framesOf(came.events)).toMatchObject([{ kind: 'join', author: first, data: { role: 'guest', cameBy: 'invite' } }])
      expect(refused).toEqual({ ok: false, refused: 'invite' })
      expect(await world.storage.people([first, second])).toEqual([{ id: first, name: 'Gast', kind: 'guest' }])
      expect(await world.storage.access({ id: room }, first)).toMatchObject({ role: 'guest', kind: 'guest' })
      expect(await world.storage.me(first)).toEqual({ id: first, name: 'Gast', kind: 'guest', admin: false, email: null, google: false })
      expect(await world.storage.hasAccounts(first)).toBe(true)
    })

    it('who tries again comes once', async () => {
      const room = await world.room()
      const [user, nonce, code] = [freshId('g'), freshNonce(), await world.invite(room, { role: 'guest', uses: 5 })]
      const [first, again] = await world.storage.append([arrives(room, user, code, { nonce }), arrives(room, user, code, { nonce })])
      expect([first, again]).toMatchObject([{ ok: true, duplicate: false, seq: 1 }, { ok: true, duplicate: true, seq: 1 }])
      expect(await world.storage.invites(room)).toMatchObject([{ uses: 1 }])
    })

    it('stands nowhere where guests are switched off, and can\'t come in; switched on, stands again', async () => {
      const room = await world.room()
      const [guest, late] = [await arrived(room), freshId('g')]
      const { events } = await world.does(room, freshId(), { do: 'describe', guests: false })
      expect(framesOf(events)).toMatchObject([{ data: { guests: false, recheck: true } }])
      expect(await world.storage.access({ id: room }, guest)).toMatchObject({ role: null, kind: 'guest' })
      expect(await world.append(room, guest, post('hello'), { requires: [{ check: 'access', user: guest }] })).toEqual({ ok: false, refused: 'access' })
      expect(await world.storage.append([arrives(room, late, await world.invite(room))])).toEqual([{ ok: false, refused: 'access' }])
      expect(await world.storage.people([late])).toEqual([])
      await world.does(room, freshId(), { do: 'describe', guests: true })
      expect(await world.storage.access({ id: room }, guest)).toMatchObject({ role: 'guest' })
    })

    it('can\'t come in in the same batch in which guests are switched off', async () => {
      const room = await world.room()
      const code = await world.invite(room)
      const results = await world.storage.append([change(room, freshId(), [{ do: 'describe', guests: false }]), arrives(room, freshId('g'), code)])
      expect(results[1]).toEqual({ ok: false, refused: 'access' })
    })

    it('who signs up keeps id, messages and rooms, as a member', async () => {
      const [room, other] = [await world.room(undefined, { visibility: 'private' }), await world.room()]
      const guest = await arrived(room)
      await world.storage.append([arrives(other, guest, await world.invite(other))])
      await world.says(room, guest, 'hello')
      const given = credential()
      expect(await world.storage.upgradeGuest({ user: guest, name: 'Grace', credential: given, at: 5_000 })).toBe('done')
      expect(await world.storage.me(guest)).toEqual({ id: guest, name: 'Grace', kind: 'member', admin: false, email: given.subject, google: false })
      expect([...(await world.storage.memberships(guest)).keys()].sort()).toEqual([room, other].sort())
      expect(await world.storage.access({ id: room }, guest)).toMatchObject({ role: 'member', kind: 'member' })
      expect((await world.storage.page(room, guest, { limit: 1 }))?.messages).toMatchObject([{ author: guest, text: 'hello' }])
      expect(await world.storage.upgradeGuest({ user: guest, name: 'Again', credential: credential(), at: 5_000 })).toBe('none')
    })

    it('who signs up does not come back where guests were switched off', async () => {
      const room = await world.room(undefined, { visibility: 'private' })
      const guest = await arrived(room)
      await world.does(room, freshId(), { do: 'describe', guests: false })
      await world.storage.upgradeGuest({ user: guest, name: 'Grace', credential: credential(), at: 5_000 })
      expect(await world.storage.access({ id: room }, guest)).toMatchObject({ role: null, kind: 'member' })
    })

    it('can\'t sign up with an address that is taken, and nobody else can this way', async () => {
      const [room, member] = [await world.room(), await world.person()]
      const guest = await arrived(room)
      const taken = credential()
      await world.storage.addCredential(await world.person({ credential: credential({ kind: 'google' }) }), taken)
      expect(await world.storage.upgradeGuest({ user: guest, name: 'Grace', credential: taken, at: 5_000 })).toBe('taken')
      expect(await world.storage.people([guest])).toEqual([{ id: guest, name: 'Gast', kind: 'guest' }])
      for (const user of [member, freshId()]) expect(await world.storage.upgradeGuest({ user, name: 'X', credential: credential(), at: 5_000 })).toBe('none')
    })
  })

  describe('a guest who can\'t come back', () => {
    it('is one without any session, who came long enough ago; found in every room that they are in', async () => {
      const [room, other] = [await world.room(), await world.room()]
      const [left, here] = [await arrived(room), await arrived(room)]
      await world.storage.append([change(other, left, [joins(left, 'guest', 'invite', await world.invite(other))])])
      await world.member(room)
      const ended = await session(left)
      await session(here)
      expect(await gone()).toEqual([])
      await world.storage.endSessions(left, { id: ended })
      expect(await gone()).toEqual([[room, left], [other, left]].sort())
      expect(await gone(2_000), 'their session may be on its way').toEqual([])
      expect(await gone(2_001)).toHaveLength(2)
    })

    it('is found also where guests are switched off, and however many are in front of them', async () => {
      const room = await world.room()
      const code = await world.invite(room)
      const many = Array.from({ length: 520 }, () => freshId('g'))
      await world.storage.append(many.map(user => arrives(room, user, code)))
      await world.does(room, freshId(), { do: 'describe', guests: false })
      expect((await gone()).map(([, user]) => user).sort()).toEqual([...many].sort())
    })

    it('leaves, once; their account and messages stay, and nothing of how they were held back', async () => {
      const room = await world.room()
      const guest = await arrived(room)
      await world.says(room, guest, 'hello')
      await world.does(room, freshId(), { do: 'mute', user: guest, until: 9_000_000 })
      const [first, second] = await Promise.all([leaves(room, guest), leaves(room, guest)])
      const events = [...first, ...second].flatMap(result => result.ok ? result.events : expect.fail('refused'))
      expect(framesOf(events)).toMatchObject([{ kind: 'leave', author: guest, data: {} }])
      expect(await gone()).toEqual([])
      expect((await world.storage.members(room, { limit: 10 })).items.map(({ id }) => id)).not.toContain(guest)
      expect(await world.storage.access({ id: room }, guest)).toMatchObject({ role: null, mutedUntil: null, lost: false })
      expect(await world.storage.people([guest])).toEqual([{ id: guest, name: 'Gast', kind: 'guest' }])
      expect((await world.storage.page(room, null, { limit: 1 }))?.messages).toMatchObject([{ author: guest, text: 'hello' }])
    })

    it('stays banned', async () => {
      const room = await world.room()
      const guest = await arrived(room)
      await world.does(room, freshId(), { do: 'remove', user: guest, ban: true })
      expect(await gone()).toEqual([])
      expect(await leaves(room, guest)).toMatchObject([{ ok: true, events: [] }])
      expect((await world.storage.bans(room, { limit: 5 })).items).toMatchObject([{ id: guest }])
    })

    it('is nobody who has a session by then, or made an account, or never was a guest', async () => {
      const room = await world.room()
      const [back, upgraded, member] = [await arrived(room), await arrived(room), await world.member(room)]
      expect(await gone()).toHaveLength(2)
      await session(back)
      await world.storage.upgradeGuest({ user: upgraded, name: 'Grace', credential: credential(), at: 5_000 })
      for (const user of [back, upgraded, member, freshId()]) expect(await leaves(room, user)).toEqual([{ ok: false, refused: 'gone' }])
      expect(await gone()).toEqual([])
      expect((await world.storage.members(room, { limit: 10 })).items.map(({ id }) => id)).toEqual(expect.arrayContaining([back, upgraded, member]))
    })

    it('who makes an account while they are taken out loses nothing, or was out before', async () => {
      const room = await world.room()
      const guests = await Promise.all(Array.from({ length: 10 }, () => arrived(room)))
      const outcomes = await Promise.all(guests.flatMap(user => [
        leaves(room, user).then(([result]) => result?.ok), world.storage.upgradeGuest({ user, name: 'Grace', credential: credential(), at: 5_000 })
      ]))
      for (const [n, user] of guests.entries()) {
        expect(outcomes[2 * n + 1]).toBe('done')
        expect((await world.storage.access({ id: room }, user))?.role).toBe(outcomes[2 * n] ? null : 'member')
      }
    })
  })
}
