import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { createRealtime, type Connection, type Realtime } from '../../../server/realtime'
import { ChatError } from '../../../shared/errors'
import { limits, rates } from '../../../shared/limits'
import { openTestChat, type TestChat } from '../../support/ports'
import { FakeWire } from './fakes'

let test: TestChat
let realtime: Realtime
let admin: Identity
let room: string

const lines: Line[] = []

beforeAll(async () => {
  test = await openTestChat()
  admin = await test.person('Ann')
  // How often somebody may do something is the core's, and tested there.
  const { coordination } = test.ports
  const { take } = coordination
  coordination.take = (key, rate) => key.startsWith('typing') ? take(key, rate) : Promise.resolve(0)
})
beforeEach(async () => {
  realtime = createRealtime(test.chat)
  room = (await test.chat.rooms.create(admin, { name: 'Hall', topic: '' })).id
})
afterEach(() => {
  for (const line of lines.splice(0)) line.connection.ended()
  realtime.close()
})
afterAll(() => test.close())

interface Line { wire: FakeWire, connection: Connection, say: (frame: object | string) => void, frame: (type: string, id?: number) => Promise<Record<string, unknown>> }

function open(): Line {
  const wire = new FakeWire()
  const connection = realtime.accept(wire, '127.0.0.1')
  if (!connection) throw new Error('refused')
  const line: Line = {
    wire, connection,
    say: frame => connection.receive(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    frame: (type, id) => vi.waitFor(() => {
      const found = wire.frames.find(frame => frame.type === type && (id === undefined || frame.id === id))
      if (!found) throw new Error(`no ${type} yet: ${JSON.stringify(wire.frames)}`)
      return found
    }, { interval: 1, timeout: 3_000 })
  }
  lines.push(line)
  return line
}

async function enter(who: Identity): Promise<Line> {
  const line = open()
  line.say({ type: 'hello', protocol: 1, ticket: await test.chat.tickets.issue(who, { address: '::1' }) })
  await line.frame('ready')
  return line
}
const closed = (line: Line) => vi.waitFor(() => {
  expect(line.wire.closedWith).not.toBeNull()
  return line.wire.closedWith
}, { interval: 1 })
const nonce = (n: number) => `nonce-${String(n).padStart(12, '0')}`

describe('hello', () => {
  it('is answered with who I am', async () => {
    const line = await enter(admin)
    expect(line.wire.frames[0]).toMatchObject({ type: 'ready', user: { id: admin.person.id, name: 'Ann' }, epoch: test.ports.storage.epoch, heartbeatSeconds: 25 })
  })

  it('refuses anything before it', async () => {
    const line = open()
    line.say({ type: 'subscribe', id: 1, room })
    expect(await line.frame('error', 1)).toMatchObject({ code: 'unauthenticated' })
    expect(await closed(line)).toBe(4401)
  })

  it('refuses a ticket that was used', async () => {
    const ticket = await test.chat.tickets.issue(admin, { address: '::1' })
    const [first, second] = [open(), open()]
    first.say({ type: 'hello', protocol: 1, ticket })
    await first.frame('ready')
    second.say({ type: 'hello', protocol: 1, ticket })
    expect(await closed(second)).toBe(4401)
  })

  it('sends another version away', async () => {
    const line = open()
    line.say({ type: 'hello', protocol: 2, ticket: 'x' })
    expect(await closed(line)).toBe(4426)
  })

  it('does not let in a session that ends meanwhile', async () => {
    const ben = await test.person('Ben')
    const ticket = await test.chat.tickets.issue(ben, { address: '::1' })
    const memberships = test.ports.storage.memberships
    test.ports.storage.memberships = async (user) => {
      await test.chat.accounts.logOut(ben)
      return memberships(user)
    }
    const line = open()
    line.say({ type: 'hello', protocol: 1, ticket })
    expect(await closed(line)).toBe(4401)
    expect(line.wire.frames.some(frame => frame.type === 'ready')).toBe(false)
    test.ports.storage.memberships = memberships
  })

  it('hears no more of a room from which one is removed while one\'s rooms are read', async () => {
    const ben = await test.person('Kit')
    await test.chat.rooms.join(ben, room)
    const reader = await enter(admin)
    reader.say({ type: 'subscribe', id: 1, room })
    await reader.frame('ok', 1)
    const { memberships } = test.ports.storage
    test.ports.storage.memberships = async (user) => {
      const read = await memberships(user)
      await test.chat.moderation.remove(admin, room, ben.person.id, false)
      await vi.waitFor(() => expect(reader.wire.frames).toContainEqual(expect.objectContaining({ type: 'event', kind: 'member' })), { timeout: 5_000 })
      return read
    }
    const line = await enter(ben).finally(() => { test.ports.storage.memberships = memberships })
    await line.frame('room')
    await test.chat.rooms.update(admin, room, { name: 'Not for Ben' })
    expect(line.wire.frames.filter(frame => frame.type === 'room')).toEqual([{ type: 'room', room, change: 'removed' }])
  })

  it('closes the sockets of a session that ends', async () => {
    const ben = await test.person('Dan')
    const [ours, other] = [await enter(ben), await enter(admin)]
    await test.chat.accounts.logOut(ben)
    expect(await closed(ours)).toBe(4401)
    expect(other.wire.open).toBe(true)
  })

  it('closes those of one whose account is disabled, also where nobody learns any more which sessions that ended', async () => {
    const ben = await test.person('Hal')
    const [ours, other] = [await enter(ben), await enter(admin)]
    const { storage } = test.ports
    const setDisabled = storage.setDisabled.bind(storage)
    // The answer to the first try was lost.
    const again = vi.spyOn(storage, 'setDisabled').mockImplementation(async (change) => {
      await setDisabled(change)
      return setDisabled(change)
    })
    await test.chat.admin.changeAccount(admin, ben.person.id, { disabled: true })
    again.mockRestore()
    expect(await closed(ours)).toBe(4401)
    expect(other.wire.open).toBe(true)
  })

  it('is followed by what an admin may do from the moment on when somebody becomes one, or is one no more', async () => {
    const ben = await test.person('Ivy')
    await test.chat.rooms.join(ben, room)
    const line = await enter(ben)
    let id = 0
    const erased = async (author: Identity) => {
      const { message } = await test.chat.messages.send(author, { room, nonce: nonce(++id), text: 'hi' })
      line.say({ type: 'delete', id, room, nonce: nonce(++id + 500), message })
      return vi.waitFor(() => line.wire.frames.find(frame => frame.id === id - 1)?.type ?? expect.fail('no answer'), { interval: 1 })
    }
    const makeAdmin = async (wanted: boolean) => {
      const told = line.wire.frames.length
      await test.chat.admin.changeAccount(admin, ben.person.id, { admin: wanted })
      await vi.waitFor(() => expect(line.wire.frames.length).toBeGreaterThan(told), { interval: 1 })
    }
    expect([await erased(ben), await erased(admin)]).toEqual(['ok', 'error'])
    await makeAdmin(true)
    expect([await erased(ben), await erased(admin)]).toEqual(['ok', 'ok'])
    await makeAdmin(false)
    expect([await erased(ben), await erased(admin)]).toEqual(['ok', 'error'])
  })

  it('keeps the session of an open socket in use', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      realtime.close()
      realtime = createRealtime(test.chat)
      const ben = await test.person('Seen')
      await enter(ben)
      const touched = vi.spyOn(test.ports.storage, 'touchSession')
      vi.advanceTimersByTime(30 * 60_000)
      expect(touched).toHaveBeenCalledExactlyOnceWith(ben.session, expect.any(Number))
      touched.mockRestore()
    } finally {
      vi.useRealTimers()
    }
  })

  it('lets one person have 20 sockets', async () => {
    for (let n = 0; n < limits.socketsPerPerson; n++) await enter(admin)
    const line = open()
    line.say({ type: 'hello', protocol: 1, ticket: await test.chat.tickets.issue(admin, { address: '::1' }) })
    expect(await closed(line)).toBe(4429)
  })

  it('lets one address have 50 sockets without it', () => {
    for (let n = 0; n < limits.socketsWithoutHelloPerAddress; n++) open()
    const wire = new FakeWire()
    expect(realtime.accept(wire, '127.0.0.1')).toBeNull()
    expect(wire.closedWith).toBe(1013)
    expect(realtime.accept(new FakeWire(), '127.0.0.2')).not.toBeNull()
  })
})

describe('visitors', () => {
  let site: TestChat
  beforeAll(async () => {
    site = await openTestChat({ public: true })
    await site.person('Host')
    site.ports.coordination.take = () => Promise.resolve(0)
  })
  afterAll(() => site.close())
  const visit = async (address: string) => {
    const wire = new FakeWire()
    const connection = realtime.accept(wire, address) ?? expect.fail('refused')
    connection.receive(JSON.stringify({ type: 'hello', protocol: 1, ticket: await site.chat.tickets.issue(null, { address }) }))
    await vi.waitFor(() => expect(wire.frames.length > 0 || wire.closedWith !== null).toBe(true), { interval: 1 })
    return { wire, connection }
  }

  it('have 100 sockets of one address, and room for another when one goes; people who are signed in do not count', async () => {
    realtime.close()
    realtime = createRealtime(site.chat)
    const open = []
    for (let n = 0; n < limits.visitorSocketsPerAddress; n++) open.push(await visit('10.6.0.1'))
    expect(open.every(({ wire }) => wire.frames[0]?.type === 'ready')).toBe(true)
    expect((await visit('10.6.0.1')).wire.closedWith).toBe(1013)
    expect((await visit('10.6.0.2')).wire.frames[0]).toMatchObject({ type: 'ready', user: null })
    const wire = new FakeWire()
    const member = realtime.accept(wire, '10.6.0.1') ?? expect.fail('refused')
    member.receive(JSON.stringify({ type: 'hello', protocol: 1, ticket: await site.chat.tickets.issue(await site.person('Member'), { address: '10.6.0.1' }) }))
    await vi.waitFor(() => expect(wire.frames[0]).toMatchObject({ type: 'ready' }))
    member.ended()
    expect((await visit('10.6.0.1')).wire.closedWith).toBe(1013)
    open[0]?.connection.ended()
    expect((await visit('10.6.0.1')).wire.frames[0]).toMatchObject({ type: 'ready' })
  })

  it('go with the next heartbeat where the site was closed to them and that could not be read at once', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const settings = vi.spyOn(site.ports.storage, 'settings')
    try {
      realtime.close()
      realtime = createRealtime(site.chat)
      const { wire } = await visit('10.7.0.1')
      settings.mockRejectedValueOnce(new ChatError('unavailable', 'The storage is away.'))
      site.ports.bus.control({ kind: 'settings-changed' })
      await vi.waitFor(() => expect(log).toHaveBeenCalled(), { interval: 1 })
      settings.mockResolvedValue({ public: false })
      expect(wire.closedWith).toBeNull()
      vi.advanceTimersByTime(limits.heartbeatSeconds * 1000 + 1_000)
      await vi.waitFor(() => expect(wire.closedWith).toBe(4401), { interval: 1 })
    } finally {
      vi.useRealTimers()
      settings.mockRestore()
      log.mockRestore()
    }
  })

  it('cost nothing where there are none', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    const settings = vi.spyOn(site.ports.storage, 'settings')
    try {
      realtime.close()
      realtime = createRealtime(site.chat)
      vi.advanceTimersByTime(limits.heartbeatSeconds * 1000 + 1_000)
      expect(settings).not.toHaveBeenCalled()
    } finally {
      vi.useRealTimers()
      settings.mockRestore()
    }
  })
})

describe('bad frames', () => {
  it.each([
    ['not JSON', '{"type":', 'invalid', undefined],
    ['no object', '[]', 'invalid', undefined],
    ['null', 'null', 'invalid', undefined],
    ['an unknown type', '{"type":"shout","id":3}', 'invalid', 3],
    ['a type from the prototype', '{"type":"__proto__","id":4}', 'invalid', 4],
    ['a room that is no id', '{"type":"subscribe","id":5,"room":"../etc"}', 'invalid', 5],
    ['a text of the wrong type', `{"type":"send","id":6,"room":"r","nonce":"${nonce(1)}","text":7}`, 'invalid', 6],
    ['an empty text', `{"type":"send","id":7,"room":"r","nonce":"${nonce(1)}","text":"  "}`, 'invalid', 7],
    ['a text over the limit', `{"type":"send","id":8,"room":"r","nonce":"${nonce(1)}","text":"${'x'.repeat(4_001)}"}`, 'too_large', 8],
    ['control characters', `{"type":"send","id":9,"room":"r","nonce":"${nonce(1)}","text":"${'\\u0007'.repeat(2_000)}"}`, 'invalid', 9]
  ])('answers %s', async (_, text, code, id) => {
    const line = await enter(admin)
    line.say(text)
    const error = await line.frame('error')
    expect(error.code).toBe(code)
    expect(error.id).toBe(id)
    line.say({ type: 'ping' })
    await line.frame('pong')
  })

  it('ignores what it does not know, and a prototype of its own', async () => {
    const line = await enter(admin)
    line.say(`{"type":"send","id":1,"room":"${room}","nonce":"${nonce(1)}","text":"hi","__proto__":{"admin":true},"later":1}`)
    await line.frame('ok', 1)
    expect(Object.prototype).not.toHaveProperty('admin')
  })

  it('has enough of them after a while', async () => {
    const line = await enter(admin)
    for (let n = 0; n < 20; n++) line.say('garbage')
    expect(await closed(line)).toBe(4400)
  })

  it.each([
    ['frames', (line: Line) => line.say('{"type":"ping"}')],
    ['frames in another spelling', (line: Line) => line.say('{ "type": "ping" }')],
    ['WebSocket', (line: Line) => line.connection.pinged()]
  ])('closes one that pings by %s more often than it can want to know, and answers no more', async (_, ping) => {
    const line = await enter(admin)
    for (let n = 0; n < rates.ping.points; n++) {
      ping(line)
      await Promise.resolve()
    }
    await new Promise(resolve => setImmediate(resolve))
    expect(line.wire.closedWith).toBeNull()
    const before = line.wire.frames.length
    ping(line)
    expect(await closed(line)).toBe(4429)
    expect(line.wire.frames).toHaveLength(before)
  })

  it('counts pings of both kinds together', async () => {
    const line = await enter(admin)
    for (let n = 0; n < rates.ping.points; n++) line.connection.pinged()
    line.say('{"type":"ping"}')
    expect(await closed(line)).toBe(4429)
  })

  it('closes one that asks for more than can wait', async () => {
    const line = await enter(admin)
    for (let n = 0; n < limits.waitingPerSocket + 2; n++) line.say({ type: 'subscribe', id: n, room })
    expect(await closed(line)).toBe(4429)
  })

  it('answers in order', async () => {
    const line = await enter(admin)
    for (let n = 1; n <= 20; n++) line.say({ type: 'send', id: n, room, nonce: nonce(n), text: `text ${n}` })
    await line.frame('ok', 20)
    const answers = line.wire.frames.filter(frame => frame.type === 'ok')
    expect(answers.map(frame => frame.id)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    expect(answers.map(frame => Number(frame.seq))).toEqual([...answers.map(frame => Number(frame.seq))].sort((a, b) => a - b))
  })

  it('answers a failure that nobody expected, logs nothing of what was written, and goes on', async () => {
    const line = await enter(admin)
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const append = vi.spyOn(test.ports.storage, 'append').mockRejectedValue(Object.assign(new Error('3 INVALID_ARGUMENT: a secret detail'), { code: 3, details: 'a secret detail' }))
    line.say({ type: 'send', id: 1, room, nonce: nonce(1), text: 'hi' })
    const error = await line.frame('error', 1)
    expect(error.code).toBe('unavailable')
    expect(JSON.stringify(error)).not.toContain('secret')
    expect(log.mock.calls).toEqual([[expect.stringMatching(/^\[realtime\] Error \(code 3\)\n +at /)]])
    expect(log.mock.calls[0]?.[0]).not.toContain('secret')
    log.mockRestore()
    append.mockRestore()
    line.say({ type: 'ping' })
    await line.frame('pong')
  })
})

describe('a room', () => {
  it('is a page, then its stream', async () => {
    const line = await enter(admin)
    const page = await test.chat.messages.page(admin, room, { limit: 10 })
    await test.chat.messages.send(admin, { room, nonce: nonce(1), text: 'between' })
    line.say({ type: 'subscribe', id: 1, room, position: page.asOf })
    const ok = await line.frame('ok', 1)
    expect(ok).toMatchObject({ head: { epoch: page.asOf.epoch, seq: page.asOf.seq + 1 }, online: 1, users: [{ name: 'Ann' }] })
    await test.chat.messages.send(admin, { room, nonce: nonce(2), text: 'after' })
    await vi.waitFor(() => expect(line.wire.frames.filter(frame => frame.type === 'event').map(frame => frame.seq)).toEqual([page.asOf.seq + 1, page.asOf.seq + 2]))
  })

  it('answers for one that is not there as for one that I may not see', async () => {
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room: 'nowhere' })
    expect(await line.frame('error', 1)).toMatchObject({ code: 'not_found' })
  })

  it('starts again for a position of another history', async () => {
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room, position: { epoch: 'another', seq: 1 } })
    await line.frame('ok', 1)
    expect(await line.frame('reset')).toMatchObject({ room, reason: 'epoch' })
  })

  it('tells the others who is there, who types, and who has gone', async () => {
    const [ann, ben] = [await enter(admin), await enter(await test.person('Eve'))]
    ann.say({ type: 'subscribe', id: 1, room })
    await ann.frame('ok', 1)
    ben.say({ type: 'subscribe', id: 1, room })
    expect(await ben.frame('ok', 1)).toMatchObject({ online: 2 })
    expect(await ann.frame('people')).toMatchObject({ users: expect.arrayContaining([expect.objectContaining({ name: 'Eve' })]) as unknown })
    ben.say({ type: 'typing', room })
    ben.say({ type: 'typing', room })
    await ann.frame('typing')
    ben.connection.ended()
    await vi.waitFor(() => expect(ann.wire.frames.some(frame => frame.type === 'presence' && Array.isArray(frame.left) && frame.left.length === 1)).toBe(true), { timeout: 2_000 })
    expect(ann.wire.frames.filter(frame => frame.type === 'typing')).toHaveLength(1)
  })

  it('names everybody to one who came in when they were too many for names, once they are not', async () => {
    const { coordination } = test.ports
    for (let n = 0; n < limits.presenceNames; n++) coordination.enter(room, `user${n}`)
    await new Promise(resolve => setTimeout(resolve, 300))
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room })
    expect(await line.frame('ok', 1)).toMatchObject({ online: limits.presenceNames + 1, users: [] })
    coordination.leave(room, 'user0')
    await vi.waitFor(() => expect(line.wire.frames).toContainEqual(expect.objectContaining({
      type: 'presence', online: limits.presenceNames, users: expect.arrayContaining(['user1', admin.person.id]) as unknown
    })), { timeout: 2_000 })
  })

  it('tells my other devices what I have read', async () => {
    const [phone, desk] = [await enter(admin), await enter(admin)]
    const { seq } = await test.chat.messages.send(admin, { room, nonce: nonce(1), text: 'hi' })
    desk.say({ type: 'read', room, seq })
    expect(await phone.frame('room')).toMatchObject({ room, change: 'read', readSeq: seq, unread: 0 })
  })

  it('tells everybody there of a new name', async () => {
    const ben = await test.person('Fay')
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room })
    await line.frame('ok', 1)
    await test.chat.messages.send(ben, { room, nonce: nonce(1), text: 'hi' })
    await test.chat.accounts.rename(ben, 'Benjamin')
    await vi.waitFor(() => expect(line.wire.frames).toContainEqual({ type: 'people', users: [{ id: ben.person.id, name: 'Benjamin', kind: 'member' }] }))
  })

  it('ends with a reset for one who leaves', async () => {
    const ben = await test.person('Gus')
    await test.chat.rooms.join(ben, room)
    const line = await enter(ben)
    line.say({ type: 'subscribe', id: 1, room })
    await line.frame('ok', 1)
    await test.chat.rooms.leave(ben, room)
    expect(await line.frame('reset')).toMatchObject({ room, reason: 'access' })
    expect(line.connection.reads(room)).toBe(false)
  })

  it('begins anew, and is no loss of the right to it, where that could not be looked up', async () => {
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room })
    await line.frame('ok', 1)
    const replay = vi.spyOn(test.chat, 'replay').mockRejectedValueOnce(new ChatError('unavailable', 'The storage is away.'))
    await test.chat.rooms.update(admin, room, { visibility: 'private' })
    expect(await line.frame('reset')).toMatchObject({ room, reason: 'too-old' })
    replay.mockRestore()
    line.say({ type: 'subscribe', id: 2, room })
    expect(await line.frame('ok', 2)).toMatchObject({ head: { seq: 1 } })
  })

  it('is asked for only so often, and the one that is read already goes on', async () => {
    const line = await enter(admin)
    line.say({ type: 'subscribe', id: 1, room })
    await line.frame('ok', 1)
    for (let n = 2; n <= rates.subscribe.points; n++) {
      line.say({ type: 'subscribe', id: n, room: 'nowhere' })
      expect(await line.frame('error', n)).toMatchObject({ code: 'not_found' })
    }
    line.say({ type: 'subscribe', id: 9_001, room })
    const error = await line.frame('error', 9_001)
    expect(error).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) as number })
    expect(error.retryAfter).toBeLessThanOrEqual(rates.subscribe.seconds * 1000)
    expect(line.connection.reads(room)).toBe(true)
    const other = await enter(admin)
    other.say({ type: 'subscribe', id: 1, room })
    expect(await other.frame('error', 1), 'by all their sockets together').toMatchObject({ code: 'rate_limited' })
    const another = await enter(await test.person('Sid'))
    another.say({ type: 'subscribe', id: 1, room })
    await another.frame('ok', 1)
  })

  it('is not more than 200 at once', async () => {
    const line = await enter(admin)
    for (let n = 0; n < limits.subscriptionsPerSocket; n++) line.connection.rooms.push({ id: `room${n}`, leave: () => {}, empty: false } as never)
    line.say({ type: 'subscribe', id: 1, room })
    expect(await line.frame('error', 1)).toMatchObject({ code: 'rate_limited' })
  })
})

describe('draining', () => {
  it('answers what is under way, says bye with different times, closes with 1012, and takes nothing new', async () => {
    const lines = [await enter(admin), await enter(admin), await enter(admin)]
    lines[0]!.say({ type: 'send', id: 1, room, nonce: nonce(1), text: 'last words' })
    await realtime.drain({ elsewhere: false })
    expect(lines[0]!.wire.frames.map(frame => frame.type)).toEqual(expect.arrayContaining(['ok', 'bye']))
    for (const line of lines) {
      expect(line.wire.frames.at(-1)).toMatchObject({ type: 'bye' })
      expect(line.wire.closedWith).toBe(1012)
    }
    expect(new Set(lines.map(line => line.wire.frames.at(-1)!.after)).size).toBeGreaterThan(1)
    expect(realtime.accept(new FakeWire(), '127.0.0.1')).toBeNull()
  })

  it('lets go of one after the other where other instances take them over, and serves each until its turn', async () => {
    const lines = [await enter(admin), await enter(admin), await enter(admin)]
    const drained = realtime.drain({ elsewhere: true })
    expect(lines.map(line => line.wire.closedWith)).toEqual([1012, null, null])
    expect(realtime.draining).toBe(true)
    expect(realtime.accept(new FakeWire(), '127.0.0.1')).toBeNull()
    const { coordination } = test.ports
    const { take } = coordination
    let letGo = () => {}
    coordination.take = () => new Promise((resolve) => { letGo = () => resolve(0) })
    lines[1]!.say({ type: 'send', id: 1, room, nonce: nonce(1), text: 'still here' })
    await closed(lines[2]!)
    expect(lines[1]!.wire.closedWith).toBeNull()
    coordination.take = take
    letGo()
    await drained
    expect(lines[1]!.wire.frames.map(frame => frame.type)).toEqual(expect.arrayContaining(['ok', 'bye']))
    expect(lines.map(line => line.wire.closedWith)).toEqual([1012, 1012, 1012])
  })
})
