import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, RoomSummary } from '../../shared/types'
import { api, signUp, startServer, type TestPerson, type TestServer } from '../support/server'
import { connect, newNonce, openSocket, ticketOf } from '../support/socket'

let server: TestServer
let ann: TestPerson
let ben: TestPerson
let rooms = 0

beforeAll(async () => {
  server = await startServer()
  ann = await signUp(server, 'Ann')
  ben = await signUp(server, 'Ben')
})
afterAll(async () => {
  expect(server.logs()).not.toMatch(/\[fatal\]|\[realtime\]/)
  await server.stop()
})

const newRoom = async () => (await (await api(server, ann, 'POST', '/api/rooms', { name: `Room ${++rooms}` })).json() as RoomSummary).id
const pageOf = async (person: TestPerson, room: string) => await (await api(server, person, 'GET', `/api/rooms/${room}/messages`)).json() as Page

describe('a message', () => {
  it('reaches everybody who reads the room, its author too, once and in one order', async () => {
    const room = await newRoom()
    const [one, two] = [await connect(server, ann), await connect(server, ben)]
    await Promise.all([one.subscribe(room), two.subscribe(room)])
    const [first, second] = await Promise.all([one.say(room, 'from Ann'), two.say(room, 'from Ben')])
    const last = Math.max(first.seq, second.seq)
    await Promise.all([one, two].map(socket => socket.next('event', event => event.seq === last)))
    expect(one.events(room)).toEqual(two.events(room))
    expect(one.events(room).filter(event => event.kind === 'message').map(event => event.author).sort()).toEqual([ann.id, ben.id].sort())
    await Promise.all([one.close(), two.close()])
  })

  it('gets the same answer for the same nonce, and a conflict for other content', async () => {
    const [room, nonce, socket] = [await newRoom(), newNonce(), await connect(server, ann)]
    await socket.subscribe(room)
    const first = await socket.say(room, 'once', nonce)
    expect(await socket.say(room, 'once', nonce)).toMatchObject({ message: first.message, seq: first.seq, duplicate: true })
    await expect(socket.say(room, 'something else', nonce)).rejects.toMatchObject({ code: 'conflict' })
    await socket.close()
  })

  it('is not sent any more when it is deleted in the same breath', async () => {
    const [room, socket, other] = [await newRoom(), await connect(server, ann), await connect(server, ben)]
    await other.subscribe(room)
    const { message } = await socket.say(room, 'first version')
    await other.next('event', event => event.kind === 'message')
    const [edited, deleted] = await Promise.all([
      socket.request<'edit'>({ type: 'edit', room, nonce: newNonce(), message, text: 'a secret that was a mistake' }),
      socket.request<'delete'>({ type: 'delete', room, nonce: newNonce(), message })
    ])
    expect(deleted.seq).toBe(edited.seq + 1)
    await other.next('event', event => event.seq === deleted.seq)
    expect(JSON.stringify(await pageOf(ann, room))).not.toContain('secret')
    const late = await connect(server, ben)
    const { asOf } = await pageOf(ben, room)
    await late.subscribe(room, { ...asOf, seq: 1 })
    await late.next('event', event => event.seq === deleted.seq)
    expect(JSON.stringify(late.frames)).not.toMatch(/secret|first version/)
    await Promise.all([socket.close(), other.close(), late.close()])
  })
})

describe('page, then stream', () => {
  it('brings what came after an older page, in order, before anything new', async () => {
    const [room, writer] = [await newRoom(), await connect(server, ann)]
    for (let n = 1; n <= 5; n++) await writer.say(room, `text ${n}`)
    const page = await pageOf(ben, room)
    for (let n = 6; n <= 10; n++) await writer.say(room, `text ${n}`)
    const reader = await connect(server, ben)
    const [{ head }] = await Promise.all([reader.subscribe(room, page.asOf), writer.say(room, 'meanwhile')])
    const { seq } = await writer.say(room, 'after')
    await reader.next('event', event => event.seq === seq)
    expect(head.seq).toBeGreaterThanOrEqual(page.asOf.seq + 5)
    expect(reader.events(room).map(event => event.seq)).toEqual(Array.from({ length: seq - page.asOf.seq }, (_, n) => page.asOf.seq + 1 + n))
    await Promise.all([writer.close(), reader.close()])
  })

  it.each([
    ['of another history', 'epoch', (epoch: string, head: number) => ({ epoch: `${epoch}x`, seq: head })],
    ['ahead of the room', 'ahead', (epoch: string, head: number) => ({ epoch, seq: head + 5 })]
  ])('resets a position %s', async (_, reason, position) => {
    const [room, socket] = [await newRoom(), await connect(server, ann)]
    const { asOf } = await pageOf(ann, room)
    await socket.subscribe(room, position(asOf.epoch, asOf.seq))
    expect(await socket.next('reset')).toMatchObject({ room, reason })
    await socket.close()
  })
})

describe('interleavings', () => {
  it('lets nobody through who leaves while subscribing', async () => {
    const [room, writer] = [await newRoom(), await connect(server, ann)]
    for (let round = 0; round < 10; round++) {
      await api(server, ben, 'POST', `/api/rooms/${room}/join`)
      const socket = await connect(server, ben)
      const [, left] = await Promise.all([socket.subscribe(room), api(server, ben, 'POST', `/api/rooms/${room}/leave`)])
      expect(left.ok).toBe(true)
      const { seq } = await writer.say(room, `after ${round}`)
      const events = socket.events(room)
      const gone = events.findIndex(event => event.kind === 'leave')
      // Either they were told to come in again, or what they read is of after they had left: then it goes on as for any reader.
      if (gone >= 0) {
        await socket.next('reset', reset => reset.reason === 'access')
        expect(socket.events(room).some(event => event.seq === seq)).toBe(false)
      }
      await socket.close()
    }
    await writer.close()
  })

  it('lets no session in that ends during hello', async () => {
    for (let round = 0; round < 5; round++) {
      const cat = await signUp(server, `Cat ${round}`)
      const [ticket, socket] = [await ticketOf(server, cat), await openSocket(server)]
      socket.send({ type: 'hello', protocol: 1, ticket })
      await fetch(`${server.url}/api/auth/logout`, { method: 'POST', headers: { cookie: cat.cookie, origin: server.url } })
      expect(await socket.closed).toBe(4401)
    }
  })

  it('closes the sockets of a session that is ended elsewhere', async () => {
    const dan = await signUp(server, 'Dan')
    const socket = await connect(server, dan)
    await api(server, dan, 'POST', '/api/auth/logout')
    expect(await socket.closed).toBe(4401)
  })

  it('tells readers and members of a room that is deleted', async () => {
    const room = await newRoom()
    await api(server, ben, 'POST', `/api/rooms/${room}/join`)
    const [reader, member] = [await connect(server, ann), await connect(server, ben)]
    await reader.subscribe(room)
    expect((await api(server, ann, 'DELETE', `/api/rooms/${room}`)).ok).toBe(true)
    await Promise.all([reader, member].map(socket => socket.next('room', frame => frame.room === room && frame.change === 'deleted')))
    await expect(reader.subscribe(room)).rejects.toMatchObject({ code: 'not_found' })
    await Promise.all([reader.close(), member.close()])
  })
})

describe('beside the stream', () => {
  it('tells of unread messages in rooms that I am not looking at, and of what I read on another device', async () => {
    const room = await newRoom()
    await api(server, ben, 'POST', `/api/rooms/${room}/join`)
    const [phone, desk, writer] = [await connect(server, ben), await connect(server, ben), await connect(server, ann)]
    await desk.subscribe(room)
    const { seq } = await writer.say(room, 'hello')
    expect(await phone.next('room', frame => frame.change === 'unread')).toMatchObject({ room, unread: 1, head: seq })
    desk.send({ type: 'read', room, seq })
    expect(await phone.next('room', frame => frame.change === 'read')).toMatchObject({ room, readSeq: seq, unread: 0 })
    await Promise.all([phone.close(), desk.close(), writer.close()])
  })

  it('shows who is there and who is typing', async () => {
    const room = await newRoom()
    const [one, two] = [await connect(server, ann), await connect(server, ben)]
    expect(await one.subscribe(room)).toMatchObject({ online: 1, users: [{ id: ann.id, name: 'Ann' }] })
    expect(await two.subscribe(room)).toMatchObject({ online: 2 })
    await one.next('presence', frame => frame.joined?.includes(ben.id) ?? false)
    two.send({ type: 'typing', room })
    expect(await one.next('typing')).toMatchObject({ room, user: ben.id })
    await two.close()
    await one.next('presence', frame => frame.left?.includes(ben.id) ?? false)
    await one.close()
  })
})
