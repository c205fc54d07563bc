import { describe, expect, it } from 'vitest'
import { limits } from '#shared/limits'
import type { Precondition } from '../../server/core/ports'
import { change, freshId, freshNonce, joins, post } from '../support/storage'
import type { World } from './storage'

const framesOf = (events: readonly { json: string }[]): unknown[] => events.map(event => JSON.parse(event.json))

/** Preconditions and effects, the closed lists of the port. */
export function describeChanges(world: World): void {
  describe('preconditions', () => {
    it('each names itself when it does not hold, and lets pass when it does', async () => {
      const [author, room, other] = [await world.person(), await world.room(), await world.room()]
      const { message } = await world.says(room, author, 'hello')
      const elsewhere = await world.says(other, author, 'there')
      const gone = await world.says(room, author, 'gone')
      await world.does(room, author, { do: 'erase', message: gone.message })
      await world.does(room, author, joins(author))
      const deleted = await world.person()
      await world.storage.deleteAccount(deleted, 3_000)
      const holds: Precondition[] = [
        { check: 'account', user: author }, { check: 'room' }, { check: 'open' }, { check: 'not-banned', user: author },
        { check: 'role', user: author, roles: ['owner', 'member'] }, { check: 'message', message }, { check: 'author', message, user: author }
      ]
      expect(await world.append(room, author, post('passes'), { requires: holds })).toMatchObject({ ok: true })
      const fails: Precondition[] = [
        { check: 'account', user: freshId() }, { check: 'account', user: deleted }, { check: 'role', user: author, roles: ['owner', 'moderator'] },
        { check: 'role', user: freshId(), roles: ['member'] }, { check: 'message', message: freshId() }, { check: 'message', message: elsewhere.message },
        { check: 'message', message: gone.message }, { check: 'author', message, user: freshId() }, { check: 'author', message: gone.message, user: author }
      ]
      for (const need of fails) expect(await world.append(room, author, post('refused'), { requires: [need] })).toEqual({ ok: false, refused: need.check })
      expect((await world.storage.page(room, null, { limit: 10 }))?.messages.map(one => one.text)).toEqual(['hello', '', 'passes'])
    })

    it('a banned author may not post', async () => {
      const [author, room] = [await world.person(), await world.room()]
      await world.does(room, freshId(), { do: 'remove', user: author, ban: true })
      expect(await world.append(room, author, post('hello'), { requires: [{ check: 'not-banned', user: author }] })).toEqual({ ok: false, refused: 'not-banned' })
    })

    it('nobody posts in an archived room until it is open again', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const requires: Precondition[] = [{ check: 'open' }]
      await world.does(room, author, { do: 'describe', archived: true })
      expect(await world.append(room, author, post('hello'), { requires })).toEqual({ ok: false, refused: 'open' })
      await world.does(room, author, { do: 'describe', archived: false })
      expect(await world.append(room, author, post('hello'), { requires })).toMatchObject({ ok: true })
    })

    it('nothing happens in a room that does not exist', async () => {
      const author = await world.person()
      for (const requires of [[], [{ check: 'room' }]] satisfies Precondition[][]) {
        expect(await world.append(freshId(), author, post('hello'), { requires })).toEqual({ ok: false, refused: 'room' })
      }
      expect(await world.append(freshId(), author, post('hello'), { requires: [{ check: 'open' }] })).toEqual({ ok: false, refused: 'open' })
    })

    it('the first that fails is the refusal', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const requires: Precondition[] = [{ check: 'room' }, { check: 'role', user: author, roles: ['owner'] }, { check: 'account', user: freshId() }]
      expect(await world.append(room, author, post('hello'), { requires })).toEqual({ ok: false, refused: 'role' })
    })

    it('one refusal never fails its neighbours, and leaves nothing', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const refused: Precondition[] = [{ check: 'message', message: freshId() }]
      const results = await world.storage.append([
        change(room, author, [post('one')]),
        change(room, author, [joins(author), { do: 'edit', message: freshId(), text: 'no' }]),
        change(room, author, [post('no')], { requires: refused }),
        change(room, author, [post('two')])
      ])
      expect(results.map(result => result.ok ? result.seq : result.refused)).toEqual([1, 'message', 'message', 2])
      expect((await world.storage.access({ id: room }, author))?.role).toBeNull()
    })
  })

  describe('effects', () => {
    it('the first message joins in the same commit; the nonce is that of the message', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), 'n'.repeat(20)]
      const message = freshId()
      const { events, seq } = await world.does(room, author, [joins(author), post('hello', { message })], { nonce })
      expect(seq).toBe(2)
      expect(framesOf(events)).toEqual([
        { type: 'event', room, seq: 1, kind: 'join', at: 2_000, author, nonce: null, data: { role: 'member', cameBy: 'self' } },
        { type: 'event', room, seq: 2, kind: 'message', at: 2_000, author, nonce, message, data: { text: 'hello', replyTo: null } }
      ])
      expect(events.map(({ json: _json, ...routing }) => routing)).toEqual([
        { room, seq: 1, kind: 'join', author, message: null }, { room, seq: 2, kind: 'message', author, message }
      ])
      expect((await world.does(room, author, [joins(author), post('more')])).events).toHaveLength(1)
      expect(await world.storage.access({ id: room }, author)).toMatchObject({ role: 'member', room: { seq: 3, lastMessageAt: 2_000 } })
    })

    it('what is already so makes no event and answers with the current seq', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'hello')
      const on = { do: 'react', message, user: author, emoji: '👍', on: true } as const
      await world.does(room, author, on)
      await world.says(room, author, 'later')
      expect(await world.does(room, author, on)).toMatchObject({ events: [], seq: 2, message })
      expect(await world.does(room, author, { do: 'edit', message, text: 'hello' })).toMatchObject({ events: [], seq: 2 })
      expect(await world.does(room, author, { ...on, emoji: '👎', on: false })).toMatchObject({ events: [], seq: 2 })
      expect(await world.does(room, author, { do: 'leave', user: author })).toMatchObject({ events: [], seq: 3 })
      expect(await world.does(room, author, { do: 'remove', user: author, ban: false })).toMatchObject({ events: [], seq: 3 })
      expect(await world.does(room, author, { do: 'describe', archived: false })).toMatchObject({ events: [], seq: 3, message: null })
    })

    it('reactions carry their resulting count', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await world.room()]
      const { message } = await world.says(room, ada, 'hello')
      const react = (user: string, on: boolean) => world.does(room, user, { do: 'react', message, user, emoji: '👍', on })
      const frames = [await react(ada, true), await react(bob, true), await react(ada, false)].flatMap(({ events }) => framesOf(events))
      expect(frames).toMatchObject([{ data: { emoji: '👍', on: true, count: 1 } }, { data: { on: true, count: 2 } }, { data: { on: false, count: 1 } }])
      const page = await world.storage.page(room, bob, { limit: 10 })
      expect(page?.messages).toMatchObject([{ rev: 4, reactions: [{ emoji: '👍', count: 1, users: [bob], mine: true }] }])
      expect((await world.storage.page(room, ada, { limit: 10 }))?.messages[0]?.reactions[0]?.mine).toBe(false)
    })

    it('a message takes only so many different emoji, but more people with the same', async () => {
      const [ada, bob, room] = [await world.person(), await world.person(), await world.room()]
      const { message } = await world.says(room, ada, 'hello')
      const emoji = (n: number) => String.fromCodePoint(0x1F600 + n)
      for (let n = 0; n < limits.emojiPerMessage; n++) await world.does(room, ada, { do: 'react', message, user: ada, emoji: emoji(n), on: true })
      const more = { do: 'react', message, user: ada, emoji: emoji(50), on: true } as const
      expect(await world.append(room, ada, more)).toEqual({ ok: false, refused: 'too-many-emoji' })
      await world.does(room, bob, { do: 'react', message, user: bob, emoji: emoji(3), on: true })
      await world.does(room, ada, { do: 'react', message, user: ada, emoji: emoji(0), on: false })
      expect(await world.append(room, ada, more)).toMatchObject({ ok: true })
      expect((await world.storage.page(room, null, { limit: 1 }))?.messages[0]?.reactions.map(one => one.emoji))
        .toEqual([...Array.from({ length: limits.emojiPerMessage - 1 }, (_, n) => emoji(n + 1)), emoji(50)])
    })

    it('an edit changes the row and its rev', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'hello', { at: 100 })
      const { events } = await world.does(room, author, { do: 'edit', message, text: 'better' }, { at: 200 })
      expect(framesOf(events)).toMatchObject([{ kind: 'edit', seq: 2, message, data: { text: 'better' } }])
      expect((await world.storage.page(room, null, { limit: 1 }))?.messages).toMatchObject([{ id: message, seq: 1, rev: 2, at: 100, text: 'better', editedAt: 200, deletedAt: null }])
    })

    it('a message is changed only so often; its last change is known again, what is so already passes, and deleting it takes all of them', async () => {
      const [author, room, nonce] = [await world.person(), await world.room(), freshNonce()]
      const { message } = await world.says(room, author, 'draft')
      const other = await world.says(room, author, 'another')
      const edit = (text: string, of = message) => ({ do: 'edit', message: of, text }) as const
      const changes = Array.from({ length: limits.editsPerMessage - 1 }, (_, n) => change(room, author, [edit(`draft ${n}`)]))
      expect((await world.storage.append(changes)).every(result => result.ok)).toBe(true)
      const last = await world.does(room, author, edit('final draft'), { nonce })
      expect(await world.append(room, author, edit('one more'))).toEqual({ ok: false, refused: 'too-many-edits' })
      expect(await world.append(room, author, edit('final draft'), { nonce })).toMatchObject({ ok: true, duplicate: true, seq: last.seq })
      expect(await world.does(room, author, edit('final draft'))).toMatchObject({ events: [], seq: last.seq })
      expect(await world.does(room, author, edit('changed', other.message))).toMatchObject({ events: [{ kind: 'edit' }] })
      await world.does(room, author, { do: 'erase', message })
      const events = await world.storage.eventsAfter(room, 0, 1_000)
      expect(JSON.stringify(events)).not.toContain('draft')
      expect(events.filter(event => event.kind === 'edit' && event.message === message)).toHaveLength(limits.editsPerMessage)
    })

    it('leaving, being removed and being banned are told apart', async () => {
      const [ada, bob, owner] = [await world.person(), await world.person(), await world.person()]
      const room = await world.room(owner)
      for (const user of [ada, bob]) await world.does(room, user, joins(user))
      const left = await world.does(room, ada, { do: 'leave', user: ada })
      const removed = await world.does(room, owner, { do: 'remove', user: bob, ban: false })
      const banned = await world.does(room, owner, { do: 'remove', user: bob, ban: true })
      expect(framesOf([...left.events, ...removed.events, ...banned.events])).toMatchObject([
        { kind: 'leave', author: ada, data: {} },
        { kind: 'member', author: owner, data: { user: bob, role: null, banned: false } },
        { kind: 'member', author: owner, data: { user: bob, role: null, banned: true } }
      ])
      expect(await world.storage.access({ id: room }, bob)).toMatchObject({ role: null, banned: true })
      expect(await world.storage.access({ id: room }, ada)).toMatchObject({ role: null, banned: false })
    })

    it('a room\'s description is one event with the resulting state', async () => {
      const [author, room] = [await world.person(), await world.room(undefined, { name: 'Old', slug: 'old', topic: 'before' })]
      const { events } = await world.does(room, author, { do: 'describe', name: 'New', archived: true }, { at: 7_000 })
      expect(framesOf(events)).toMatchObject([{ kind: 'room', data: { name: 'New', topic: 'before', archivedAt: 7_000 } }])
      expect((await world.storage.access({ slug: 'old' }, null))?.room).toMatchObject({ slug: 'old', name: 'New', archivedAt: 7_000, seq: 1 })
    })
  })

  describe('deleting', () => {
    it('leaves the text nowhere: not in the page, the events, the edits or the reactions', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'a secret')
      await world.does(room, author, { do: 'edit', message, text: 'another secret' })
      await world.does(room, author, { do: 'react', message, user: author, emoji: '👍', on: true })
      const reply = await world.says(room, author, 'answer', { replyTo: message })
      await world.does(room, author, { do: 'erase', message }, { at: 9_000 })
      const page = await world.storage.page(room, author, { limit: 10 })
      expect(page?.messages[0]).toMatchObject({ id: message, seq: 1, rev: 5, text: '', deletedAt: 9_000, reactions: [] })
      const quoted = await world.storage.page(room, author, { limit: 1 })
      expect(quoted).toMatchObject({ messages: [{ id: reply.message, replyTo: message }], quoted: [{ id: message, text: '', deletedAt: 9_000 }] })
      const events = await world.storage.eventsAfter(room, 0, 100)
      expect(JSON.stringify([page, quoted, events])).not.toContain('secret')
      expect(framesOf(events)).toMatchObject([
        { seq: 1, kind: 'message', at: 2_000, author, message, data: { deleted: true } }, { seq: 2, kind: 'edit', message, data: { deleted: true } },
        { seq: 3, kind: 'react' }, { seq: 4, kind: 'message' }, { seq: 5, kind: 'delete', message, data: {} }
      ])
    })

    it('a deleted message can be neither deleted again, edited nor reacted to', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'hello')
      await world.does(room, author, { do: 'erase', message })
      for (const effect of [{ do: 'erase', message }, { do: 'edit', message, text: 'x' }, { do: 'react', message, user: author, emoji: '👍', on: true }] as const) {
        expect(await world.append(room, author, effect)).toEqual({ ok: false, refused: 'message' })
      }
    })

    it('a message of another room can\'t be touched from here', async () => {
      const [author, room, other] = [await world.person(), await world.room(), await world.room()]
      const { message } = await world.says(other, author, 'hello')
      expect(await world.append(room, author, { do: 'erase', message })).toEqual({ ok: false, refused: 'message' })
    })
  })
}
