import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Me, RoomSummary } from '#shared/types'
import { client, sessionOf, type Answer, type Client } from '../support/http'
import { signUp, startServer, type TestPerson, type TestServer } from '../support/server'
import { connect } from '../support/socket'

let server: TestServer
let people: Record<'owner' | 'ann' | 'bob', TestPerson>
let admin: Client, owner: Client, ann: Client, bob: Client
const nonce = () => randomUUID().replaceAll('-', '')

beforeAll(async () => {
  server = await startServer()
  admin = client(server.url, (await signUp(server, 'Admin')).cookie)
  people = { owner: await signUp(server, 'Owner'), ann: await signUp(server, 'Ann'), bob: await signUp(server, 'Bob') }
  const [first, second, third] = Object.values(people).map(person => client(server.url, person.cookie))
  owner = first!
  ann = second!
  bob = third!
})
afterAll(() => server.stop())

const create = async (more: object = {}) => (await owner('POST', '/api/rooms', { name: 'The cellar', visibility: 'private', ...more })).body as RoomSummary
const invite = async (room: string, body: object = { role: 'guest' }) => (await owner('POST', `/api/rooms/${room}/invites`, body)).body as { invite: { id: string }, code: string }
const anonymous = () => client(server.url)

describe('an unlisted room', () => {
  it('is told from none by nothing: status, body, headers', async () => {
    const room = await create({ name: 'Hidden', listed: false, password: 'open sesame' })
    const other = { ...room, id: 'no-such-room-here', slug: 'no-such-room' }
    const plain = ({ status, headers, text }: Answer) => {
      const told = Object.fromEntries(headers)
      delete told.date
      return { status, text, headers: told }
    }
    const ways = (one: Pick<RoomSummary, 'id' | 'slug'>): [string, string, unknown?][] => [
      ['GET', `/api/rooms/${one.id}`], ['GET', `/api/rooms/~${one.slug}`], ['GET', `/api/rooms/${one.id}/messages`], ['GET', `/api/rooms/${one.id}/members`], ['GET', `/api/rooms/${one.id}/audit`],
      ['POST', `/api/rooms/${one.id}/join`], ['POST', `/api/rooms/${one.id}/join`, { password: 'open sesame' }], ['POST', `/api/rooms/${one.id}/join`, { password: 'wrong' }],
      ['POST', `/api/rooms/${one.id}/leave`], ['PATCH', `/api/rooms/${one.id}`, { name: 'x' }], ['DELETE', `/api/rooms/${one.id}`], ['GET', `/api/rooms/${one.id}/invites`],
      ['POST', `/api/rooms/${one.id}/messages`, { nonce: nonce(), text: 'x' }], ['POST', `/api/rooms/${one.id}/reports`, { message: 'm' }], ['POST', `/api/rooms/${one.id}/admin-join`]
    ]
    const told = async (one: Pick<RoomSummary, 'id' | 'slug'>) => Promise.all(ways(one).map(async ([method, path, body]) => plain(await ann(method, path, body))))
    const answers = await told(room)
    expect(answers).toEqual(await told(other))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([404]))
    const socket = await connect(server, people.ann)
    const refusals = await Promise.all([room.id, other.id].map(id => socket.subscribe(id).catch((error: Error) => error.message)))
    expect(refusals[0]).toBe(refusals[1])
    await socket.close()
  })

  it.each([['somebody who is not in it', () => ann], ['a visitor', () => anonymous()]])('is told from none by no page, for %s', async (_, who) => {
    await admin('PATCH', '/api/admin/site', { public: true })
    try {
      const { slug } = await create({ name: 'Secret', listed: false, password: 'open sesame' })
      // As its link is made: another one of that name.
      const none = slug.replace(/[^-]+$/, random => random.replace(/./g, sign => sign === '0' ? '1' : '0'))
      expect(none).not.toBe(slug)
      const page = async (of: string) => {
        const { status, headers, text } = await who()('GET', `/rooms/${of}`, undefined, { accept: 'text/html' })
        const nonce = /nonce-([\w+/=]+)/.exec(headers.get('content-security-policy') ?? '')?.[1] ?? expect.fail('no nonce')
        const told = Object.fromEntries(headers)
        delete told.date
        const plain = (said: string) => said.replaceAll(of, 'SLUG').replaceAll(nonce, 'NONCE').replace(/\b1[78]\d{11}\b/g, 'TIME')
        return { status, headers: plain(JSON.stringify(told)), text: plain(text) }
      }
      // The room list beside it may be there in time, or not: a difference that is of the room stays.
      await vi.waitFor(async () => {
        const answer = await page(slug)
        expect(answer).toEqual(await page(none))
        expect(answer.status).toBe(404)
        expect(answer.text).toContain('SLUG')
        expect(answer.text).not.toContain('Secret')
      }, { timeout: 10_000 })
    } finally {
      await admin('PATCH', '/api/admin/site', { public: false })
    }
  })
})

describe('a password', () => {
  it('opens a listed room, and says how long to wait after too many tries', async () => {
    const room = await create({ password: 'open sesame' })
    const enter = (password: string) => ann('POST', `/api/rooms/${room.id}/join`, { password })
    expect((await ann('GET', `/api/rooms/${room.id}/messages`))).toMatchObject({ status: 403, body: { code: 'password_required' } })
    for (let i = 0; i < 5; i++) expect(await enter('wrong')).toMatchObject({ status: 403, body: { code: 'wrong_password' } })
    const limited = await enter('open sesame')
    expect(limited).toMatchObject({ status: 429, body: { code: 'rate_limited', retryAfter: expect.any(Number) as number } })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await bob('POST', `/api/rooms/${room.id}/join`, { password: 'open sesame' })).toMatchObject({ status: 200, body: { role: 'member' } })
    expect(server.logs()).not.toContain('sesame')
  })
})

describe('one who was removed', () => {
  it('reads nothing any more, by HTTP or socket, and hears nothing that comes after', async () => {
    const room = await create()
    await ann('POST', '/api/invites/accept', { code: (await invite(room.id, { role: 'member' })).code })
    const [theirs, mine] = [await connect(server, people.ann), await connect(server, people.owner)]
    await theirs.subscribe(room.id)
    await mine.subscribe(room.id)
    expect((await owner('DELETE', `/api/rooms/${room.id}/members/${people.ann.id}`)).status).toBe(204)
    const { seq } = await mine.say(room.id, 'after')
    await theirs.next('reset', frame => frame.room === room.id && frame.reason === 'access')
    await expect(theirs.subscribe(room.id)).rejects.toMatchObject({ code: 'forbidden' })
    await mine.next('event', event => event.seq === seq)
    expect(theirs.events(room.id).filter(event => event.seq >= seq)).toEqual([])
    for (const path of ['messages', 'messages?around=1', 'members']) expect((await ann('GET', `/api/rooms/${room.id}/${path}`)).body, path).toMatchObject({ code: 'forbidden' })
    await Promise.all([theirs.close(), mine.close()])
  })
})

describe('a session', () => {
  it('is a new one after signing in, whichever the browser was given before, and that one ends', async () => {
    const planted = (await signUp(server, 'Mallory')).cookie
    const body = { email: 'ann@example.com', password: 'correct horse battery' }
    const signedIn = await client(server.url, planted)('POST', '/api/auth/login', body)
    expect(sessionOf(signedIn)).not.toBe(planted)
    expect((await client(server.url, planted)('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    const fixed = await client(server.url, 'chatly_session=chosen-by-somebody-else')('POST', '/api/auth/login', body)
    expect(sessionOf(fixed)).not.toContain('chosen')
    expect((await client(server.url, 'chatly_session=chosen-by-somebody-else')('GET', '/api/auth/session')).body).toMatchObject({ me: null })
  })

  it('of a guest is a new one when they sign up; they are the same person, and their other sockets are told', async () => {
    const room = await create()
    const arrived = await anonymous()('POST', '/api/auth/guest', { code: (await invite(room.id)).code, name: 'Gus' })
    const { me, room: inside } = arrived.body as { me: Me, room: RoomSummary }
    expect([me.kind, inside.role]).toEqual(['guest', 'guest'])
    const guest = { id: me.id, name: 'Gus', cookie: sessionOf(arrived) }
    const [theirs, watching] = [await connect(server, guest), await connect(server, people.owner)]
    await watching.subscribe(room.id)
    const upgraded = await client(server.url, guest.cookie)('POST', '/api/auth/signup', { name: 'Gustav', email: 'gus@example.com', password: 'correct horse battery' })
    expect(upgraded.body).toMatchObject({ me: { id: me.id, kind: 'member', name: 'Gustav' } })
    expect(sessionOf(upgraded)).not.toBe(guest.cookie)
    expect(await theirs.closed).toBe(4401)
    expect((await client(server.url, guest.cookie)('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    await watching.next('people', frame => frame.users.some(person => person.id === me.id && person.kind === 'member' && person.name === 'Gustav'))
    expect((await client(server.url, sessionOf(upgraded))('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ role: 'member' })
    await watching.close()
  })
})

describe('bodies that reach for what they should not', () => {
  const poison = '"__proto__":{"admin":true,"role":"owner","visibility":"public"},"constructor":{"prototype":{"admin":true}}'
  it.each<[string, number, (room: string) => [string, string, string]]>([
    ['a room\'s settings', 200, room => ['PATCH', `/api/rooms/${room}`, `{"topic":"x",${poison},"ownerId":"me","seq":9}`]],
    ['a role', 400, room => ['PATCH', `/api/rooms/${room}/members/${people.ann.id}`, `{"muteSeconds":0,"role":"owner",${poison}}`]],
    ['an invite', 400, room => ['POST', `/api/rooms/${room}/invites`, `{"role":"owner",${poison}}`]],
    ['the site', 403, () => ['PATCH', '/api/admin/site', `{"signup":"closed",${poison}}`]]
  ])('%s', async (_, status, ask) => {
    const room = await create()
    await ann('POST', '/api/invites/accept', { code: (await invite(room.id, { role: 'member' })).code })
    const [method, path, body] = ask(room.id)
    expect((await owner(method, path, body)).status).toBe(status)
    expect((await ann('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ topic: status === 200 ? 'x' : '', visibility: 'private', ownerId: people.owner.id, role: 'member', seq: status === 200 ? room.seq + 2 : room.seq + 1 })
    // Who has nothing of their own would have it from there, for everybody in that process.
    expect((await ann('PATCH', '/api/admin/site', { signup: 'closed' })).status).toBe(403)
    expect((await owner('GET', '/api/auth/session')).body).toMatchObject({ signup: 'open', me: { admin: false } })
  })
})

describe('a refusal to write', () => {
  it('says for how long, where waiting helps', async () => {
    const room = await create()
    await ann('POST', '/api/invites/accept', { code: (await invite(room.id, { role: 'member' })).code })
    const say = () => ann('POST', `/api/rooms/${room.id}/messages`, { nonce: nonce(), text: 'x' })
    await owner('PATCH', `/api/rooms/${room.id}`, { slowModeSeconds: 60 })
    expect((await say()).status).toBe(200)
    const slow = await say()
    expect(slow).toMatchObject({ status: 429, body: { code: 'rate_limited', message: expect.stringContaining('Slow mode') as string, retryAfter: expect.any(Number) as number } })
    expect(Number(slow.headers.get('retry-after'))).toBeGreaterThan(0)
    await owner('PATCH', `/api/rooms/${room.id}/members/${people.ann.id}`, { muteSeconds: 60 })
    expect(await say()).toMatchObject({ status: 403, body: { code: 'forbidden', message: expect.stringContaining('muted') as string, retryAfter: expect.any(Number) as number } })
    await owner('PATCH', `/api/rooms/${room.id}/members/${people.ann.id}`, { muteSeconds: 0 })
    await owner('PATCH', `/api/rooms/${room.id}`, { slowModeSeconds: 0, closed: true })
    expect(await say()).toMatchObject({ status: 403, body: { code: 'forbidden', message: 'Only moderators may write here at the moment.' } })
  })
})
