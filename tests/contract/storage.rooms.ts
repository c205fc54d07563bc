import { describe, expect, it } from 'vitest'
import { limits } from '#shared/limits'
import { change, freshId, joins, post, room } from '../support/storage'
import type { World } from './storage'

const list = { search: '', sort: 'activity', archived: false, limit: 50 } as const

/** Rooms, their members, what is unread. */
export function describeRooms(world: World): void {
  describe('rooms', () => {
    it('a new room has its owner as a member, and no events', async () => {
      const owner = await world.person()
      const made = room(owner, { slug: 'tea', name: 'Tea', topic: 'Hot', at: 123 })
      const given = await world.storage.createRoom(made)
      expect(given).toEqual({
        id: made.id, slug: 'tea', name: 'Tea', topic: 'Hot', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, ownerId: owner, seq: 0,
        lastMessageAt: null, createdAt: 123, archivedAt: null
      })
      expect(await world.storage.access({ slug: 'tea' }, owner)).toEqual({ room: given, role: 'owner', cameBy: 'self', lost: false, banned: false, mutedUntil: null, kind: 'member' })
      expect(await world.storage.access({ slug: 'coffee' }, owner)).toBeNull()
      expect(await world.storage.memberships(owner)).toEqual(new Map([[made.id, 0]]))
    })

    it('rooms with one wish for a slug all get one, racing too', async () => {
      const owner = await world.person()
      const wish = 'b'.repeat(80)
      const made = await Promise.all(['tea', 'tea', 'tea', wish, wish].map(slug =>
        world.storage.createRoom(room(owner, { slug }))))
      // Who is first is not promised.
      expect(made.map(one => one?.slug).sort()).toEqual([`${'b'.repeat(78)}-2`, wish, 'tea', 'tea-2', 'tea-3'])
    })

    it('the list has own rooms first, then by last activity', async () => {
      const me = await world.person()
      const [a, b, c, d] = [await world.room(), await world.room(), await world.room(me, { at: 10 }), await world.room(me, { at: 20 })]
      await world.says(a, me, 'x', { at: 50_000 })
      await world.says(b, me, 'x', { at: 60_000 })
      await world.says(c, me, 'x', { at: 40_000 })
      const mine = await world.storage.rooms(me, list)
      expect(mine.items.map(room => [room.id, room.role])).toEqual([[c, 'owner'], [d, 'owner'], [b, null], [a, null]])
      expect(mine.next).toBeNull()
      expect((await world.storage.rooms(null, list)).items.map(room => room.id)).toEqual([b, a, c, d])
    })

    it('search finds a part of the name in any case, and takes nothing as a pattern', async () => {
      for (const name of ['Straße & Ärger', 'ÄRGER 100%', 'Plain_Room', 'Plain Room']) await world.room(undefined, { name })
      const find = async (search: string) => (await world.storage.rooms(null, { ...list, sort: 'name', search })).items.map(room => room.name)
      expect(await find('ärger')).toEqual(['Straße & Ärger', 'ÄRGER 100%'])
      expect(await find('PLAIN')).toEqual(['Plain Room', 'Plain_Room'])
      expect(await find('%')).toEqual(['ÄRGER 100%'])
      expect(await find('_')).toEqual(['Plain_Room'])
      expect(await find('\'; DROP TABLE rooms; --')).toEqual([])
    })

    it('a renamed room is found by its new name, under its old slug', async () => {
      const [author, room] = [await world.person(), await world.room(undefined, { name: 'Old', slug: 'old' })]
      await world.does(room, author, { do: 'describe', name: 'Ünew' })
      expect((await world.storage.rooms(null, { ...list, search: 'üNEW' })).items).toMatchObject([{ id: room, slug: 'old' }])
      expect((await world.storage.rooms(null, { ...list, search: 'old' })).items).toEqual([])
    })

    it.each(['activity', 'name'] as const)('pages by %s hold every room once, also when new ones come in between', async (sort) => {
      const me = await world.person()
      const ids: string[] = []
      for (let n = 0; n < 23; n++) ids.push(await world.room(n % 4 === 0 ? me : undefined, { name: `Room ${n % 5}`, at: 1_000 + n % 3 }))
      const whole = (await world.storage.rooms(me, { ...list, sort })).items.map(room => room.id)
      expect([...whole].sort()).toEqual([...ids].sort())
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await world.storage.rooms(me, { ...list, sort, limit: 4, ...(cursor !== undefined && { cursor }) })
        seen.push(...page.items.map(room => room.id))
        cursor = page.next ?? undefined
        if (seen.length === 8) await world.room(undefined, { name: 'A', at: 999_999 })
      } while (cursor !== undefined)
      expect(seen.filter(id => ids.includes(id))).toEqual(whole)
    })

    it('a cursor that is not ours is invalid', async () => {
      await world.room()
      await world.room()
      const { next } = await world.storage.rooms(null, { ...list, limit: 1 })
      for (const cursor of ['', 'x', Buffer.from('[1,2]').toString('base64url'), Buffer.from('{"a":').toString('base64url')]) {
        await expect(world.storage.rooms(null, { ...list, cursor })).rejects.toMatchObject({ code: 'invalid' })
        await expect(world.storage.members(freshId(), { cursor, limit: 1 })).rejects.toMatchObject({ code: 'invalid' })
      }
      await expect(world.storage.rooms(null, { ...list, sort: 'name', cursor: next ?? '' })).rejects.toMatchObject({ code: 'invalid' })
    })

    it('archived rooms are listed on request only', async () => {
      const [author, room, open] = [await world.person(), await world.room(), await world.room()]
      await world.does(room, author, { do: 'describe', archived: true })
      expect((await world.storage.rooms(author, list)).items.map(one => one.id)).toEqual([open])
      expect((await world.storage.rooms(author, { ...list, archived: true })).items.map(one => one.id).sort()).toEqual([room, open].sort())
    })

    it('members are paged: owner, moderators, members, each by name', async () => {
      const owner = await world.person({ name: 'Zoe' })
      const room = await world.room(owner)
      for (const name of ['Eve', 'bob', 'Adam', 'adam']) {
        const user = await world.person({ name })
        await world.does(room, user, joins(user, name === 'Eve' ? 'moderator' : 'member'))
      }
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await world.storage.members(room, { limit: 2, ...(cursor !== undefined && { cursor }) })
        names.push(...page.items.map(member => `${member.role} ${member.name.toLowerCase()}`))
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      expect(names).toEqual(['owner zoe', 'moderator eve', 'member adam', 'member adam', 'member bob'])
    })

    it('some of the members are found by their ids, in the same order', async () => {
      const [owner, bob, eve, outside] = [await world.person({ name: 'Zoe' }), await world.person({ name: 'bob' }), await world.person({ name: 'Eve' }), await world.person()]
      const room = await world.room(owner)
      await world.does(room, bob, joins(bob))
      await world.does(room, eve, joins(eve, 'moderator'))
      const among = async (...people: string[]) => await world.storage.members(room, { limit: 10, among: people })
      expect(await among(bob, outside, eve, freshId())).toMatchObject({ items: [{ id: eve, role: 'moderator', mutedUntil: null }, { id: bob, role: 'member' }], next: null })
      expect(await among(outside)).toEqual({ items: [], next: null })
      expect(await among()).toEqual({ items: [], next: null })
    })
  })

  describe('unread', () => {
    it('counts undeleted messages of others after what was read', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await world.room()]
      await world.says(room, bob, 'before Ada came')
      await world.does(room, ada, joins(ada))
      await world.says(room, bob, 'one')
      const gone = await world.says(room, bob, 'two')
      await world.says(room, ada, 'mine')
      await world.does(room, bob, { do: 'erase', message: gone.message })
      expect(await world.storage.unread(room, [ada, bob, freshId()])).toEqual(new Map([[ada, { unread: 1, readSeq: 2 }]]))
      expect((await world.storage.rooms(ada, list)).items).toMatchObject([{ unread: 1, readSeq: 2, role: 'member' }])
      expect((await world.storage.rooms(bob, list)).items).toMatchObject([{ unread: 0, readSeq: 0, role: null }])
    })

    it('readSeq only grows, and never beyond the head', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await world.room()]
      await world.does(room, ada, joins(ada))
      await world.storage.append([1, 2, 3].map(n => change(room, bob, [post(String(n))])))
      expect(await world.storage.markRead(room, ada, 3)).toBe(3)
      expect(await world.storage.markRead(room, ada, 2)).toBeNull()
      expect(await world.storage.markRead(room, ada, 3)).toBeNull()
      expect(await world.storage.markRead(room, ada, 999)).toBe(4)
      expect(await world.storage.markRead(room, bob, 1)).toBeNull()
      expect(await world.storage.markRead(freshId(), ada, 1)).toBeNull()
      expect((await world.storage.unread(room, [ada])).get(ada)).toEqual({ unread: 0, readSeq: 4 })
    })

    it('is counted up to its limit', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await world.room()]
      await world.does(room, ada, joins(ada))
      await world.storage.append(Array.from({ length: limits.unread + 20 }, (_, n) => change(room, bob, [post(String(n))])))
      expect((await world.storage.unread(room, [ada])).get(ada)?.unread).toBe(limits.unread)
      expect((await world.storage.rooms(ada, list)).items[0]?.unread).toBe(limits.unread)
    })
  })

  describe('deleting a room', () => {
    it('is for its owner and for admins; it is gone at once, with all that it held', async () => {
      const [owner, author, admin] = [await world.person(), await world.person(), await world.person({ admin: true })]
      const room = await world.room(owner, { slug: 'gone' })
      await world.does(room, author, joins(author, 'moderator'))
      await world.says(room, author, 'hello')
      expect(await world.storage.deleteRoom({ room, by: author, at: 6_000 })).toBe('refused')
      expect(await world.storage.deleteRoom({ room, by: owner, at: 6_000 })).toBe('deleted')
      expect(await world.storage.deleteRoom({ room, by: owner, at: 6_000 })).toBe('none')
      expect(await world.storage.access({ id: room }, owner)).toBeNull()
      expect(await world.storage.page(room, owner, { limit: 10 })).toBeNull()
      expect(await world.storage.eventsAfter(room, 0, 10)).toEqual([])
      expect((await world.storage.messagesBy(author)).items).toEqual([])
      expect(await world.storage.memberships(author)).toEqual(new Map())
      expect((await world.storage.members(room, { limit: 10 })).items).toEqual([])
      expect(await world.storage.unread(room, [author])).toEqual(new Map())
      expect(await world.storage.heads([room])).toEqual(new Map())
      expect(await world.append(room, author, post('late'))).toEqual({ ok: false, refused: 'room' })
      const next = await world.room(owner, { slug: 'gone' })
      expect((await world.storage.access({ slug: 'gone' }, null))?.room.id).toBe(next)
      expect(await world.storage.deleteRoom({ room: next, by: admin, at: 6_000 })).toBe('deleted')
    })

    it('is written down for the site, with who did it and whose it was, not with what the room was called; its own history is gone', async () => {
      const [owner, admin] = [await world.person(), await world.person({ admin: true })]
      const [hidden, hall] = [await world.room(owner, { name: 'Secret plans', visibility: 'private', listed: false }), await world.room(owner)]
      await world.storage.deleteRoom({ room: hidden, by: await world.person(), at: 5_000 })
      for (const [room, by] of [[hidden, admin], [hall, owner], [hall, owner]] as const) await world.storage.deleteRoom({ room, by, at: 6_000 })
      const { items } = await world.storage.audit(null, { limit: 10 })
      expect(items.map(({ action, at, by, target, detail }) => [action, at, by.id, target?.id, detail])).toEqual([
        ['room-deleted', 6_000, owner, owner, 'public'], ['room-deleted', 6_000, admin, owner, 'private']
      ])
      expect((await world.storage.audit(hidden, { limit: 10 })).items).toEqual([])
    })
  })
}
