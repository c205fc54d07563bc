import { describe, expect, it } from 'vitest'
import type { Effect, Precondition } from '../../server/core/ports'
import { change, freshId, freshNonce, joins, post } from '../support/storage'
import type { World } from './storage'

/** A retry is harmless: (room, author, nonce) is unique, and looked up before anything else. */
export function describeNonces(world: World): void {
  describe('nonces', () => {
    it('a retry gets the first result, with the message\'s first id, and makes no event', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const first = await world.does(room, author, post('hello'), { nonce, at: 5_000 })
      const again = await world.does(room, author, post('hello'), { nonce, at: 9_000 })
      expect(first).toMatchObject({ duplicate: false, seq: 1, at: 5_000 })
      expect(again).toEqual({ ok: true, duplicate: true, events: [], seq: 1, at: 5_000, message: first.message })
      expect((await world.storage.page(room, null, { limit: 10 }))?.messages).toHaveLength(1)
    })

    it('a retry in the same batch as the first try is one message', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const results = await world.storage.append([change(room, author, [post('hello')], { nonce }), change(room, author, [post('hello')], { nonce })])
      expect(results.map(result => result.ok && [result.seq, result.duplicate])).toEqual([[1, false], [1, true]])
    })

    it('the same nonce with other content is a conflict', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const { message } = await world.says(room, author, 'hello', { nonce })
      const others: Effect[] = [
        post('other'), post('hello', { replyTo: message }), { do: 'edit', message, text: 'hello' }, { do: 'erase', message },
        { do: 'react', message, user: author, emoji: '👍', on: true }, joins(author), { do: 'leave', user: author },
        { do: 'remove', user: author, ban: false }, { do: 'describe', name: 'hello' },
        { do: 'unban', user: author }, { do: 'role', user: author, role: 'owner' }, { do: 'mute', user: author, until: null }, { do: 'arrive', user: author, name: 'hello' }
      ]
      for (const effect of others) expect(await world.append(room, author, effect, { nonce }), effect.do).toEqual({ ok: false, refused: 'nonce' })
      expect(await world.storage.heads([room])).toEqual(new Map([[room, 1]]))
    })

    it('each kind of change is recognized as its own retry, and refused with other content', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'hello')
      const cases: [Effect, Effect][] = [
        [joins(author), { do: 'leave', user: author }],
        [{ do: 'edit', message, text: 'better' }, { do: 'edit', message, text: 'best' }],
        [{ do: 'react', message, user: author, emoji: '👍', on: true }, { do: 'react', message, user: author, emoji: '👎', on: true }],
        [{ do: 'describe', name: 'New', archived: false }, { do: 'describe', name: 'Newer' }],
        [{ do: 'describe', visibility: 'private', passwordHash: 'a', closed: true, slowModeSeconds: 5 }, { do: 'describe', visibility: 'private', passwordHash: null }],
        [{ do: 'describe', guests: false }, { do: 'describe', guests: true }],
        [{ do: 'role', user: author, role: 'moderator' }, { do: 'role', user: author, role: 'member' }],
        [{ do: 'mute', user: author, until: 9_000 }, { do: 'mute', user: author, until: null }],
        [{ do: 'leave', user: author }, joins(author)],
        [{ do: 'remove', user: author, ban: true }, { do: 'remove', user: author, ban: false }],
        [{ do: 'unban', user: author }, { do: 'unban', user: freshId() }],
        [{ do: 'erase', message }, { do: 'erase', message: freshId() }]
      ]
      for (const [effect, other] of cases) {
        const nonce = freshNonce()
        const first = await world.does(room, author, effect, { nonce })
        expect(first.duplicate, effect.do).toBe(false)
        expect(await world.append(room, author, effect, { nonce }), effect.do).toMatchObject({ ok: true, duplicate: true, seq: first.seq, events: [] })
        expect(await world.append(room, author, other, { nonce }), effect.do).toEqual({ ok: false, refused: 'nonce' })
      }
    })

    it('the nonce of a banned author still returns its first result', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const requires: Precondition[] = [{ check: 'not-banned', user: author }]
      const first = await world.does(room, author, post('hello'), { nonce, requires })
      await world.does(room, freshId(), { do: 'remove', user: author, ban: true })
      expect(await world.append(room, author, post('hello'), { nonce, requires })).toMatchObject({ ok: true, duplicate: true, message: first.message })
      expect(await world.append(room, author, post('more'), { requires })).toEqual({ ok: false, refused: 'not-banned' })
    })

    it('a retry of an edited message is compared with what was first sent', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const { message } = await world.says(room, author, 'first', { nonce })
      await world.does(room, author, { do: 'edit', message, text: 'second' })
      expect(await world.append(room, author, post('first'), { nonce })).toMatchObject({ ok: true, duplicate: true })
      expect(await world.append(room, author, post('second'), { nonce })).toEqual({ ok: false, refused: 'nonce' })
    })

    it('a retry of an erased message returns its result', async () => {
      const [author, room, nonce, second] = [await world.person(), await world.room(), freshNonce(), freshNonce()]
      const { message, seq } = await world.says(room, author, 'secret', { nonce })
      await world.does(room, author, { do: 'edit', message, text: 'secrets' }, { nonce: second })
      await world.does(room, author, { do: 'erase', message })
      expect(await world.append(room, author, post('secret'), { nonce })).toMatchObject({ ok: true, duplicate: true, message, seq })
      expect(await world.append(room, author, { do: 'edit', message, text: 'secrets' }, { nonce: second })).toMatchObject({ ok: true, duplicate: true })
    })

    it('a retry in a room that was deleted meanwhile is refused, and disturbs no other', async () => {
      const [author, room, other, nonce] = [await world.person(), await world.room(), await world.room(), freshNonce()]
      const owner = (await world.storage.access({ id: room }, null))?.room.ownerId ?? ''
      const requires: Precondition[] = [{ check: 'room' }]
      await world.does(room, author, post('hello'), { nonce, requires })
      const again = () => world.storage.append([change(room, author, [post('hello')], { nonce, requires }), change(other, author, [post('elsewhere')])])
      await world.storage.deleteRoom({ room, by: owner, at: 6_000 })
      for (let turn = 0; turn < 20; turn++) {
        expect(await again()).toMatchObject([{ ok: false, refused: 'room' }, { ok: true, seq: turn + 1 }])
      }
    })

    it('a nonce belongs to one author in one room', async () => {
      const [ada, bob, here, there, nonce] = [await world.person(), await world.person(), await world.room(), await world.room(), freshNonce()]
      for (const [room, author] of [[here, ada], [here, bob], [there, ada]] as const) {
        expect(await world.append(room, author, post('hello'), { nonce })).toMatchObject({ ok: true, duplicate: false })
      }
    })

    it('a nonce is remembered after a restart', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      await world.says(room, author, 'hello', { nonce })
      await world.reopen()
      expect(await world.append(room, author, post('hello'), { nonce })).toMatchObject({ ok: true, duplicate: true, seq: 1 })
    })
  })
}
