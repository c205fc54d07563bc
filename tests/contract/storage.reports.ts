import { describe, expect, it } from 'vitest'
import type { Precondition } from '../../server/core/ports'
import { allPages, freshId, report } from '../support/storage'
import type { World } from './storage'

/** Messages that people report, and what becomes of it. */
export function describeReports(world: World): void {
  const open = { closed: false, limit: 50 } as const
  const setUp = async () => {
    const owner = await world.person({ name: 'Owner' })
    const room = await world.room(owner, { name: 'Den', slug: freshId('den') })
    const [author, reporter] = [await world.member(room, 'member', { name: 'Author' }), await world.member(room, 'member', { name: 'Reporter' })]
    const said = await world.says(room, author, 'something rude', { at: 2_500 })
    return { owner, room, author, reporter, message: said.message, seq: said.seq }
  }

  describe('reports', () => {
    it('show the message as it is now, with who reported it and why', async () => {
      const { room, author, reporter, message, seq } = await setUp()
      const made = report(room, message, reporter)
      expect(await world.storage.createReport(made, [])).toBeNull()
      await world.does(room, author, { do: 'edit', message, text: 'something nice' })
      const { items } = await world.storage.reports({ room }, open)
      expect(items).toMatchObject([{
        id: made.id, room: { id: room, name: 'Den' }, at: 3_000, reason: 'Rude', by: { id: reporter, name: 'Reporter' }, closed: null,
        message: { id: message, seq, author: { id: author, name: 'Author' }, at: 2_500, text: 'something nice', deletedAt: null }
      }])
      expect(await world.storage.report(made.id)).toEqual({ room, message })
      await world.does(room, author, { do: 'erase', message }, { at: 5_000 })
      expect((await world.storage.reports({ room }, open)).items).toMatchObject([{ message: { text: '', deletedAt: 5_000 } }])
    })

    it('of one message by one person are one; of a message that is not in the room, none', async () => {
      const { room, reporter, owner, message } = await setUp()
      const other = await world.room()
      const elsewhere = await world.says(other, reporter, 'there')
      const create = (of: string, by: string) => world.storage.createReport(report(room, of, by), [])
      expect(await Promise.all([create(message, reporter), create(message, reporter), create(message, owner), create(elsewhere.message, reporter), create(freshId(), reporter)]))
        .toEqual([null, null, null, 'message', 'message'])
      expect((await world.storage.reports({ room }, open)).items.map(one => one.by.id).sort()).toEqual([reporter, owner].sort())
    })

    it('of a message that was edited since count anew once they are closed, in the first one\'s place', async () => {
      const { owner, room, author, reporter, message } = await setUp()
      const create = async (at: number) => {
        const made = report(room, message, reporter, { at, reason: `at ${at}` })
        expect(await world.storage.createReport(made, [])).toBeNull()
        return made.id
      }
      const close = (at: number) => world.storage.closeReports({ room, message, by: owner, at, outcome: 'dismissed' }, [])
      const edit = (text: string, at: number) => world.does(room, author, { do: 'edit', message, text }, { at })
      const listed = async (closed: boolean) => (await world.storage.reports({ room }, { closed, limit: 50 })).items.map(({ id, reason }) => [id, reason])
      await edit('harmless', 2_800)
      const first = await create(3_000)
      await close(4_000)
      await create(5_000)
      expect([await listed(false), await listed(true)], 'nothing is new').toEqual([[], [[first, 'at 3000']]])
      await edit('abuse', 6_000)
      const second = await create(7_000)
      const other = report(room, message, owner, { at: 7_500 })
      await world.storage.createReport(other, [])
      await create(8_000)
      expect([await listed(false), await listed(true)], 'one report again, and that of another').toEqual([[[other.id, 'Rude'], [second, 'at 7000']], []])
      expect(await Promise.all([first, second].map(id => world.storage.report(id)))).toEqual([null, { room, message }])
      // Who closed it may not have seen what it had just become.
      await edit('worse', 8_500)
      await close(9_000)
      const third = await create(9_500)
      expect([await listed(false), await listed(true)]).toEqual([[[third, 'at 9500']], [[other.id, 'Rude']]])
      await close(10_000)
      await create(11_000)
      expect(await listed(false)).toEqual([])
    })

    it('are made and closed where what they require holds', async () => {
      const { owner, room, reporter, message } = await setUp()
      const outsider = await world.person({ kind: 'guest' })
      expect(await world.storage.createReport(report(room, message, outsider), [{ check: 'access', user: outsider }])).toBe('access')
      const made = report(room, message, reporter)
      await world.storage.createReport(made, [{ check: 'access', user: reporter }])
      const manager = (user: string): Precondition[] => [{ check: 'role', user, roles: ['owner', 'moderator'] }]
      const close = (by: string) => world.storage.closeReports({ room, message, by, at: 8_000, outcome: 'dismissed' }, manager(by))
      expect([await close(reporter), (await world.storage.reports({ room }, open)).items.length]).toEqual(['role', 1])
      expect([await close(owner), (await world.storage.reports({ room }, open)).items.length, await world.storage.report(made.id)]).toEqual([null, 0, null])
    })

    it('of a message are all closed at once, and written down once', async () => {
      const { owner, room, author, reporter, message } = await setUp()
      for (const by of [reporter, owner]) await world.storage.createReport(report(room, message, by), [])
      const close = () => world.storage.closeReports({ room, message, by: owner, at: 8_000, outcome: 'deleted' }, [])
      expect(await Promise.all([close(), close()])).toEqual([null, null])
      expect((await world.storage.reports({ room }, { ...open, closed: true })).items).toMatchObject(Array(2).fill({ closed: { at: 8_000, by: { id: owner, name: 'Owner' }, outcome: 'deleted' } }))
      expect((await world.storage.audit(room, { limit: 10 })).items.filter(one => one.action === 'report-closed')).toMatchObject([{ by: { id: owner }, target: { id: author }, detail: 'deleted' }])
    })

    it('are read of one room, of the rooms that somebody looks after, or of all; newest first, page by page', async () => {
      const [here, there, away] = [await setUp(), await setUp(), await setUp()]
      await world.does(there.room, there.owner, [{ do: 'remove', user: here.owner, ban: false }])
      const moderator = await world.member(here.room, 'moderator')
      await world.does(there.room, there.owner, { do: 'leave', user: moderator })
      for (const { room, author, reporter } of [here, there, away]) {
        for (let n = 0; n < 3; n++) await world.storage.createReport(report(room, (await world.says(room, author, `${n}`)).message, reporter, { at: n }), [])
      }
      await world.member(there.room)
      const read = async (scope: { room?: string, moderator?: string }) =>
        (await allPages(page => world.storage.reports(scope, { closed: false, ...page }), 2)).map(one => [one.room.id, one.message.text])
      const of = ({ room }: { room: string }) => ['2', '1', '0'].map(text => [room, text])
      expect(await read({ room: here.room })).toEqual(of(here))
      expect([await read({ moderator }), await read({ moderator: there.owner }), await read({ moderator: there.reporter })]).toEqual([of(here), of(there), []])
      expect(await read({})).toEqual([...of(away), ...of(there), ...of(here)])
      await expect(world.storage.reports({}, { ...open, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    })

    it('by somebody whose account is deleted have no name', async () => {
      const { room, reporter, message } = await setUp()
      await world.storage.createReport(report(room, message, reporter), [])
      await world.storage.deleteAccount(reporter, 9_000)
      expect((await world.storage.reports({ room }, open)).items).toMatchObject([{ by: { id: reporter, name: '' } }])
    })
  })
}
