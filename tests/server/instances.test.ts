import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RoomSummary } from '../../shared/types'
import { client } from '../support/http'
import { freePort, startRedis, type TestRedis } from '../support/redis'
import { api, signUp, startServer, tempFolder, type TestPerson, type TestServer } from '../support/server'
import { connect, newNonce, openSocket, ticketOf, type TestSocket } from '../support/socket'

let redis: TestRedis
let data: Awaited<ReturnType<typeof tempFolder>>
let servers: TestServer[]
let [one, two, three]: TestServer[] = []
let ann: TestPerson
let ben: TestPerson
let rooms = 0
/** What is expected in the logs of the three. */
const outages: string[] = []

const until = <T>(holds: () => T | Promise<T>, timeout = 10_000) => vi.waitFor(holds, { timeout, interval: 20 })
const at = (server: TestServer | undefined): TestServer => server ?? expect.fail('no server')
const start = (env: Record<string, string> = { REDIS_URL: redis.url }) => startServer({ dataFolder: data.folder, env })
const readiness = async (server: TestServer) => {
  const { status, body } = await client(server.url)('GET', '/ready')
  return { status, ...body as object }
}
const ready = { status: 200, ready: true, degraded: [] }
const newRoom = async () => (await (await api(at(one), ann, 'POST', '/api/rooms', { name: `Room ${++rooms}` })).json() as RoomSummary).id
const close = (...sockets: TestSocket[]) => Promise.all(sockets.map(socket => socket.close()))

beforeAll(async () => {
  [redis, data] = await Promise.all([startRedis(), tempFolder()])
  // At once, as a supervisor would.
  servers = await Promise.all([start(), start(), start()])
  ;[one, two, three] = servers
  await until(async () => expect(await Promise.all(servers.map(readiness))).toEqual([ready, ready, ready]))
  ann = await signUp(at(one), 'Ann')
  ben = await signUp(at(two), 'Ben')
})
afterAll(async () => {
  const said = servers.flatMap(server => server.logs().split('\n')).filter(line => line && !/is ready on|Nobody is here yet/.test(line))
  await Promise.all(servers.map(server => server.stop()))
  await redis.stop()
  await data.remove()
  expect(said.filter(line => !outages.some(part => line.includes(part)))).toEqual([])
})

describe('people on different instances', () => {
  it('read one conversation, in one order, each message once', async () => {
    const [room, cat] = [await newRoom(), await signUp(at(three), 'Cat')]
    const sockets = await Promise.all([connect(at(one), ann), connect(at(two), ben), connect(at(three), cat)])
    await Promise.all(sockets.map(socket => socket.subscribe(room)))
    const said = await Promise.all(Array.from({ length: 30 }, (_, index) => sockets[index % 3]!.say(room, `text ${index}`)))
    const last = Math.max(...said.map(({ seq }) => seq))
    await Promise.all(sockets.map(socket => socket.next('event', event => event.seq === last)))
    const [first, ...others] = sockets.map(socket => socket.events(room))
    for (const events of others) expect(events.slice(-30)).toEqual(first?.slice(-30))
    for (const socket of sockets) {
      const seqs = socket.events(room).map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
    }
    expect(new Set(first?.filter(({ kind }) => kind === 'message').map(event => 'message' in event && event.message)).size).toBe(30)
    await close(...sockets)
  })

  it('hear of each other at once, over Redis, not only by looking into storage', async () => {
    const [room, writer, reader] = [await newRoom(), await connect(at(one), ann), await connect(at(two), ben)]
    await reader.subscribe(room)
    const waits: number[] = []
    for (let n = 0; n < 15; n++) {
      const { seq } = await writer.say(room, `text ${n}`)
      const since = performance.now()
      await reader.next('event', event => event.seq === seq)
      waits.push(performance.now() - since)
    }
    // The sweep of storage alone would take 125 ms on average.
    expect(waits.sort((a, b) => a - b)[7]).toBeLessThan(80)
    await close(writer, reader)
  })

  it('get the same answer for the same nonce', async () => {
    const [room, nonce, here, there] = [await newRoom(), newNonce(), await connect(at(one), ann), await connect(at(three), ann)]
    const first = await here.say(room, 'once', nonce)
    expect(await there.say(room, 'once', nonce)).toMatchObject({ message: first.message, seq: first.seq, duplicate: true })
    await close(here, there)
  })

  it('see who is there and who is typing', async () => {
    const [room, here, there] = [await newRoom(), await connect(at(one), ann), await connect(at(two), ben)]
    await here.subscribe(room)
    await there.subscribe(room)
    await here.next('presence', frame => frame.joined?.includes(ben.id) ?? false)
    const { users } = await there.subscribe(room)
    expect(users.map(({ name }) => name).sort()).toEqual(['Ann', 'Ben'])
    there.send({ type: 'typing', room })
    expect(await here.next('typing')).toMatchObject({ room, user: ben.id })
    await there.close()
    await here.next('presence', frame => frame.left?.includes(ben.id) ?? false)
    await here.close()
  })

  it('hear of rooms that they have joined elsewhere, of what is unread there, and of what they read on another device', async () => {
    const [room, phone, desk, writer] = [await newRoom(), await connect(at(two), ben), await connect(at(three), ben), await connect(at(one), ann)]
    expect((await api(at(three), ben, 'POST', `/api/rooms/${room}/join`)).ok).toBe(true)
    await phone.next('room', frame => frame.room === room && frame.change === 'added')
    await desk.subscribe(room)
    const { seq } = await writer.say(room, 'hello')
    expect(await phone.next('room', frame => frame.room === room && frame.change === 'unread')).toMatchObject({ room, unread: 1, head: seq })
    desk.send({ type: 'read', room, seq })
    expect(await phone.next('room', frame => frame.room === room && frame.change === 'read')).toMatchObject({ room, readSeq: seq, unread: 0 })
    await close(phone, desk, writer)
  })

  it('hear of a new name, of a room that is renamed, and of one that is deleted', async () => {
    const [room, dan] = [await newRoom(), await signUp(at(one), 'Dan')]
    await api(at(two), dan, 'POST', `/api/rooms/${room}/join`)
    const [reader, member] = [await connect(at(two), ben), await connect(at(three), dan)]
    await reader.subscribe(room)
    expect((await api(at(one), dan, 'PATCH', '/api/me', { name: 'Daniel' })).ok).toBe(true)
    await reader.next('people', ({ users }) => users.some(({ name }) => name === 'Daniel'))
    expect((await api(at(one), ann, 'PATCH', `/api/rooms/${room}`, { name: 'Another name' })).ok).toBe(true)
    await reader.next('event', event => event.kind === 'room')
    await member.next('room', frame => frame.room === room && frame.change === 'renamed')
    expect((await api(at(one), ann, 'DELETE', `/api/rooms/${room}`)).ok).toBe(true)
    await Promise.all([reader, member].map(socket => socket.next('room', frame => frame.room === room && frame.change === 'deleted')))
    await close(reader, member)
  })
})

describe('what one instance ends', () => {
  it('a session: its sockets on the others are closed within 2 s', async () => {
    const eve = await signUp(at(one), 'Eve')
    const sockets = await Promise.all([connect(at(two), eve), connect(at(three), eve)])
    const since = performance.now()
    expect((await api(at(one), eve, 'POST', '/api/auth/logout')).ok).toBe(true)
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401])
    expect(performance.now() - since).toBeLessThan(2_000)
  })

  it('an account that an admin disables: its sockets on the others are closed within 2 s, and none opens again', async () => {
    const mia = await signUp(at(three), 'Mia')
    const sockets = await Promise.all([connect(at(two), mia), connect(at(three), mia)])
    const ticket = await ticketOf(at(two), mia)
    const since = performance.now()
    expect((await api(at(one), ann, 'PATCH', `/api/admin/people/${mia.id}`, { disabled: true })).ok).toBe(true)
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([4401, 4401])
    expect(performance.now() - since).toBeLessThan(2_000)
    const again = await openSocket(at(two))
    again.send({ type: 'hello', protocol: 1, ticket })
    expect(await again.closed).toBe(4401)
    expect((await api(at(two), mia, 'POST', '/api/ws/ticket')).status).toBe(401)
  })

  it('a membership: who left there is sent nothing of it here', async () => {
    const [room, writer] = [await newRoom(), await connect(at(one), ann)]
    await api(at(two), ben, 'POST', `/api/rooms/${room}/join`)
    const socket = await connect(at(two), ben)
    await socket.subscribe(room)
    expect((await api(at(three), ben, 'POST', `/api/rooms/${room}/leave`)).ok).toBe(true)
    const { seq } = await writer.say(room, 'after')
    await socket.next('reset', reset => reset.room === room && reset.reason === 'access')
    expect(socket.events(room).map(event => event.seq)).not.toContain(seq)
    await close(writer, socket)
  })

  it('a ticket: it opens one socket, on one instance', async () => {
    const ticket = await ticketOf(at(one), ann)
    const [first, second] = [await openSocket(at(two)), await openSocket(at(three))]
    first.send({ type: 'hello', protocol: 1, ticket })
    await first.next('ready')
    second.send({ type: 'hello', protocol: 1, ticket })
    expect(await second.closed).toBe(4401)
    await first.close()
  })
})

describe('a process that comes or goes', () => {
  /** Starts one that is expected to end; gives what it printed. */
  const refused = (env: Record<string, string>) => new Promise<{ code: number | null, printed: string }>((done) => {
    const child = execFile(process.execPath, [resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output', 'server/index.mjs')],
      { timeout: 50_000, env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', CHATLY_DATA: data.folder, ...env } },
      (_, stdout, stderr) => done({ code: child.exitCode, printed: (stdout + stderr).trim() }))
  })

  it('is refused in one line on the same folder without Redis', async () => {
    const { code, printed } = await refused({})
    expect([code, printed.split('\n')]).toEqual([1, [expect.stringMatching(/^Chatly cannot start: .*REDIS_URL/)]])
  })

  it('is refused in one line with a REDIS_URL that cannot be right, without its password', async () => {
    const { code, printed } = await refused({ REDIS_URL: 'redis://:sekret@host:port' })
    expect([code, printed.split('\n')]).toEqual([1, [expect.stringMatching(/^Chatly cannot start: REDIS_URL must look like/)]])
    expect(printed).not.toContain('sekret')
  })

  it('leaves nobody behind for more than ten seconds when it is killed', async () => {
    const [room, reader, server] = [await newRoom(), await connect(at(one), ann), await start()]
    const there = await connect(server, ben)
    await reader.subscribe(room)
    await there.subscribe(room)
    await reader.next('presence', frame => frame.joined?.includes(ben.id) ?? false)
    await server.kill('SIGKILL')
    const since = performance.now()
    await reader.next('presence', frame => frame.left?.includes(ben.id) ?? false)
    // 7.25 s at most, and what this machine takes.
    expect(performance.now() - since).toBeLessThan(25_000)
    await reader.close()
  })

  it('starts without Redis, says so in one line, serves, and is ready when Redis comes', async () => {
    const [alone, port] = [await tempFolder(), await freePort()]
    const server = await startServer({ dataFolder: alone.folder, env: { REDIS_URL: `redis://:sekret@127.0.0.1:${port}` } })
    let late: TestRedis | undefined
    try {
      const dan = await signUp(server, 'Dan')
      const socket = await connect(server, dan)
      const room = (await (await api(server, dan, 'POST', '/api/rooms', { name: 'Alone' })).json() as RoomSummary).id
      await socket.subscribe(room)
      const { seq } = await socket.say(room, 'anybody here?')
      await socket.next('event', event => event.seq === seq)
      await until(() => expect(server.logs()).toMatch(/cannot be used: the connection is refused\. .*keeps trying/))
      expect(await readiness(server)).toEqual({ status: 503, ready: false, reason: 'starting', degraded: [] })
      late = await startRedis({ port, password: 'sekret' })
      await until(async () => expect(await readiness(server)).toEqual(ready))
      expect(server.logs().split('\n').filter(line => line.startsWith('Redis at'))).toEqual([expect.stringContaining('cannot be used'), expect.stringContaining('is back')])
      expect(server.logs()).not.toContain('sekret')
      await socket.close()
      expect(await server.kill('SIGTERM')).toBe(0)
    } finally {
      await server.stop()
      await late?.stop()
      await alone.remove()
    }
  })
})

describe('while Redis is there and refuses what is to be kept', () => {
  it('all goes on, readiness says so, and each says why in one line', async () => {
    outages.push('refuses what is needed', 'refuses nothing any more')
    const readers = () => Promise.all(servers.map(readiness))
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    await until(async () => expect(await readers()).toEqual(servers.map(() => ({ ...ready, degraded: ['coordination'] }))))
    const [room, writer, reader] = [await newRoom(), await connect(at(one), ann), await connect(at(two), ben)]
    await reader.subscribe(room)
    const { seq } = await writer.say(room, 'who has room?')
    await reader.next('event', event => event.seq === seq)
    await close(writer, reader)
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    // What was refused is asked again as people come, and with each beat of the lease. They do not come all the time: their tickets are limited.
    await until(async () => {
      await close(await connect(at(one), ann), await connect(at(two), ben))
      await api(at(one), ann, 'POST', `/api/rooms/${room}/messages`, { nonce: newNonce(), text: 'I have' })
      await until(async () => expect(await readers()).toEqual(servers.map(() => ready)), 4_000)
    }, 20_000)
    for (const server of servers) expect(server.logs().split('\n').filter(line => line.includes('refuses')).map(line => /OOM|any more/.exec(line)?.[0])).toEqual(['OOM', 'any more'])
  }, 40_000)
})

describe('while Redis is away', () => {
  const degraded = { status: 200, ready: true, degraded: ['bus'] }
  const lateness = async (room: string, writer: TestSocket, reader: TestSocket) => {
    const waits: number[] = []
    for (let n = 0; n < 10; n++) {
      const { seq } = await writer.say(room, `text ${n}`)
      const since = performance.now()
      await reader.next('event', event => event.seq === seq)
      waits.push(performance.now() - since)
    }
    return waits.sort((a, b) => a - b)
  }

  it.each([
    ['it was killed, and comes back empty', () => redis.kill('SIGKILL'), () => redis.restart()],
    ['it hangs, and goes on', async () => redis.pause(), async () => redis.resume()]
  ])('(%s) messages arrive half a second late, sessions end, and all is well again after', async (_, breaks, mends) => {
    outages.push('is away', 'is back')
    const [room, fay] = [await newRoom(), await signUp(at(one), `Fay ${rooms}`)]
    const [writer, reader, leaving] = [await connect(at(one), ann), await connect(at(two), ben), await connect(at(three), fay)]
    await Promise.all([writer.subscribe(room), reader.subscribe(room)])
    await breaks()
    await until(async () => expect(await Promise.all(servers.map(readiness))).toEqual([degraded, degraded, degraded]), 15_000)
    expect((await client(at(one).url)('GET', '/metrics')).text).toMatch(/^chatly_bus_up 0$/m)

    const waits = await lateness(room, writer, reader)
    expect(waits[5]).toBeLessThan(500)
    const since = performance.now()
    expect((await api(at(one), fay, 'POST', '/api/auth/logout')).ok).toBe(true)
    expect(await leaving.closed).toBe(4401)
    expect(performance.now() - since).toBeLessThan(5_000)
    // Coming in needs no Redis either.
    const newcomer = await connect(at(three), ben)
    expect((await newcomer.subscribe(room)).head.seq).toBe(10)

    await mends()
    await until(async () => expect(await Promise.all(servers.map(readiness))).toEqual([ready, ready, ready]))
    expect((await client(at(one).url)('GET', '/metrics')).text).toMatch(/^chatly_bus_up 1$/m)
    await lateness(room, writer, newcomer)
    const { seq } = await writer.say(room, 'and on it goes')
    await Promise.all([reader, newcomer].map(socket => socket.next('event', event => event.seq === seq)))
    for (const socket of [writer, reader, newcomer]) {
      const seqs = socket.events(room).map(event => event.seq)
      expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
    }
    await close(writer, reader, newcomer)
    for (const server of servers) expect(server.logs().match(/ is away: /g)?.length).toBe(server.logs().match(/ is back after /g)?.length)
  })
})
