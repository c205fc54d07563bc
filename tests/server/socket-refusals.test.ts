import { readdir, readFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../shared/limits'
import { signUp, startServer, type TestPerson, type TestServer } from '../support/server'
import { connect, newNonce, openSocket, ticketOf, type TestSocket } from '../support/socket'

let server: TestServer
let ann: TestPerson

beforeAll(async () => {
  server = await startServer()
  ann = await signUp(server, 'Ann')
})
afterAll(async () => {
  expect(server.logs()).not.toMatch(/\[fatal\]|\[realtime\]/)
  await server.stop()
})

/** A frame as a client sends it, masked with zeros. */
function clientFrame(opcode: number, payload: Buffer, final = true): Buffer {
  const length = payload.length < 126 ? Buffer.from([0x80 | payload.length]) : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), payload])
}

/** What the server answers to raw bytes, until it ends the connection. */
async function exchange(bytes: string): Promise<string> {
  const socket = connectTcp(server.port, '127.0.0.1')
  socket.setEncoding('utf8').write(bytes)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}
const handshake = (path: string, extra = '') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`

/** The raw TCP socket below a client, to send what no client would. */
const below = (socket: TestSocket) => (socket.ws as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket
const alive = async () => {
  const socket = await connect(server, ann)
  socket.send({ type: 'ping' })
  await socket.next('pong')
  await socket.close()
}

describe('at the door', () => {
  it.each(['/', '/_ws/', '/_ws2', '/api/ws/ticket', '/../_ws'])('answers an upgrade of %s with 404, and ends it', async (path) => {
    expect(await exchange(handshake(path))).toMatch(/^HTTP\/1\.1 404 /)
  })

  it('refuses a foreign origin, and takes its own', async () => {
    expect(await exchange(handshake('/_ws', 'Origin: https://evil.example\r\n'))).toMatch(/^HTTP\/1\.1 403 /)
    const own = await openSocket(server, { origin: server.url })
    await own.close()
  })

  it('answers a handshake that is none with 400', async () => {
    const without = handshake('/_ws').replace(/Sec-WebSocket-Key.*\r\n/, '')
    expect(await exchange(without)).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('answers a plain request with 426', async () => {
    expect((await fetch(`${server.url}/_ws`)).status).toBe(426)
  })

  it('ends a connection whose header comes drop by drop', async () => {
    const started = Date.now()
    expect(await exchange(`GET / HTTP/1.1\r\nHost: x\r\n`)).toMatch(/^HTTP\/1\.1 408 /)
    expect(Date.now() - started).toBeLessThan(30_000)
  })
})

describe('before hello', () => {
  it('closes after five seconds', async () => {
    const started = Date.now()
    const socket = await openSocket(server)
    expect(await socket.closed).toBe(4401)
    expect(Date.now() - started).toBeGreaterThan(4_900)
    expect(Date.now() - started).toBeLessThan(20_000)
  })

  it('refuses a ticket that was used, forged, or cut', async () => {
    const ticket = await ticketOf(server, ann)
    const first = await openSocket(server)
    first.send({ type: 'hello', protocol: 1, ticket })
    await first.next('ready')
    for (const bad of [ticket, `${ticket.slice(0, -2)}xx`, ticket.slice(0, 20), 'x']) {
      const socket = await openSocket(server)
      socket.send({ type: 'hello', protocol: 1, ticket: bad })
      expect((await socket.next('error')).code).toBe('unauthenticated')
      expect(await socket.closed).toBe(4401)
    }
    await first.close()
  })

  it('refuses the ticket of a session that has ended', async () => {
    const ben = await signUp(server, 'Ben')
    const ticket = await ticketOf(server, ben)
    await fetch(`${server.url}/api/auth/logout`, { method: 'POST', headers: { cookie: ben.cookie, origin: server.url } })
    const socket = await openSocket(server)
    socket.send({ type: 'hello', protocol: 1, ticket })
    expect(await socket.closed).toBe(4401)
  })
})

describe('frames that are none', () => {
  it.each([
    ['malformed JSON', '{"type":'],
    ['an unknown type', '{"type":"shout"}'],
    ['no object', '"hello"'],
    ['a room that is a path', '{"type":"subscribe","id":1,"room":"../../etc/passwd"}'],
    ['a prototype', '{"__proto__":{"type":"ping"}}']
  ])('answers %s with invalid, and goes on', async (_, text) => {
    const socket = await connect(server, ann)
    socket.raw(text)
    expect((await socket.next('error')).code).toBe('invalid')
    socket.send({ type: 'ping' })
    await socket.next('pong')
    await socket.close()
  })

  it('closes one over 16 KiB with 1009', async () => {
    const socket = await connect(server, ann)
    socket.raw('x'.repeat(limits.frameBytes + 1))
    expect(await socket.closed).toBe(1009)
    await alive()
  })

  it('closes a flood of tiny fragments with 1008', async () => {
    const socket = await connect(server, ann)
    below(socket).write(Buffer.concat([clientFrame(1, Buffer.from('a'), false), ...Array.from({ length: 200 }, () => clientFrame(0, Buffer.from('b'), false))]))
    expect(await socket.closed).toBe(1008)
    await alive()
  })

  it('closes invalid UTF-8 with 1007', async () => {
    const socket = await connect(server, ann)
    below(socket).write(clientFrame(1, Buffer.from([0xc3, 0x28])))
    expect(await socket.closed).toBe(1007)
    await alive()
  })

  it('closes one that asks for too much at once with 4429', async () => {
    const socket = await connect(server, ann)
    const room = (await roomOf())
    for (let id = 0; id < 200; id++) socket.send({ type: 'subscribe', id, room })
    expect(await socket.closed).toBe(4429)
    await alive()
  })

  it.each([
    ['text over the limit', 'x'.repeat(limits.textCodePoints + 1), 'too_large'],
    ['empty text', ' \n ', 'invalid'],
    ['4,000 control characters', '\u0001'.repeat(1_500), 'invalid']
  ])('refuses %s', async (_, text, code) => {
    const socket = await connect(server, ann)
    await expect(socket.say(await roomOf(), text)).rejects.toMatchObject({ code })
    await socket.close()
  })

  it('keeps markup as the text that it is', async () => {
    const [socket, room, text] = [await connect(server, ann), await roomOf(), '<script>alert(1)</script> javascript:alert(1)']
    await socket.subscribe(room)
    await socket.request<'send'>({ type: 'send', room, nonce: newNonce(), text })
    const event = await socket.next('event', event => event.kind === 'message')
    expect(event.data).toMatchObject({ text })
    await socket.close()
  })
})

it('is built with the limits that an old ws does not know', async () => {
  const folder = join(resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output'), 'server')
  const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.mjs') && !name.startsWith('node_modules'))
  const sources = await Promise.all(names.map(name => readFile(join(folder, name), 'utf8')))
  expect(sources.some(source => /maxFragments:\s*32\b/.test(source))).toBe(true)
})

async function roomOf(): Promise<string> {
  const response = await fetch(`${server.url}/api/rooms/~lobby`, { headers: { cookie: ann.cookie } })
  return (await response.json() as { id: string }).id
}
