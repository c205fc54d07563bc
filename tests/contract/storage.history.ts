import { describe, expect, it } from 'vitest'
import type { Storage } from '../../server/core/ports'
import { change, freshId, joins, post } from '../support/storage'
import type { World } from './storage'

/** Through all pages. */
async function allMessagesBy(storage: Pick<Storage, 'messagesBy'>, author: string) {
  const all: { room: string, message: string }[] = []
  for (let cursor: string | undefined; ;) {
    const { items, next } = await storage.messagesBy(author, cursor)
    all.push(...items)
    if (next === null) return all
    cursor = next
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)

/** Order, pages and replay. */
export function describeHistory(world: World): void {
  describe('order', () => {
    it('concurrent appends get gapless seqs, each author\'s in the order asked for', async () => {
      const [ada, bob, room, other] = [await world.person(), await world.person(), await world.room(), await world.room()]
      const results = await Promise.all(upTo(300).map(n => world.does(n % 10 === 0 ? other : room, n % 2 ? ada : bob, post(String(n)))))
      expect(results.flatMap(({ events }) => events).filter(event => event.room === room).map(event => event.seq)).toEqual(upTo(270))
      expect((await world.storage.eventsAfter(room, 0, 1_000)).map(event => event.seq)).toEqual(upTo(270))
      expect(await world.storage.heads([room, other, freshId()])).toEqual(new Map([[room, 270], [other, 30]]))
    })

    it('events are stored as they were given', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const given = (await Promise.all(upTo(5).map(n => world.does(room, author, post(`"${n}" \u2028 😀`))))).flatMap(({ events }) => events)
      expect(await world.storage.eventsAfter(room, 0, 100)).toEqual(given)
      await world.reopen()
      expect(await world.storage.eventsAfter(room, 2, 2)).toEqual(given.slice(2, 4))
      expect(await world.storage.eventsAfter(room, 5, 2)).toEqual([])
      expect(await world.storage.eventsAfter(freshId(), 0, 2)).toEqual([])
    })

    it('a message is known by its room and id, with its author, until it is deleted', async () => {
      const { storage } = world
      const [ada, bob, room, other] = [await world.person(), await world.person(), await world.room(), await world.room()]
      const message = freshId('m')
      await world.does(room, ada, post('hello', { message }))
      expect([await storage.authorOf(room, message), await storage.authorOf(other, message), await storage.authorOf(room, freshId('m'))]).toEqual([ada, null, null])
      await world.does(room, bob, { do: 'erase', message })
      expect(await storage.authorOf(room, message)).toBeNull()
    })

    it('the epoch stays the same when storage is opened again', async () => {
      const { epoch } = world.storage
      expect(epoch).not.toBe('')
      await world.reopen()
      expect(world.storage.epoch).toBe(epoch)
    })
  })

  describe('pages', () => {
    it('the newest, oldest first; then what is before, to the beginning', async () => {
      const [author, room] = [await world.person(), await world.room()]
      await world.storage.append(upTo(25).map(n => change(room, author, [post(String(n))])))
      const newest = await world.storage.page(room, null, { limit: 10 })
      expect(newest).toMatchObject({ access: { room: { id: room, seq: 25 }, role: null, banned: false }, more: { before: true, after: false }, quoted: [] })
      expect(newest?.messages.map(one => one.seq)).toEqual(upTo(25).slice(15))
      const older = await world.storage.page(room, null, { before: 16, limit: 10 })
      expect(older?.messages.map(one => one.text)).toEqual(upTo(15).slice(5).map(String))
      expect(older?.more).toEqual({ before: true, after: true })
      const first = await world.storage.page(room, null, { before: 6, limit: 5 })
      expect([first?.messages.map(one => one.seq), first?.more]).toEqual([upTo(5), { before: false, after: true }])
      expect(await world.storage.page(room, null, { before: 1, limit: 5 })).toMatchObject({ messages: [], more: { before: false, after: true } })
    })

    it('around a seq: half on each side, and more of one where the other ends', async () => {
      const [author, room] = [await world.person(), await world.room()]
      await world.storage.append(upTo(20).map(n => change(room, author, [post(String(n))])))
      const around = async (seq: number, limit = 6) => {
        const page = await world.storage.page(room, null, { around: seq, limit })
        return [page?.messages.map(one => one.seq), page?.more.before, page?.more.after]
      }
      expect(await around(10)).toEqual([[8, 9, 10, 11, 12, 13], true, true])
      expect(await around(2)).toEqual([[1, 2, 3, 4, 5, 6], false, true])
      expect(await around(20)).toEqual([[15, 16, 17, 18, 19, 20], true, false])
      expect(await around(99)).toEqual([[15, 16, 17, 18, 19, 20], true, false])
      expect(await around(10, 1)).toEqual([[10], true, true])
    })

    it('carries the answered messages that are not among it, once', async () => {
      const [author, room, other] = [await world.person(), await world.room(), await world.room()]
      const first = await world.says(room, author, 'question')
      const elsewhere = await world.says(other, author, 'private')
      const second = await world.says(room, author, 'one', { replyTo: first.message })
      await world.says(room, author, 'two', { replyTo: first.message })
      await world.says(room, author, 'three', { replyTo: second.message })
      await world.says(room, author, 'four', { replyTo: elsewhere.message })
      const page = await world.storage.page(room, null, { limit: 4 })
      expect(page?.quoted.map(one => one.text)).toEqual(['question'])
    })

    it('nobody gets a page of a room that does not exist', async () => {
      expect(await world.storage.page(freshId(), null, { limit: 10 })).toBeNull()
      expect(await world.storage.replay(freshId(), null, 0, { events: 10, bytes: 1_000 })).toBeNull()
    })

    it('a page, then the events above it: no hole and nothing twice, while others write', async () => {
      const [author, room] = [await world.person(), await world.room()]
      const { message } = await world.says(room, author, 'first')
      const writing = upTo(200).map(n => world.does(room, author, n % 3 ? post(String(n)) : { do: 'edit', message, text: `edit ${n}` }))
      await writing[40]
      const page = await world.storage.page(room, author, { limit: 100 })
      await Promise.all(writing)
      const position = page?.access.room.seq ?? -1
      expect(Math.max(...page?.messages.map(one => one.rev) ?? [])).toBe(position)
      const replay = await world.storage.replay(room, author, position, { events: 1_000, bytes: Infinity })
      expect(replay?.access.room.seq).toBe(201)
      expect(replay?.events.map(event => event.seq)).toEqual(upTo(201).slice(position))
    })

    it('a replay says how the viewer stands, and is bounded', async () => {
      const [author, room] = [await world.person(), await world.room()]
      await world.does(room, author, joins(author))
      await world.storage.append(upTo(9).map(n => change(room, author, [post(String(n))])))
      const replay = await world.storage.replay(room, author, 2, { events: 3, bytes: Infinity })
      expect(replay).toMatchObject({ access: { role: 'member', room: { seq: 10 } }, events: [{ seq: 3 }, { seq: 4 }, { seq: 5 }] })
      const [first, second] = replay?.events.map(({ json }) => json.length) ?? []
      const within = async (bytes: number) => (await world.storage.replay(room, author, 2, { events: 9, bytes }))?.events.map(({ seq }) => seq)
      expect([await within(first! - 1), await within(first!), await within(first! + second!)], 'and the one that passes the bytes').toEqual([[3], [3, 4], [3, 4, 5]])
    })
  })

  describe('an author\'s messages', () => {
    it('are known to be theirs, in their room, until they are deleted', async () => {
      const [author, here, there] = [await world.person(), await world.room(), await world.room()]
      const { message } = await world.says(here, author, 'one')
      const authorOf = async () => [await world.storage.authorOf(here, message), await world.storage.authorOf(there, message), await world.storage.authorOf(here, freshId())]
      expect(await authorOf()).toEqual([author, null, null])
      await world.does(here, author, { do: 'erase', message })
      expect(await authorOf()).toEqual([null, null, null])
    })

    it('are found across rooms, without the deleted', async () => {
      const [author, other, here, there] = [await world.person(), await world.person(), await world.room(), await world.room()]
      const first = await world.says(here, author, 'one', { at: 1 })
      await world.says(here, other, 'not mine', { at: 2 })
      const second = await world.says(there, author, 'two', { at: 3 })
      const third = await world.says(here, author, 'three', { at: 4 })
      await world.does(there, author, { do: 'erase', message: second.message })
      expect(await allMessagesBy(world.storage, author)).toEqual([{ room: here, message: first.message }, { room: here, message: third.message }])
    })

    it('are all found, however many others\' lie between', async () => {
      const [author, other, room] = [await world.person(), await world.person(), await world.room()]
      const first = await world.says(room, author, 'first')
      for (let batch = 0; batch < 3; batch++) await world.storage.append(upTo(2_000).map(n => change(room, other, [post(String(n))])))
      const last = await world.says(room, author, 'last')
      let [looks, turns, waiting] = [0, 0, 0]
      const watched: Pick<Storage, 'messagesBy'> = {
        messagesBy(...asked) {
          waiting = Math.max(waiting, looks - turns)
          looks++
          setImmediate(() => { turns++ })
          return world.storage.messagesBy(...asked)
        }
      }
      expect(await allMessagesBy(watched, author)).toEqual([{ room, message: first.message }, { room, message: last.message }])
      expect(waiting, 'others have their turn after each look').toBe(0)
    })
  })
}
