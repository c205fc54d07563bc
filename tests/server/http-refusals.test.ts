import { readdirSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isErrorBody } from '#shared/errors'
import { client, raw, type Answer, type Client } from '../support/http'
import { signUp, startServer, type TestServer } from '../support/server'

let server: TestServer
let ann: Client
let room: string

beforeAll(async () => {
  server = await startServer()
  ann = client(server.url, (await signUp(server, 'Ann')).cookie)
  room = ((await ann('POST', '/api/rooms', { name: 'Garden' })).body as { id: string }).id
})
afterAll(() => server.stop())

/** A refusal, in our words: a status of its kind, and a code of the closed list. Never a crash, never a page. */
function expectRefusal({ status, body, headers }: Answer, ...codes: string[]) {
  expect(isErrorBody(body), JSON.stringify(body)).toBe(true)
  expect(codes).toContain((body as { code: string }).code)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(500)
  expect(headers.get('cache-control')).toBe('private, no-store')
}

const withBody: [string, string][] = [
  ['POST', '/api/auth/setup'], ['POST', '/api/auth/signup'], ['POST', '/api/auth/login'], ['POST', '/api/auth/password/forgot'], ['POST', '/api/auth/password/reset'],
  ['POST', '/api/auth/password/change'], ['POST', '/api/auth/guest'], ['PATCH', '/api/me'], ['DELETE', '/api/me'], ['POST', '/api/rooms'], ['PATCH', '/api/rooms/ROOM'], ['POST', '/api/rooms/ROOM/messages'],
  ['POST', '/api/rooms/ROOM/invites'], ['POST', '/api/rooms/ROOM/reports'], ['PATCH', '/api/rooms/ROOM/members/ann'], ['POST', '/api/invites/preview'], ['POST', '/api/invites/accept'],
  ['PATCH', '/api/reports/none'], ['PATCH', '/api/admin/people/nobody']
]
const fields = ['token', 'name', 'email', 'password', 'remember', 'current', 'next', 'messages', 'topic', 'archived', 'nonce', 'text', 'replyTo', 'code', 'role', 'uses', 'message', 'reason', 'outcome', 'muteSeconds', 'disabled']
const all = (value: unknown) => Object.fromEntries(fields.map(field => [field, value]))
const wrong: unknown[] = [
  'null', '42', '"text"', '[]', 'true', '{}', '{', '', '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}', '['.repeat(20_000),
  all(null), all(42), all([]), all({}), all({ $ne: null }), all(true), all(1e308), all(['a', 'b']), all(''), all('\u0000'), all('\ud800')
]

describe('wrong types', () => {
  it.each(withBody)('%s %s refuses each', async (method, path) => {
    for (const body of wrong) {
      const answer = await ann(method, path.replace('ROOM', room), body)
      expectRefusal(answer, 'invalid', 'too_large', 'forbidden', 'conflict')
    }
  })

  it.each([
    '/api/rooms?limit=0', '/api/rooms?limit=101', '/api/rooms?limit=ten', '/api/rooms?limit=1&limit=2', '/api/rooms?sort=colour', '/api/rooms?archived=maybe', `/api/rooms?search=${'a'.repeat(200)}`,
    '/api/rooms?cursor=%00%ff', '/api/rooms?cursor=bm90LWEtY3Vyc29y', `/api/rooms?cursor=${'a'.repeat(600)}`, '/api/rooms/ROOM/messages?before=0', '/api/rooms/ROOM/messages?before=-1', '/api/rooms/ROOM/messages?around=1e99',
    '/api/rooms/ROOM/messages?limit=1.5', '/api/rooms/ROOM/members?cursor=!', '/api/rooms/ROOM/members?limit=NaN', '/api/rooms/ROOM/bans?cursor=!', '/api/rooms/ROOM/audit?cursor=%00',
    '/api/reports?closed=maybe', '/api/reports?room=../x', '/api/reports?cursor=!', '/api/admin/people?cursor=!', `/api/admin/rooms?search=${'a'.repeat(200)}`, '/api/admin/audit?cursor=!', '/api/users', '/api/users?ids=', '/api/users?ids=../../etc', `/api/users?ids=${'a,'.repeat(150)}a`
  ])('GET %s', async (path) => {
    expectRefusal(await ann('GET', path.replace('ROOM', room)), 'invalid')
  })

  it('does not let a body touch what it should not', async () => {
    const me = (await ann('GET', '/api/auth/session')).body as { me: { id: string } }
    const renamed = await ann('PATCH', '/api/me', '{"name":"Ann B","__proto__":{"admin":false,"name":"Eve"},"admin":false,"id":"x"}')
    expect(renamed).toMatchObject({ status: 200, body: { me: { name: 'Ann B', id: me.me.id, admin: true } } })
    expect((await ann('GET', '/api/auth/session')).body).toMatchObject({ me: { name: 'Ann B', id: me.me.id, admin: true } })
    await ann('PATCH', '/api/me', { name: 'Ann' })
    const { body } = await ann('POST', '/api/rooms', '{"name":"Attic","ownerId":"somebody","id":"chosen","slug":"admin","seq":99}')
    expect(body).toMatchObject({ slug: 'attic', seq: 0 })
    expect(body).not.toMatchObject({ id: 'chosen' })
  })
})

describe('paths', () => {
  const tricks = [
    '..', '../..', '..%2f..%2fetc%2fpasswd', '%2e%2e%2f', '....//', '%00', '%ff', '%E0%A4%A', '~', '~..', '~../lobby', '~..%2flobby', '~%2e%2e', '~lobby%00', '~-lobby', '~lobby%0a', '~a b', '~<script>', '~%3Cscript%3E',
    '~javascript:alert(1)', '*', '~*', '\'%20OR%201=1--', '~lobby;', 'constructor', '__proto__', `~${'a'.repeat(81)}`, 'a'.repeat(2000)
  ]
  it.each(tricks)('a room called %s is not there', async (trick) => {
    const answers = await Promise.all([
      raw(server.port, [`GET /api/rooms/${trick} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`]),
      raw(server.port, [`GET /api/rooms/${trick}/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`])
    ])
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 (400|401|404) /)
    // What `fetch` would itself make another address of.
    if (new URL(`/api/rooms/${trick}`, server.url).pathname !== `/api/rooms/${trick}`) return
    for (const [method, path] of [['GET', ''], ['PATCH', ''], ['DELETE', ''], ['POST', '/join'], ['POST', '/leave'], ['GET', '/members'], ['GET', '/messages'], ['GET', '/audit'], ['GET', '/invites'], ['POST', '/admin-join']] as const) {
      const answer = await ann(method, `/api/rooms/${trick.replaceAll('/', '%2f')}${path}`, method === 'PATCH' ? { topic: 'x' } : undefined)
      expect([404, 405], `${method} ${path}`).toContain(answer.status)
      expectRefusal(answer, 'not_found')
    }
  })

  it('a page of a room with a trick in its name is a 404, never a crash', async () => {
    for (const trick of ['..%2f..%2fetc%2fpasswd', '%3Cscript%3Ealert(1)%3C%2Fscript%3E', 'no-such-room', '%ff', 'a'.repeat(300)]) {
      const { status, text } = await ann('GET', `/rooms/${trick}`)
      expect([400, 404], trick).toContain(status)
      expect(text).not.toContain('<script>alert(1)')
    }
  })

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s of an unknown address answers not_found', async (method) => {
    expectRefusal(await ann(method, '/api/nothing/here'), 'not_found')
  })

  it('a known address by an unknown method is not there either', async () => {
    expectRefusal(await ann('PUT', '/api/rooms', { name: 'x' }), 'not_found')
    expectRefusal(await ann('GET', '/api/auth/login'), 'not_found')
  })

  it('an unknown page is a 404', async () => {
    expect((await ann('GET', '/no/such/page', undefined, { accept: 'text/html' })).status).toBe(404)
  })
})

describe('origins', () => {
  /** Read from the files, so that a new one is asked too. */
  const everyChange = readdirSync(new URL('../../server/api', import.meta.url), { recursive: true, encoding: 'utf8' }).flatMap((file): [string, string][] => {
    const [, path = '', method] = /^(.*?)(?:\/index)?\.(post|put|patch|delete)\.ts$/.exec(file) ?? []
    return method === undefined ? [] : [[method.toUpperCase(), `/api/${path}`.replace('/rooms/[id]', '/rooms/ROOM').replaceAll(/\[\w+\]/g, 'x')]]
  }).sort()

  it('are asked of by every route that changes something', () => {
    expect(everyChange).toEqual(expect.arrayContaining([...withBody.map(([method, path]) => [method, path.replace(/(members|people|reports)\/(ann|none|nobody)/, '$1/x')]), ['DELETE', '/api/rooms/ROOM'], ['POST', '/api/ws/ticket']]))
    expect(everyChange.length).toBeGreaterThan(35)
  })

  it.each(everyChange)('%s %s from another site is forbidden', async (method, path) => {
    for (const origin of ['https://evil.example', 'null', `${server.url}.evil.example`, server.url.replace(/\d+$/, '1')]) {
      expectRefusal(await ann(method, path.replace('ROOM', room), {}, { origin }), 'forbidden')
    }
    expectRefusal(await ann(method, path.replace('ROOM', room), {}, { 'sec-fetch-site': 'cross-site' }), 'forbidden')
  })

  it('and nothing of it happened', async () => {
    expect((await ann('GET', `/api/rooms/${room}`)).body).toMatchObject({ id: room, name: 'Garden' })
    expect((await ann('GET', '/api/auth/session')).body).toMatchObject({ me: { name: 'Ann' } })
  })

  it('no answer invites another site to read it', async () => {
    const { headers } = await ann('GET', '/api/auth/session', undefined, { origin: 'https://evil.example' })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain('frame-ancestors \'none\'')
  })
})

describe('bodies', () => {
  it('must be JSON', async () => {
    expectRefusal(await ann('POST', '/api/rooms', 'name=Form', { 'content-type': 'application/x-www-form-urlencoded' }), 'unsupported')
    expectRefusal(await ann('POST', '/api/rooms', '{"name":"Text"}', { 'content-type': 'text/plain' }), 'unsupported')
  })

  it('end at 64 KiB', async () => {
    expectRefusal(await ann('POST', '/api/rooms', { name: 'a'.repeat(70_000) }), 'too_large')
    const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
    const answer = await raw(server.port, [`POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`, ...Array.from({ length: 6 }, () => chunk)])
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('"code":"too_large"')
  })

  it('are not waited for longer than they deserve, nor are headers', async () => {
    async function* drops(head: string) {
      yield head
      for (let i = 0; i < 60; i++) {
        await wait(500)
        yield head.endsWith('\r\n\r\n') ? ' ' : 'X-Drop: 1\r\n'
      }
    }
    const [headers, body] = await Promise.all([
      raw(server.port, drops('GET /api/rooms HTTP/1.1\r\nHost: x\r\n')),
      raw(server.port, drops(`POST /api/auth/login HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`))
    ])
    expect(headers).toMatch(/^HTTP\/1\.1 408 /)
    expect(body).toMatch(/^HTTP\/1\.1 400 /)
    expect(body).toContain('"code":"invalid"')
  }, 20_000)
})

describe('a stranger', () => {
  it.each([
    ['GET', '/api/rooms'], ['POST', '/api/rooms'], ['GET', '/api/rooms/~lobby'], ['GET', '/api/rooms/ROOM'], ['PATCH', '/api/rooms/ROOM'], ['DELETE', '/api/rooms/ROOM'], ['POST', '/api/rooms/ROOM/join'],
    ['POST', '/api/rooms/ROOM/leave'], ['GET', '/api/rooms/ROOM/members'], ['GET', '/api/rooms/ROOM/messages'], ['POST', '/api/rooms/ROOM/messages'], ['GET', '/api/auth/sessions'], ['DELETE', '/api/auth/sessions'],
    ['PATCH', '/api/me'], ['DELETE', '/api/me'], ['POST', '/api/auth/password/change'], ['GET', '/api/users?ids=a'], ['POST', '/api/ws/ticket']
  ])('may not %s %s', async (method, path) => {
    expectRefusal(await client(server.url)(method, path.replace('ROOM', room), method === 'GET' ? undefined : {}), 'unauthenticated')
    expectRefusal(await client(server.url, 'chatly_session=forged')(method, path.replace('ROOM', room), method === 'GET' ? undefined : {}), 'unauthenticated')
  })

  it('may not see the metrics through a proxy', async () => {
    const { status } = await client(server.url)('GET', '/metrics', undefined, { 'x-forwarded-for': '203.0.113.5' })
    expect(status).toBe(403)
    expect((await client(server.url)('GET', '/metrics')).text).toMatch(/^chatly_sockets 0$/m)
  })
})

it('after all that the server serves, and has logged no surprise', async () => {
  expect((await client(server.url)('GET', '/up')).text).toBe('ok\n')
  expect((await client(server.url)('GET', '/ready')).body).toEqual({ ready: true, degraded: [] })
  expect(server.logs()).not.toMatch(/\[[0-9a-f]{8}\]|unhandled|\[fatal\]/i)
})
