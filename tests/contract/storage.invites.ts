import { describe, expect, it } from 'vitest'
import { limits } from '#shared/limits'
import type { Append } from '../../server/core/ports'
import { change, freshId, invite, joins, post } from '../support/storage'
import type { World } from './storage'

/** Links into a room. */
export function describeInvites(world: World): void {
  const shut = () => world.room(undefined, { visibility: 'private', listed: false })
  const comes = (room: string, user: string, code: string, at = 2_000): Append =>
    change(room, user, [joins(user, 'member', 'invite', code)], { at, requires: [{ check: 'account', user }, { check: 'invite', code }] })
  const come = async (...items: Append[]) => (await world.storage.append(items)).map(result => result.ok ? result.events.length : result.refused)
  const usesOf = async (room: string) => (await world.storage.invites(room)).map(one => [one.usesLeft, one.uses])

  describe('invites', () => {
    it('let people in, and count each who comes, not who is in already', async () => {
      const room = await shut()
      const [ada, bob, code] = [await world.person(), await world.person(), await world.invite(room, { uses: 5 })]
      expect(await come(comes(room, ada, code), comes(room, bob, code), comes(room, ada, code))).toEqual([1, 1, 0])
      expect(await usesOf(room)).toEqual([[3, 2]])
      expect(await world.storage.access({ id: room }, ada)).toMatchObject({ role: 'member' })
    })

    it('with one use left lets in one of two who take it in the same batch', async () => {
      const room = await shut()
      const [ada, bob, code] = [await world.person(), await world.person(), await world.invite(room, { uses: 1 })]
      expect(await come(comes(room, ada, code), comes(room, bob, code))).toEqual([1, 'invite'])
      expect(await usesOf(room)).toEqual([[0, 1]])
      expect(await world.storage.access({ id: room }, bob)).toMatchObject({ role: null })
    })

    it('open only their own room, and only while they are valid', async () => {
      const [room, other, user] = [await shut(), await shut(), await world.person()]
      const [code, brief, gone] = [await world.invite(room), await world.invite(room, { expiresAt: 5_000 }), invite(room, 'somebody')]
      await world.storage.createInvite(gone, [])
      expect(await world.storage.revokeInvite({ room, id: gone.id, by: 'somebody', at: 2_000 }, [])).toBeNull()
      expect(await come(comes(other, user, code), comes(room, user, freshId()), comes(room, user, gone.codeHash), comes(room, user, brief, 5_000))).toEqual(Array(4).fill('invite'))
      expect(await come(comes(room, user, brief, 4_999))).toEqual([1])
    })

    it('are found by their code with the room and how the viewer stands there, and whether they can still be used', async () => {
      const owner = await world.person({ name: 'Ada' })
      const room = await world.room(owner, { visibility: 'private', listed: false, name: 'Den' })
      const [viewer, code] = [await world.person(), await world.invite(room, { by: owner, role: 'guest', expiresAt: 5_000 })]
      expect(await world.storage.invite(code, viewer, 4_999)).toMatchObject({ access: { room: { id: room, name: 'Den' }, role: null, kind: 'member' }, by: { id: owner, name: 'Ada' }, role: 'guest', valid: true })
      expect(await world.storage.invite(code, owner, 4_999)).toMatchObject({ access: { role: 'owner' } })
      expect(await world.storage.invite(code, null, 4_999)).toMatchObject({ access: { role: null, kind: null } })
      expect(await world.storage.invite(code, viewer, 5_000)).toMatchObject({ valid: false })
      expect(await world.storage.invite(freshId(), viewer, 0)).toBeNull()
      const used = await world.invite(room, { uses: 1 })
      await come(comes(room, viewer, used))
      expect(await world.storage.invite(used, viewer, 0)).toMatchObject({ access: { role: 'member', cameBy: 'invite' }, valid: false })
      await world.storage.deleteRoom({ room, by: owner, at: 6_000 })
      expect([await world.storage.invite(code, viewer, 0), await world.storage.invites(room)]).toEqual([null, []])
    })

    it('are made and revoked where what they require holds, and by whom is written down', async () => {
      const owner = await world.person()
      const room = await world.room(owner)
      const member = await world.member(room)
      const manager = (user: string) => [{ check: 'role', user, roles: ['owner', 'moderator'] } as const]
      const made = invite(room, owner)
      expect(await world.storage.createInvite(invite(room, member), manager(member))).toBe('role')
      expect(await world.storage.createInvite(invite(freshId(), owner), [])).toBe('room')
      expect(await world.storage.createInvite(made, manager(owner))).toBeNull()
      const revoke = (id: string, by: string) => world.storage.revokeInvite({ room, id, by, at: 2_000 }, manager(by))
      expect([await revoke(made.id, member), await revoke(freshId(), owner), await revoke(made.id, owner), await revoke(made.id, owner)]).toEqual(['role', 'invite', null, 'invite'])
      expect((await world.storage.audit(room, { limit: 10 })).items).toMatchObject([
        { action: 'invite-revoked', by: { id: owner }, at: 2_000 }, { action: 'invite-made', by: { id: owner }, at: 1_000, detail: 'member' }, { action: 'room-created' }
      ])
    })

    it('are not made by one whose account was disabled just before, in the same batch', async () => {
      const [admin, owner] = [await world.person({ admin: true }), await world.person()]
      const room = await world.room(owner)
      const active = [{ check: 'account', user: owner } as const]
      const [, , refused] = await Promise.all([
        world.append(room, owner, post('x'), { requires: active }), world.storage.setDisabled({ user: owner, disabled: true, by: admin, at: 1 }),
        world.storage.createInvite(invite(room, owner), active)
      ])
      expect(refused).toBe('account')
    })

    it('are listed newest first, with who made them; of those that are of no use, a number', async () => {
      const [room, by] = [await world.room(), await world.person({ name: 'Ada' })]
      const old = Array.from({ length: 60 }, (_, n) => invite(room, by, { at: n, expiresAt: n + 1 }))
      for (const one of old) await world.storage.createInvite(one, [])
      const valid = invite(room, by, { at: 500, role: 'guest', uses: 3 })
      await world.storage.createInvite(valid, [])
      const listed = await world.storage.invites(room)
      expect(listed[0]).toEqual({ id: valid.id, role: 'guest', by: { id: by, name: 'Ada', kind: 'member' }, createdAt: 500, expiresAt: null, usesLeft: 3, uses: 0, revokedAt: null })
      expect(listed.slice(1).map(one => one.id)).toEqual(old.slice(10).reverse().map(one => one.id))
    })

    it('are so many at once and no more; those that are of no use do not count', async () => {
      const room = await world.room()
      const more = (at: number, expiresAt: number | null = 1_000) => world.storage.createInvite(invite(room, 'somebody', { at, expiresAt }), [])
      await Promise.all(Array.from({ length: limits.invitesPerRoom - 1 }, () => more(1)))
      expect(await Promise.all([more(1, null), more(1)])).toEqual([null, 'too-many'])
      expect(await more(1_000)).toBeNull()
    })

    describe('end with their maker\'s right to make them:', () => {
      const admin = () => world.person({ admin: true })
      const valid = async (...codes: string[]) => Promise.all(codes.map(async code => (await world.storage.invite(code, null, 3_000))?.valid))
      /** A room with a moderator, an invite of theirs and one of its owner, and one of theirs to another room that they run. */
      async function moderated() {
        const owner = await world.person()
        const room = await world.room(owner)
        const moderator = await world.member(room, 'moderator')
        const elsewhere = await world.room(moderator)
        return { owner, room, moderator, theirs: await world.invite(room, { by: moderator }), others: await world.invite(room, { by: owner }), away: await world.invite(elsewhere, { by: moderator }) }
      }
      const ends: [string, (room: string, moderator: string, owner: string) => Promise<unknown>][] = [
        ['kicked', (room, user, owner) => world.does(room, owner, { do: 'remove', user, ban: false })],
        ['banned', (room, user, owner) => world.does(room, owner, { do: 'remove', user, ban: true })],
        ['a member again', (room, user, owner) => world.does(room, owner, { do: 'role', user, role: 'member' })],
        ['gone by themselves', (room, user) => world.does(room, user, { do: 'leave', user })]
      ]

      it.each(ends)('a moderator who is %s', async (_, end) => {
        const { room, moderator, owner, theirs, others, away } = await moderated()
        await end(room, moderator, owner)
        expect(await valid(theirs, others, away)).toEqual([false, true, true])
        expect((await world.storage.invites(room)).map(one => one.revokedAt)).toEqual(expect.arrayContaining([null, 2_000]))
        const late = await world.person()
        expect(await come(comes(room, late, theirs), comes(room, late, others))).toEqual(['invite', 1])
      })

      it('also for who would come in by it in the same batch, and not to come back with the role', async () => {
        const { room, moderator, owner, theirs } = await moderated()
        const late = await world.person()
        expect(await come(change(room, owner, [{ do: 'role', user: moderator, role: 'member' }]), comes(room, late, theirs))).toEqual([1, 'invite'])
        await world.does(room, owner, { do: 'role', user: moderator, role: 'moderator' })
        expect(await valid(theirs)).toEqual([false])
      })

      it('not with a room that is handed over: its former owner is a moderator', async () => {
        const { room, moderator, owner, theirs, others } = await moderated()
        await world.does(room, owner, [{ do: 'role', user: owner, role: 'moderator' }, { do: 'role', user: moderator, role: 'owner' }])
        expect(await valid(theirs, others)).toEqual([true, true])
      })

      it('not while they are an admin, who needs no role; then all but those to rooms that they run', async () => {
        const { room, moderator, owner, theirs, away } = await moderated()
        const by = await admin()
        await world.storage.setAdmin({ user: moderator, admin: true, by, at: 2_000 })
        await world.does(room, owner, { do: 'remove', user: moderator, ban: false })
        expect(await valid(theirs, away)).toEqual([true, true])
        await world.storage.setAdmin({ user: moderator, admin: false, by, at: 2_500 })
        expect(await valid(theirs, away)).toEqual([false, true])
      })

      it('an account that is disabled, or deleted', async () => {
        const [one, two, by] = [await moderated(), await moderated(), await admin()]
        await world.storage.setDisabled({ user: one.moderator, disabled: true, by, at: 2_500 })
        await world.storage.setDisabled({ user: one.moderator, disabled: false, by, at: 2_600 })
        await world.storage.deleteAccount(two.moderator, 2_500)
        expect(await valid(one.theirs, one.away, one.others, two.theirs, two.away, two.others)).toEqual([false, false, true, false, false, true])
      })
    })

    it('keep somebody in who came by the password, when that changes; once, and without an event', async () => {
      const room = await world.room(undefined, { visibility: 'private', passwordHash: 'first' })
      const [ada, bob, code] = [await world.person(), await world.person(), await world.invite(room, { uses: 5 })]
      for (const user of [ada, bob]) await world.does(room, user, joins(user, 'member', 'password'))
      expect(await world.storage.access({ id: room }, ada)).toMatchObject({ role: 'member', cameBy: 'password' })
      const { seq } = await world.says(room, ada, 'hello')
      expect(await come(comes(room, ada, code), comes(room, ada, code))).toEqual([0, 0])
      expect(await usesOf(room)).toEqual([[4, 1]])
      expect(await world.storage.access({ id: room }, ada)).toMatchObject({ role: 'member', cameBy: 'invite', room: { seq } })
      await world.does(room, freshId(), { do: 'describe', passwordHash: 'second' })
      expect(await world.storage.access({ id: room }, ada)).toMatchObject({ role: 'member', lost: false })
      expect(await world.storage.access({ id: room }, bob)).toMatchObject({ role: null, cameBy: null, lost: true })
    })

    it('lead nobody in who is banned, nor into an archived room', async () => {
      const [room, user] = [await shut(), await world.person()]
      const code = await world.invite(room)
      await world.does(room, freshId(), { do: 'remove', user, ban: true })
      const requires = [{ check: 'open' }, { check: 'not-banned', user }, { check: 'invite', code }] as const
      expect(await world.append(room, user, joins(user, 'member', 'invite', code), { requires: [...requires] })).toEqual({ ok: false, refused: 'not-banned' })
      await world.does(room, freshId(), [{ do: 'unban', user }, { do: 'describe', archived: true }])
      expect(await world.append(room, user, joins(user, 'member', 'invite', code), { requires: [...requires] })).toEqual({ ok: false, refused: 'open' })
      expect(await world.append(room, user, post('hello'), { requires: [{ check: 'access', user }] })).toEqual({ ok: false, refused: 'access' })
    })
  })
}
