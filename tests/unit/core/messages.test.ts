import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import type { RoomEvent } from '#shared/types'
import type { Identity } from '../../../server/core/chat'
import { hash } from '../../../server/core/ids'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, owner: Identity, ann: Identity, bob: Identity
let room: string
/** What the bus delivered of `room`. */
let heard: RoomEvent[]

beforeAll(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  owner = await t.person('Owner')
  ann = await t.person('Ann')
  bob = await t.person('Bob')
})
afterAll(() => t.close())
beforeEach(async () => {
  await Promise.all([owner, ann, bob].map(({ person }) => t.ports.coordination.forget(`change:${person.id}`)))
  await t.ports.coordination.forget(`room-create:${owner.person.id}`)
  room = (await t.chat.rooms.create(owner, { name: 'A room', topic: '' })).id
  heard = []
  await t.ports.bus.subscribe(room, { event: (event) => { heard.push(JSON.parse(event.json)) }, head: () => {}, typing: () => {} })
})

const say = (who: Identity, text: string, nonce = newNonce()) => t.chat.messages.send(who, { room, nonce, text })
const texts = async () => (await t.chat.messages.page(owner, room, { limit: 100 })).messages.map(message => message.text)
const ban = (who: Identity) => t.ports.storage.append([{
  room, author: owner.person.id, nonce: null, at: 0, requires: [], effects: [{ do: 'remove', user: who.person.id, ban: true }]
}])

describe('sending', () => {
  it('is saved and delivered when it is acknowledged; the first message joins', async () => {
    const sent = await say(ann, 'hello')
    expect(heard.map(event => event.kind)).toEqual(['join', 'message'])
    expect(heard[1]).toMatchObject({ room, seq: sent.seq, author: ann.person.id, message: sent.message, data: { text: 'hello', replyTo: null } })
    expect(heard[1]?.seq).toBe((heard[0]?.seq ?? 0) + 1)
    expect(await texts()).toEqual(['hello'])
    await say(ann, 'again')
    expect(heard.map(event => event.kind)).toEqual(['join', 'message', 'message'])
  })

  it('answers a retry with the first result, and delivers it once', async () => {
    const first = await say(ann, 'hello', 'nonce-0123456789')
    const again = await say(ann, 'hello', 'nonce-0123456789')
    expect(again).toEqual({ ...first, duplicate: true })
    expect(heard.filter(event => event.kind === 'message')).toHaveLength(1)
  })

  it('answers a retry with the first result even after a ban, in an archived room, and of a message deleted since', async () => {
    const first = await say(ann, 'hello', 'nonce-0123456789')
    await t.chat.messages.delete(owner, { room, nonce: newNonce(), message: first.message })
    await ban(ann)
    await t.chat.rooms.update(owner, room, { archived: true })
    expect(await say(ann, 'hello', 'nonce-0123456789')).toEqual({ ...first, duplicate: true })
  })

  it('refuses a nonce that was used for something else', async () => {
    await say(ann, 'hello', 'nonce-0123456789')
    await expect(say(ann, 'other', 'nonce-0123456789')).rejects.toMatchObject({ code: 'conflict' })
    await say(bob, 'mine', 'nonce-0123456789')
  })

  it('is refused to the banned, in an archived room, and in none', async () => {
    await say(ann, 'hello')
    await ban(ann)
    await expect(say(ann, 'let me in')).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('banned') })
    await t.chat.rooms.update(owner, room, { archived: true })
    await expect(say(bob, 'too late')).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('archived') })
    await expect(t.chat.messages.send(bob, { room: 'nowhere', nonce: newNonce(), text: 'x' })).rejects.toMatchObject({ code: 'not_found' })
    expect(await texts()).toEqual(['hello'])
  })

  it('answers only what is in this room', async () => {
    const other = await t.chat.rooms.create(owner, { name: 'Other', topic: '' })
    const there = await t.chat.messages.send(ann, { room: other.id, nonce: newNonce(), text: 'there' })
    await expect(t.chat.messages.send(ann, { room, nonce: newNonce(), text: 'x', replyTo: there.message })).rejects.toMatchObject({ code: 'not_found' })
    const here = await say(ann, 'here')
    await t.chat.messages.send(bob, { room, nonce: newNonce(), text: 'y', replyTo: here.message })
    expect(heard.at(-1)).toMatchObject({ data: { replyTo: here.message } })
  })

  it('keeps to the rate, and says how long to wait', async () => {
    const results = await Promise.allSettled(Array.from({ length: 31 }, (_, i) => say(ann, `${i}`)))
    const refused = results.flatMap(result => result.status === 'rejected' ? [result.reason] : [])
    expect(refused).toHaveLength(1)
    expect(refused[0]).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
    expect(refused[0].retryAfter).toBeGreaterThan(0)
    await say(bob, 'another person')
  })
})

describe('editing', () => {
  it('is for the author alone, and keeps the row', async () => {
    const { message } = await say(ann, 'helo')
    await expect(t.chat.messages.edit(bob, { room, nonce: newNonce(), message, text: 'x' })).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('author') })
    await expect(t.chat.messages.edit(owner, { room, nonce: newNonce(), message, text: 'x' })).rejects.toMatchObject({ code: 'forbidden' })
    const { seq } = await t.chat.messages.edit(ann, { room, nonce: newNonce(), message, text: 'hello' })
    expect(heard.at(-1)).toMatchObject({ kind: 'edit', seq, message, data: { text: 'hello' } })
    expect(await texts()).toEqual(['hello'])
  })

  it('of a message that is not here is not_found', async () => {
    await expect(t.chat.messages.edit(ann, { room, nonce: newNonce(), message: 'nothing', text: 'x' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('deleting', () => {
  it('is for the author, and leaves the text nowhere', async () => {
    const { message } = await say(ann, 'a secret')
    await t.chat.messages.delete(ann, { room, nonce: newNonce(), message })
    expect(heard.at(-1)).toMatchObject({ kind: 'delete', message })
    expect(JSON.stringify(await t.ports.storage.eventsAfter(room, 0, 100))).not.toContain('a secret')
    expect(await texts()).toEqual([''])
    await expect(t.chat.messages.delete(ann, { room, nonce: newNonce(), message })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is for the owner of the room and for admins, and for nobody else', async () => {
    const [first, second, third] = [await say(ann, '1'), await say(ann, '2'), await say(ann, '3')]
    await t.chat.messages.delete(owner, { room, nonce: newNonce(), message: first.message })
    await t.chat.messages.delete(admin, { room, nonce: newNonce(), message: second.message })
    await expect(t.chat.messages.delete(bob, { room, nonce: newNonce(), message: third.message })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await texts()).toEqual(['', '', '3'])
  })

  it('repeated by its nonce has its first answer', async () => {
    const { message } = await say(ann, 'x')
    const change = { room, nonce: newNonce(), message }
    const first = await t.chat.messages.delete(ann, change)
    await ban(ann)
    expect(await t.chat.messages.delete(ann, change)).toEqual({ ...first, duplicate: true })
  })
})

describe('reacting', () => {
  it('says the resulting state; where it is already so, there is no event', async () => {
    const { message } = await say(ann, 'x')
    const react = (on: boolean) => t.chat.messages.react(bob, { room, nonce: newNonce(), message, emoji: '👍', on })
    const { seq } = await react(true)
    expect(heard.at(-1)).toMatchObject({ kind: 'react', seq, data: { emoji: '👍', on: true, count: 1 } })
    const events = heard.length
    expect(await react(true)).toEqual({ seq })
    expect(heard).toHaveLength(events)
    await react(false)
    expect(heard.at(-1)).toMatchObject({ data: { on: false, count: 0 } })
  })
})

describe('a page', () => {
  it('is of one snapshot, with the names of authors and of those who reacted', async () => {
    const { message, seq } = await say(ann, 'x')
    await t.chat.messages.react(bob, { room, nonce: newNonce(), message, emoji: '👍', on: true })
    const page = await t.chat.messages.page(bob, room, { limit: 10 })
    expect(page.asOf).toEqual({ epoch: t.ports.storage.epoch, seq: seq + 1 })
    expect(page.people.map(person => person.name).sort()).toEqual(['Ann', 'Bob'])
    expect(page.messages[0]?.reactions[0]).toMatchObject({ emoji: '👍', count: 1, mine: true })
  })

  it('is refused alike for a room that is not there and one from which one was removed, and to visitors', async () => {
    await say(ann, 'x')
    await ban(ann)
    const refused = (room: string) => t.chat.messages.page(ann, room, { limit: 10 }).catch(error => error.toJSON())
    expect(await refused(room)).toEqual(await refused('nowhere'))
    await expect(t.chat.messages.page(null, room, { limit: 10 })).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

describe('reading', () => {
  it('moves the mark forward only, tells the other devices, and is nothing to one who is not a member', async () => {
    const { seq } = await say(ann, 'x')
    t.controls.length = 0
    await t.chat.messages.read(ann, room, seq)
    await t.chat.messages.read(ann, room, 1)
    await t.chat.messages.read(bob, room, seq)
    await t.chat.messages.read(ann, room, seq)
    expect(t.controls).toEqual([{ kind: 'read', room, user: ann.person.id, readSeq: seq }])
    expect((await t.chat.rooms.get(ann, { id: room })).readSeq).toBe(seq)
  })

  it('too often moves nothing, and nobody is told', async () => {
    const { seq } = await say(ann, 'x')
    for (let n = 0; n < rates.read.points; n++) await t.chat.messages.read(ann, room, 0)
    t.controls.length = 0
    await t.chat.messages.read(ann, room, seq)
    expect(t.controls).toEqual([])
    expect((await t.chat.rooms.get(ann, { id: room })).readSeq).toBeLessThan(seq)
    await t.ports.coordination.forget(`read:${ann.person.id}`)
    await t.chat.messages.read(ann, room, seq)
    expect(t.controls).toMatchObject([{ kind: 'read', readSeq: seq }])
  })
})

describe('pages', () => {
  it('are limited, per person wherever they are, and per address for visitors; whether there is such a room or not', async () => {
    const open = await openTestChat({ public: true })
    try {
      const dan = await open.person('Dan')
      const { id } = await open.chat.rooms.create(dan, { name: 'Open', topic: '' })
      const ask = (viewer: Identity | null, address: string, which = id) => open.chat.messages.page(viewer, which, { limit: 1 }, { address }).then(() => 'a page', (error: { code: string }) => error.code)
      const use = async (key: string) => { for (let n = 0; n < rates.page.points; n++) await open.ports.coordination.take(key, rates.page) }
      await use(`page:${dan.person.id}`)
      expect([await ask(dan, '10.5.0.1'), await ask(dan, '10.5.0.2', 'nowhere'), await ask(null, '10.5.0.1')]).toEqual(['rate_limited', 'rate_limited', 'a page'])
      await use(`page-address:${hash('10.5.0.1')}`)
      expect([await ask(null, '10.5.0.1'), await ask(null, '10.5.0.2')]).toEqual(['rate_limited', 'a page'])
    } finally {
      await open.close()
    }
  })
})
