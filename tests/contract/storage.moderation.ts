import { describe, expect, it } from 'vitest'
import type { Role } from '#shared/types'
import type { Effect, Precondition } from '../../server/core/ports'
import { allPages, change, freshId, joins, post } from '../support/storage'
import type { World } from './storage'

const framesOf = (events: readonly { json: string }[]): unknown[] => events.map(event => JSON.parse(event.json))

/** People with roles in a room: who acts on whom, what that does, what is written down. */
export function describeModeration(world: World): void {
  /** A room with one of each. */
  const house = async () => {
    const owner = await world.person()
    const room = await world.room(owner)
    const [moderator, member] = [await world.member(room, 'moderator'), await world.member(room)]
    return { room, owner, moderator, member, guest: await world.member(room, 'guest', { kind: 'guest' }), admin: await world.person({ admin: true }), outsider: await world.person() }
  }
  const accessOf = (room: string, user: string) => world.storage.access({ id: room }, user)
  const refusalOf = async (room: string, user: string, requires: Precondition[], at = 2_000) => {
    const result = await world.append(room, user, post('x'), { requires, at })
    return result.ok ? null : { refused: result.refused, ...result.wait !== undefined && { wait: result.wait } }
  }

  describe('rank', () => {
    it('the owner is above admins, those above moderators, those above everybody else, nobody above their like', async () => {
      const { room, ...people } = await house()
      const names = ['owner', 'admin', 'moderator', 'member', 'guest', 'outsider'] as const
      const above = { owner: 1, admin: 2, moderator: 3, member: 6, guest: 6, outsider: 6 }
      for (const name of names) {
        const ranks = await Promise.all(names.map(async target => await refusalOf(room, people[name], [{ check: 'outranks', user: people[name], target: people[target] }]) === null))
        expect(ranks, name).toEqual(names.map((_, index) => index >= above[name]))
      }
    })

    it('a role is asked of the person who acts and of the one who is acted on', async () => {
      const { room, owner, member, outsider } = await house()
      const roles: readonly Role[] = ['moderator', 'member']
      const present = (user: string): Precondition[] => [{ check: 'role', user: owner, roles: ['owner'] }, { check: 'present', user, roles }]
      expect(await Promise.all([owner, member, outsider].map(user => refusalOf(room, owner, present(user))))).toEqual([{ refused: 'present' }, null, { refused: 'present' }])
    })

    it('an admin is one while the account is active', async () => {
      const { room, admin, member } = await house()
      const other = await world.person({ admin: true })
      const need = (user: string): Precondition[] => [{ check: 'admin', user }]
      expect([await refusalOf(room, admin, need(admin)), await refusalOf(room, member, need(member)), await refusalOf(room, member, need(freshId()))]).toEqual([null, { refused: 'admin' }, { refused: 'admin' }])
      await world.storage.setDisabled({ user: admin, disabled: true, by: other, at: 1 })
      expect(await refusalOf(room, admin, need(admin))).toEqual({ refused: 'admin' })
      expect(await refusalOf(room, admin, [{ check: 'account', user: admin }])).toEqual({ refused: 'account' })
    })

    it('a room passes to an active account alone', async () => {
      const { room, owner, member, admin } = await house()
      const hands = () => refusalOf(room, owner, [{ check: 'account', user: owner }, { check: 'active', user: member }])
      expect([await hands(), await refusalOf(room, owner, [{ check: 'active', user: freshId() }])]).toEqual([null, { refused: 'active' }])
      await world.storage.setDisabled({ user: member, disabled: true, by: admin, at: 1 })
      expect(await hands()).toEqual({ refused: 'active' })
    })

    it('a private room is opened by those who stand in it, whoever they are; a public one also from outside', async () => {
      const { room, owner, member, guest, admin, outsider } = await house()
      const inside = () => Promise.all([owner, member, guest, admin, outsider].map(user => refusalOf(room, owner, [{ check: 'inside', user }])))
      expect(await inside()).toEqual(Array(5).fill(null))
      await world.does(room, owner, { do: 'describe', visibility: 'private' })
      expect(await inside()).toEqual([null, null, null, { refused: 'inside' }, { refused: 'inside' }])
      await world.does(room, admin, joins(admin, 'member', 'admin'))
      expect(await refusalOf(room, owner, [{ check: 'inside', user: admin }])).toBeNull()
    })
  })

  describe('roles', () => {
    it('are given by an event with the resulting standing; the same again is none', async () => {
      const { room, owner, member, outsider } = await house()
      const gives = async (user: string, role: 'moderator' | 'member') => framesOf((await world.does(room, owner, { do: 'role', user, role })).events)
      expect(await gives(member, 'moderator')).toMatchObject([{ kind: 'member', author: owner, data: { user: member, role: 'moderator', banned: false, mutedUntil: null } }])
      expect(await accessOf(room, member)).toMatchObject({ role: 'moderator' })
      expect([await gives(member, 'moderator'), await gives(outsider, 'moderator')]).toEqual([[], []])
      expect(await accessOf(room, outsider)).toMatchObject({ role: null })
    })

    it('a room is handed over in one commit, and has one owner at all times', async () => {
      const { room, owner, member } = await house()
      await world.does(room, owner, { do: 'mute', user: member, until: 99_000 })
      const { events } = await world.does(room, owner, [{ do: 'role', user: owner, role: 'moderator' }, { do: 'role', user: member, role: 'owner' }])
      expect(framesOf(events)).toMatchObject([{ data: { user: owner, role: 'moderator' } }, { data: { user: member, role: 'owner', mutedUntil: null } }])
      expect(await accessOf(room, member)).toMatchObject({ role: 'owner', mutedUntil: null, room: { ownerId: member } })
      expect(await accessOf(room, owner)).toMatchObject({ role: 'moderator' })
      expect([await world.storage.deleteRoom({ room, by: owner, at: 6_000 }), await world.storage.deleteRoom({ room, by: member, at: 6_000 })]).toEqual(['refused', 'deleted'])
    })

    it('is handed over only by who knows whose it is: of two admins at once, to one', async () => {
      const { room, owner, member, moderator } = await house()
      const hands = (to: string) => change(room, owner, [{ do: 'role', user: owner, role: 'moderator' }, { do: 'role', user: to, role: 'owner' }], { requires: [{ check: 'owned', owner }] })
      expect((await world.storage.append([hands(member), hands(moderator)])).map(result => result.ok || result.refused)).toEqual([true, 'owned'])
      expect([(await accessOf(room, member))?.role, (await accessOf(room, moderator))?.role]).toEqual(['owner', 'moderator'])
    })

    it('what is handed over to two in one batch goes to the first', async () => {
      const { room, owner, member, moderator } = await house()
      const hands = (to: string) => change(room, owner, [{ do: 'role', user: owner, role: 'moderator' }, { do: 'role', user: to, role: 'owner' }], { requires: [{ check: 'role', user: owner, roles: ['owner'] }] })
      expect((await world.storage.append([hands(member), hands(moderator)])).map(result => result.ok || result.refused)).toEqual([true, 'role'])
      expect((await accessOf(room, moderator))?.room.ownerId).toBe(member)
    })
  })

  describe('removing', () => {
    it('stops what the removed person sends in the same batch', async () => {
      const { room, owner, member } = await house()
      const send = () => change(room, member, [post('still here')], { requires: [{ check: 'not-banned', user: member }, { check: 'role', user: member, roles: ['member'] }] })
      const results = await world.storage.append([send(), change(room, owner, [{ do: 'remove', user: member, ban: false }]), send(), change(room, owner, [{ do: 'remove', user: member, ban: true }]), send()])
      expect(results.map(result => result.ok || result.refused)).toEqual([true, true, 'role', true, 'not-banned'])
    })

    it('a ban is lifted once, and leaves them outside', async () => {
      const { room, owner, member } = await house()
      await world.does(room, owner, { do: 'remove', user: member, ban: true })
      const { events } = await world.does(room, owner, { do: 'unban', user: member })
      expect(framesOf(events)).toMatchObject([{ kind: 'member', author: owner, data: { user: member, role: null, banned: false, mutedUntil: null } }])
      expect(await accessOf(room, member)).toMatchObject({ role: null, banned: false })
      expect(await world.does(room, owner, { do: 'unban', user: member })).toMatchObject({ events: [] })
    })

    it('the banned are listed newest first, with who did it and when, page by page', async () => {
      const { room, owner } = await house()
      const banned = await Promise.all([1, 2, 3, 4, 5].map(n => world.person({ name: `Person ${n}` })))
      for (const [n, user] of banned.entries()) await world.does(room, owner, { do: 'remove', user, ban: true }, { at: 1_000 + Math.floor(n / 2) })
      const all = await allPages(page => world.storage.bans(room, page), 2)
      expect(all.map(one => one.at)).toEqual([1_002, 1_001, 1_001, 1_000, 1_000])
      expect(all.map(one => one.id).sort()).toEqual([...banned].sort())
      expect(all[0]).toMatchObject({ id: banned[4], name: 'Person 5', kind: 'member', by: { id: owner } })
      expect(await world.storage.bans(freshId(), { limit: 5 })).toEqual({ items: [], next: null })
      await expect(world.storage.bans(room, { limit: 5, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  describe('a mute', () => {
    const need = (user: string): Precondition[] => [{ check: 'not-muted', user }]

    it('lasts until its time, and says how long still', async () => {
      const { room, owner, member } = await house()
      const { events } = await world.does(room, owner, { do: 'mute', user: member, until: 60_000 })
      expect(framesOf(events)).toMatchObject([{ kind: 'member', data: { user: member, role: 'member', banned: false, mutedUntil: 60_000 } }])
      expect(await refusalOf(room, member, need(member), 59_000)).toEqual({ refused: 'not-muted', wait: 1_000 })
      expect(await refusalOf(room, member, need(member), 60_000)).toBeNull()
      expect(await world.does(room, owner, { do: 'mute', user: member, until: 60_000 })).toMatchObject({ events: [] })
    })

    it('is seen in the room, the list and among its members, and ends when it is lifted', async () => {
      const { room, owner, member } = await house()
      const seen = async () => [
        (await accessOf(room, member))?.mutedUntil, (await world.storage.rooms(member, { search: '', sort: 'name', archived: false, limit: 5 })).items[0]?.mutedUntil,
        (await world.storage.members(room, { limit: 9 })).items.find(one => one.id === member)?.mutedUntil
      ]
      await world.does(room, owner, { do: 'mute', user: member, until: 60_000 })
      expect(await seen()).toEqual([60_000, 60_000, 60_000])
      const { events } = await world.does(room, owner, { do: 'mute', user: member, until: null })
      expect(framesOf(events)).toMatchObject([{ data: { mutedUntil: null } }])
      expect([await refusalOf(room, member, need(member), 0), ...await seen()]).toEqual([null, null, null, null])
    })

    it('is not got rid of by leaving and coming back, nor by being removed', async () => {
      const { room, owner, member } = await house()
      await world.does(room, owner, { do: 'mute', user: member, until: 60_000 })
      for (const gone of [{ do: 'leave', user: member }, { do: 'remove', user: member, ban: false }] satisfies Effect[]) {
        await world.does(room, member, [gone, joins(member)])
        expect(await refusalOf(room, member, need(member))).toEqual({ refused: 'not-muted', wait: 58_000 })
      }
    })
  })

  describe('slow mode', () => {
    const pace = (user: string): Precondition[] => [{ check: 'pace', user }]
    const says = (room: string, user: string, at: number) => world.append(room, user, post('x'), { at, requires: pace(user) })

    it('lets people write so often, moderators as they like, and says how long to wait', async () => {
      const { room, owner, moderator, member } = await house()
      await says(room, member, 900)
      await world.does(room, owner, { do: 'describe', slowModeSeconds: 10 })
      expect([await says(room, member, 1_000), await says(room, member, 7_000), await says(room, member, 11_000)]).toMatchObject([{ ok: true }, { ok: false, refused: 'pace', wait: 4_000 }, { ok: true }])
      for (const user of [moderator, owner]) for (const at of [1_000, 1_001]) expect(await says(room, user, at)).toMatchObject({ ok: true })
      await world.does(room, owner, { do: 'describe', slowModeSeconds: 0 })
      expect(await says(room, member, 11_001)).toMatchObject({ ok: true })
    })

    it('holds within one batch, and over leaving and coming back', async () => {
      const { room, owner, member } = await house()
      await world.does(room, owner, { do: 'describe', slowModeSeconds: 10 })
      const sends = (at: number) => change(room, member, [joins(member), post('x')], { at, requires: pace(member) })
      expect((await world.storage.append([sends(1_000), sends(1_000), change(room, member, [{ do: 'leave', user: member }]), sends(2_000)])).map(result => result.ok || result.refused))
        .toEqual([true, 'pace', true, 'pace'])
    })

    it('does not hold anybody up for long whose last message has a time to come', async () => {
      const { room, owner, member } = await house()
      await world.does(room, owner, { do: 'describe', slowModeSeconds: 10 })
      await says(room, member, 100_000)
      expect([await says(room, member, 95_000), await says(room, member, 50_000)]).toMatchObject([{ refused: 'pace', wait: 10_000 }, { ok: true }])
    })
  })

  it('a room that is closed takes posts of its owner and moderators alone', async () => {
    const { room, owner, moderator, member, admin } = await house()
    await world.does(room, owner, { do: 'describe', closed: true })
    const answers = await Promise.all([owner, moderator, member, admin].map(user => refusalOf(room, user, [{ check: 'not-closed', user }])))
    expect(answers).toEqual([null, null, { refused: 'not-closed' }, { refused: 'not-closed' }])
    await world.does(room, owner, { do: 'describe', closed: false })
    expect(await refusalOf(room, member, [{ check: 'not-closed', user: member }])).toBeNull()
  })

  it('nothing of all this holds of a room that does not exist', async () => {
    const user = await world.person()
    const needs: Precondition[] = [
      { check: 'access', user }, { check: 'present', user, roles: ['member'] }, { check: 'not-closed', user }, { check: 'not-muted', user }, { check: 'pace', user },
      { check: 'password', version: 0 }, { check: 'invite', code: 'x' }, { check: 'owned', owner: user }
    ]
    for (const need of needs) expect(await refusalOf(freshId(), user, [need])).toEqual({ refused: need.check })
  })

  describe('the audit', () => {
    it('has what was changed, by whom and to whom, and nothing that was refused, already so, or a repetition', async () => {
      const { room, owner, member } = await house()
      const audit = { action: 'kicked', target: member, detail: '' } as const
      const kick = change(room, owner, [{ do: 'remove', user: member, ban: false }], { at: 4_000, requires: [{ check: 'role', user: owner, roles: ['owner'] }], audit })
      const other = change(room, member, [{ do: 'remove', user: owner, ban: false }], { requires: [{ check: 'role', user: member, roles: ['owner'] }], audit })
      await world.storage.append([kick, kick, other, { ...kick, nonce: null }])
      const { items } = await world.storage.audit(room, { limit: 10 })
      expect(items).toMatchObject([
        { at: 4_000, action: 'kicked', by: { id: owner }, target: { id: member, kind: 'member' }, detail: '' }, { action: 'room-created', by: { id: owner }, target: null, at: 1_000 }
      ])
    })

    it('is read newest first, page by page, of one room or of the site', async () => {
      const [by, room, other] = [await world.person({ name: 'Ada' }), await world.room(), await world.room()]
      for (let n = 0; n < 7; n++) {
        for (const to of [room, other, null]) await world.storage.noteAudit({ action: 'room-changed', target: null, detail: `${to} ${n}`, room: to, by, at: n })
      }
      await world.storage.noteAudit({ action: 'room-changed', target: null, detail: '', room: freshId(), by, at: 9 })
      for (const from of [room, null]) {
        const all = (await allPages(page => world.storage.audit(from, page), 3)).filter(one => one.action === 'room-changed')
        expect(all.map(one => one.detail)).toEqual([6, 5, 4, 3, 2, 1, 0].map(n => `${from} ${n}`))
        expect(all[0]).toMatchObject({ by: { id: by, name: 'Ada' }, at: 6 })
      }
      await expect(world.storage.audit(room, { limit: 3, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    })
  })

  it('a deleted room leaves nothing to look after', async () => {
    const { room, owner, member } = await house()
    const { message } = await world.says(room, member, 'hello')
    await world.does(room, owner, { do: 'remove', user: member, ban: true })
    await world.invite(room)
    await world.storage.createReport({ id: freshId(), room, message, by: owner, at: 1, reason: '' }, [])
    await world.storage.deleteRoom({ room, by: owner, at: 6_000 })
    const page = { limit: 10 }
    expect(await Promise.all([world.storage.bans(room, page), world.storage.audit(room, page), world.storage.reports({ room }, { closed: false, ...page }), world.storage.reports({}, { closed: false, ...page })]))
      .toEqual(Array(4).fill({ items: [], next: null }))
    expect(await world.storage.invites(room)).toEqual([])
  })
}
