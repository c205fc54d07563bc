import { describe, expect, it } from 'vitest'
import type { Precondition } from '../../server/core/ports'
import { allPages, change, freshId, joins, post, room as newRoom } from '../support/storage'
import type { World } from './storage'

const framesOf = (events: readonly { json: string }[]): unknown[] => events.map(event => JSON.parse(event.json))
const list = { search: '', sort: 'name', archived: false, limit: 50 } as const

/** Private rooms: who stands in them, what their settings do, who finds them. */
export function describePrivate(world: World): void {
  const closed = (overrides: { listed?: boolean, passwordHash?: string | null } = {}) => world.room(undefined, { visibility: 'private', passwordHash: 'first', ...overrides })
  const roleOf = async (room: string, user: string) => (await world.storage.access({ id: room }, user))?.role
  const access = (user: string): Precondition[] => [{ check: 'access', user }]
  const byPassword = async (room: string, user: string) => {
    const version = (await world.storage.roomPassword(room))?.version ?? -1
    return world.append(room, user, joins(user, 'member', 'password'), { requires: [{ check: 'password', version }] })
  }

  describe('whoever is no longer in a room', () => {
    const lostIn = async (room: string, user: string) => {
      const listed = (await world.storage.rooms(user, list)).items.find(one => one.id === room)
      return [(await world.storage.access({ id: room }, user))?.lost, listed?.lost]
    }

    it.each([['public', {}], ['private', { visibility: 'private' }]] as const)('because they were removed, is told so in a %s one until they come back', async (_, settings) => {
      const owner = await world.person()
      const room = await world.room(owner, settings)
      const [user, other] = [await world.member(room), await world.person()]
      expect([await lostIn(room, user), await lostIn(room, other)]).toEqual([[false, false], [false, false]])
      await world.does(room, owner, { do: 'remove', user, ban: false })
      expect([await lostIn(room, user), await lostIn(room, other)]).toEqual([[true, true], [false, false]])
      expect(await world.storage.page(room, user, { limit: 1 })).toMatchObject({ access: { lost: true } })
      await world.does(room, user, joins(user, 'member', 'invite'))
      expect(await lostIn(room, user)).toEqual([false, false])
      await world.does(room, user, { do: 'leave', user })
      expect(await lostIn(room, user), 'who goes by themselves knows').toEqual([false, false])
    })

    it('because its password changed, too, until they enter the new one', async () => {
      const [user, room] = [await world.person(), await closed()]
      await byPassword(room, user)
      await world.does(room, freshId(), { do: 'describe', passwordHash: 'second' })
      expect(await lostIn(room, user)).toEqual([true, true])
      await byPassword(room, user)
      expect(await lostIn(room, user)).toEqual([false, false])
    })

    it('banned without ever having been in, has lost nothing', async () => {
      const room = await world.room()
      const user = await world.person()
      await world.does(room, freshId(), { do: 'remove', user, ban: true })
      expect(await world.storage.access({ id: room }, user)).toMatchObject({ banned: true, lost: false })
    })
  })

  describe('a room\'s password', () => {
    it('is kept with the room from the beginning, for a private one', async () => {
      const [shut, open] = [await closed({ listed: false }), await world.room(undefined, { passwordHash: 'no use' })]
      expect(await world.storage.access({ id: shut }, null)).toMatchObject({ room: { visibility: 'private', listed: false, locked: true }, role: null, kind: null })
      expect(await world.storage.roomPassword(shut)).toEqual({ hash: 'first', version: 1 })
      expect(await world.storage.roomPassword(open)).toBeNull()
      expect((await world.storage.access({ id: open }, null))?.room.locked).toBe(false)
      expect(await world.storage.roomPassword(freshId())).toBeNull()
    })

    it('that was changed since it was checked lets nobody in, also within one batch', async () => {
      const [user, room] = [await world.person(), await closed()]
      const join = (version: number) => change(room, user, [joins(user, 'member', 'password')], { requires: [{ check: 'password', version }] })
      const results = await world.storage.append([change(room, freshId(), [{ do: 'describe', passwordHash: 'second' }]), join(1)])
      expect(results[1]).toEqual({ ok: false, refused: 'password' })
      expect(await world.storage.append([join(2)])).toMatchObject([{ ok: true, events: [{ kind: 'join' }] }])
    })

    it('that is removed opens nothing, and cuts nobody off; set again, it has a new version', async () => {
      const [user, late, room] = [await world.person(), await world.person(), await closed()]
      await byPassword(room, user)
      const { events } = await world.does(room, freshId(), { do: 'describe', passwordHash: null })
      expect(framesOf(events)).toMatchObject([{ data: { locked: false, recheck: false } }])
      expect([await roleOf(room, user), await world.storage.roomPassword(room)]).toEqual(['member', null])
      expect(await world.append(room, late, joins(late), { requires: [{ check: 'password', version: 1 }] })).toEqual({ ok: false, refused: 'password' })
      await world.does(room, freshId(), { do: 'describe', passwordHash: 'third' })
      expect(await world.storage.roomPassword(room)).toEqual({ hash: 'third', version: 2 })
      expect(await roleOf(room, user)).toBeNull()
    })

    it('changed, cuts off those who came by it and nobody else, in every read and check', async () => {
      const owner = await world.person()
      const room = await world.room(owner, { visibility: 'private', passwordHash: 'first' })
      const [stale, promoted] = [await world.person(), await world.person()]
      for (const user of [stale, promoted]) await byPassword(room, user)
      await world.does(room, owner, { do: 'role', user: promoted, role: 'moderator' })
      const [invited, guest] = [await world.person(), await world.person({ kind: 'guest' })]
      await world.does(room, invited, joins(invited, 'member', 'invite'))
      await world.does(room, guest, joins(guest, 'guest', 'invite'))
      await world.says(room, owner, 'hello')
      const { seq } = await world.does(room, owner, { do: 'describe', passwordHash: 'second' })

      expect(await Promise.all([owner, promoted, invited, guest, stale].map(user => roleOf(room, user)))).toEqual(['owner', 'moderator', 'member', 'guest', null])
      expect((await allPages(page => world.storage.members(room, page), 2)).map(member => member.id)).toEqual([owner, promoted, invited, guest])
      expect([await world.storage.memberships(stale), await world.storage.memberships(invited)]).toEqual([new Map(), new Map([[room, seq]])])
      expect([...(await world.storage.unread(room, [stale, invited])).keys()]).toEqual([invited])
      expect([await world.storage.markRead(room, stale, seq), await world.storage.markRead(room, invited, seq)]).toEqual([null, seq])
      expect(await world.storage.page(room, stale, { limit: 1 })).toMatchObject({ access: { role: null, banned: false } })
      expect(await world.storage.replay(room, stale, 0, { events: 1, bytes: 1_000 })).toMatchObject({ access: { role: null } })
      expect((await world.storage.rooms(stale, list)).items).toMatchObject([{ id: room, role: null, seq: 0 }])
      for (const need of [{ check: 'access', user: stale }, { check: 'inside', user: stale }, { check: 'role', user: stale, roles: ['member'] }, { check: 'present', user: stale, roles: ['member'] }] satisfies Precondition[]) {
        expect(await world.append(room, stale, post('still here?'), { requires: [need] })).toEqual({ ok: false, refused: need.check })
      }
      expect(await world.append(room, invited, post('still here'), { requires: access(invited) })).toMatchObject({ ok: true })
    })

    it('entered anew, or by an invite, lets them stand again, with what they had not read', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await closed()]
      for (const user of [ada, bob]) await byPassword(room, user)
      await world.does(room, freshId(), { do: 'describe', passwordHash: 'second' })
      await world.says(room, freshId(), 'meanwhile')
      const again = await byPassword(room, ada)
      expect(again.ok && framesOf(again.events)).toMatchObject([{ kind: 'join', author: ada, data: { role: 'member', cameBy: 'password' } }])
      await world.does(room, bob, joins(bob, 'member', 'invite'))
      expect((await world.storage.unread(room, [ada])).get(ada)).toEqual({ unread: 1, readSeq: 1 })
      await world.does(room, freshId(), { do: 'describe', passwordHash: 'third' })
      expect([await roleOf(room, ada), await roleOf(room, bob)]).toEqual([null, 'member'])
    })

    it('asks nothing of one who was given a role since it was changed', async () => {
      const [user, owner, room] = [await world.person(), await world.person(), await closed()]
      await byPassword(room, user)
      await world.does(room, owner, { do: 'role', user, role: 'moderator' })
      await world.does(room, owner, { do: 'describe', passwordHash: 'second' })
      const { events } = await world.does(room, owner, { do: 'role', user, role: 'member' })
      expect(framesOf(events)).toMatchObject([{ data: { user, role: 'member' } }])
      expect(await roleOf(room, user)).toBe('member')
    })

    it('goes when the room becomes public, and is not wanted there', async () => {
      const room = await closed()
      const { events } = await world.does(room, freshId(), { do: 'describe', visibility: 'public', passwordHash: 'in vain' })
      expect(framesOf(events)).toMatchObject([{ data: { visibility: 'public', locked: false, recheck: false } }])
      expect(await world.storage.roomPassword(room)).toBeNull()
      expect(await world.does(room, freshId(), { do: 'describe', passwordHash: 'in vain' })).toMatchObject({ events: [] })
      await world.does(room, freshId(), { do: 'describe', visibility: 'private' })
      expect(await world.storage.roomPassword(room)).toBeNull()
    })
  })

  describe('a room\'s settings', () => {
    it('are all in its event, with whether rights must be read again', async () => {
      const room = await world.room(undefined, { name: 'Den', topic: 'Quiet' })
      const settings = { name: 'Den', topic: 'Quiet', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null }
      const steps = [
        [{ slowModeSeconds: 30 }, { slowModeSeconds: 30 }, false], [{ closed: true }, { closedAt: 2_000 }, false], [{ listed: false }, { listed: false }, false],
        [{ visibility: 'private' }, { visibility: 'private' }, true], [{ passwordHash: 'a' }, { locked: true }, true], [{ passwordHash: 'a' }, {}, true], [{ guests: false }, { guests: false }, true],
        [{ guests: true, topic: '' }, { guests: true, topic: '' }, false], [{ passwordHash: null }, { locked: false }, false], [{ closed: false, archived: true }, { closedAt: null, archivedAt: 2_000 }, false]
      ] as const
      for (const [change, changed, recheck] of steps) {
        const { events } = await world.does(room, freshId(), { do: 'describe', ...change })
        Object.assign(settings, changed)
        expect(framesOf(events), JSON.stringify(change)).toMatchObject([{ kind: 'room', data: { ...settings, recheck } }])
        expect((await world.storage.access({ id: room }, null))?.room).toMatchObject(settings)
      }
      expect(await world.does(room, freshId(), { do: 'describe', ...{ closed: false, listed: false, slowModeSeconds: 30, guests: true } })).toMatchObject({ events: [] })
    })

    it('take effect for what follows in the same batch', async () => {
      const [user, room] = [await world.person(), await world.room()]
      const send = () => change(room, user, [joins(user), post('hello')], { requires: access(user) })
      const describes = (visibility: 'private' | 'public') => change(room, freshId(), [{ do: 'describe', visibility }])
      const results = await world.storage.append([describes('private'), send(), describes('public'), send(), describes('private'), send()])
      expect(results.map(result => result.ok || result.refused)).toEqual([true, 'access', true, true, true, true])
    })
  })

  describe('access', () => {
    it('is with whoever stands in a room, and in public ones with everybody who has an account', async () => {
      const [open, shut] = [await world.room(), await closed()]
      const people = { member: await world.member(shut), other: await world.person(), guest: await world.person({ kind: 'guest' }), nobody: freshId() }
      const holds = async (room: string, user: string) => (await world.append(room, user, post('x'), { requires: access(user) })).ok
      const table = await Promise.all(Object.values(people).map(async user => [await holds(open, user), await holds(shut, user)]))
      expect(table).toEqual([[true, true], [true, false], [false, false], [false, false]])
    })
  })

  describe('a new room', () => {
    it('is refused to a disabled account, to a guest and to nobody', async () => {
      const [admin, disabled, guest] = [await world.person({ admin: true }), await world.person(), await world.person({ kind: 'guest' })]
      await world.storage.setDisabled({ user: disabled, disabled: true, by: admin, at: 1 })
      for (const owner of [disabled, guest, freshId()]) {
        const refused = newRoom(owner)
        expect(await world.storage.createRoom(refused)).toBeNull()
        expect(await world.storage.access({ id: refused.id }, null)).toBeNull()
      }
    })
  })

  describe('the list of rooms', () => {
    it('has what each may know: visitor, guest, member elsewhere, member, one who is banned', async () => {
      const owner = await world.person()
      const ids = {
        open: await world.room(owner, { name: 'a' }), listed: await world.room(owner, { name: 'b', visibility: 'private', passwordHash: 'x', topic: 'secret', at: 9_000 }),
        unlisted: await world.room(owner, { name: 'c', visibility: 'private', listed: false })
      }
      const viewers = { visitor: null, guest: await world.person({ kind: 'guest' }), elsewhere: await world.person(), member: await world.person(), banned: await world.person() }
      await world.member(await world.room(owner, { name: 'z' }), 'guest')
      for (const room of Object.values(ids)) {
        await world.says(room, owner, 'hello')
        await world.does(room, viewers.member, joins(viewers.member))
        await world.does(room, viewers.banned, joins(viewers.banned))
        await world.does(room, owner, { do: 'remove', user: viewers.banned, ban: true })
      }
      await world.does(ids.listed, viewers.guest, joins(viewers.guest, 'guest'))
      const seen = async (viewer: string | null, search = '') => (await world.storage.rooms(viewer, { ...list, search })).items.filter(room => room.name !== 'z').map(room => `${room.name} ${room.role ?? '-'}`)
      expect(Object.fromEntries(await Promise.all(Object.entries(viewers).map(async ([name, viewer]) => [name, await seen(viewer)])))).toEqual({
        visitor: ['a -'], guest: ['b guest'], elsewhere: ['a -', 'b -'], member: ['a member', 'b member', 'c member'], banned: []
      })
      expect([await seen(viewers.elsewhere, 'c'), await seen(viewers.member, 'c'), await seen(null, 'b')]).toEqual([[], ['c member'], []])
    })

    it('has only the door of a private room that one may know of, and says nothing of when it was used', async () => {
      const owner = await world.person()
      const [den, hall] = [await world.room(owner, { name: 'Den', slug: 'den', visibility: 'private', passwordHash: 'x', topic: 'secret', at: 5_000 }), await world.room(owner, { at: 1 })]
      await world.says(den, owner, 'hello', { at: 90_000 })
      const viewer = await world.person()
      await world.does(den, owner, { do: 'mute', user: viewer, until: 99_000 })
      const page = await world.storage.rooms(viewer, { ...list, sort: 'activity', limit: 2 })
      expect(page.items).toMatchObject([{ id: hall }, { id: den }])
      expect(page.items[1]).toEqual({
        id: den, slug: 'den', name: 'Den', topic: '', visibility: 'private', listed: true, locked: true, closedAt: null, slowModeSeconds: 0, guests: false, archivedAt: null, ownerId: '',
        seq: 0, lastMessageAt: null, createdAt: 0, role: null, unread: 0, readSeq: 0, mutedUntil: null, lost: false
      })
      await world.room(owner, { at: 2, visibility: 'private' })
      const { next } = await world.storage.rooms(viewer, { ...list, sort: 'activity', limit: 2 })
      expect(Buffer.from(next ?? '', 'base64url').toString()).not.toMatch(/90000|5000/)
      expect((await allPages(page => world.storage.rooms(viewer, { ...list, sort: 'activity', ...page }), 1)).map(room => room.name)).toHaveLength(3)
    })
  })
}
