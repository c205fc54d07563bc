import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, Paged, RoomSummary } from '#shared/types'
import { client, type Client } from '../support/http'
import { signUp, startServer, type TestServer } from '../support/server'

let server: TestServer
let admin: Client, ann: Client, bob: Client
const nonce = () => randomUUID().replaceAll('-', '')

beforeAll(async () => {
  server = await startServer()
  const person = async (name: string) => client(server.url, (await signUp(server, name)).cookie)
  admin = await person('Admin')
  ann = await person('Ann')
  bob = await person('Bob')
})
afterAll(() => server.stop())

const create = async (name: string, by = ann) => (await by('POST', '/api/rooms', { name })).body as RoomSummary
const page = async (room: string, by = ann) => (await by('GET', `/api/rooms/${room}/messages`)).body as Page

describe('rooms', () => {
  it('are made, read by id and by link, renamed without breaking the link, archived, deleted', async () => {
    const room = await create('Herb Garden')
    expect(room).toMatchObject({ slug: 'herb-garden', name: 'Herb Garden', role: 'owner', unread: 0 })
    expect((await ann('PATCH', `/api/rooms/${room.id}`, { name: 'Vegetables', topic: 'Beans' })).body).toMatchObject({ slug: 'herb-garden', name: 'Vegetables', topic: 'Beans' })
    expect((await bob('GET', '/api/rooms/~herb-garden')).body).toMatchObject({ id: room.id, name: 'Vegetables', role: null })
    expect((await ann('PATCH', `/api/rooms/${room.id}`, { archived: true })).body).toMatchObject({ archivedAt: expect.any(Number) as number })
    expect((await ann('POST', `/api/rooms/${room.id}/messages`, { nonce: nonce(), text: 'late' })).body).toMatchObject({ code: 'forbidden' })
    expect((await ann('DELETE', `/api/rooms/${room.id}`)).status).toBe(204)
    expect((await ann('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ code: 'not_found' })
    expect((await ann('GET', '/api/rooms/~herb-garden')).body).toMatchObject({ code: 'not_found' })
  })

  it('of one name have links of their own', async () => {
    const rooms = await Promise.all([create('Twins'), create('Twins', bob), create('twins')])
    expect(new Set(rooms.map(room => room.slug))).toEqual(new Set(['twins', 'twins-2', 'twins-3']))
  })

  it('are listed page by page, each once, and found by part of the name', async () => {
    for (let index = 0; index < 5; index++) await create(`Shelf ${index}`, admin)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await bob('GET', `/api/rooms?search=shelf&sort=name&limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
      const { items, next } = body as Paged<RoomSummary>
      seen.push(...items.map(item => item.name))
      cursor = next
    }
    expect(seen).toEqual(['Shelf 0', 'Shelf 1', 'Shelf 2', 'Shelf 3', 'Shelf 4'])
    expect((await bob('GET', '/api/rooms?search=%25')).body).toMatchObject({ items: [] })
  })

  it('a member may not rename, archive or delete another\'s room; the admin may', async () => {
    const room = await create('Mine alone')
    expect((await bob('POST', `/api/rooms/${room.id}/join`)).body).toMatchObject({ role: 'member' })
    for (const [method, body] of [['PATCH', { name: 'Bob was here' }], ['PATCH', { archived: true }], ['DELETE', undefined]] as const) {
      expect((await bob(method, `/api/rooms/${room.id}`, body)).body).toMatchObject({ code: 'forbidden' })
    }
    expect((await ann('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ name: 'Mine alone', archivedAt: null })
    expect((await admin('PATCH', `/api/rooms/${room.id}`, { name: 'Ours' })).body).toMatchObject({ name: 'Ours' })
  })

  it('are joined and left, and say who is in them', async () => {
    const room = await create('Members')
    await bob('POST', `/api/rooms/${room.id}/join`)
    const { body } = await bob('GET', `/api/rooms/${room.id}/members`)
    expect((body as Paged<{ name: string, role: string }>).items.map(({ name, role }) => [name, role]).sort()).toEqual([['Ann', 'owner'], ['Bob', 'member']])
    expect((await bob('POST', `/api/rooms/${room.id}/leave`)).body).toMatchObject({ role: null })
  })
})

describe('messages', () => {
  it('one by HTTP is the same as one by socket: durable, joined, harmless to repeat', async () => {
    const room = await create('Talk')
    const message = { nonce: nonce(), text: 'Hello, *you*' }
    const first = await bob('POST', `/api/rooms/${room.id}/messages`, message)
    expect(first.body).toMatchObject({ message: expect.any(String) as string, seq: expect.any(Number) as number })
    expect((await bob('POST', `/api/rooms/${room.id}/messages`, message)).body).toMatchObject({ ...first.body as object, duplicate: true })
    expect((await bob('POST', `/api/rooms/${room.id}/messages`, { ...message, text: 'Something else' })).body).toMatchObject({ code: 'conflict' })
    expect(await page(room.id)).toMatchObject({ messages: [{ text: 'Hello, *you*', nonce: message.nonce }], more: { before: false, after: false } })
    expect((await bob('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ role: 'member' })
  })

  it('of a public room are for visitors only where the site says so', async () => {
    const room = await create('Window')
    await ann('POST', `/api/rooms/${room.id}/messages`, { nonce: nonce(), text: 'seen from the street' })
    expect((await client(server.url)('GET', `/api/rooms/${room.id}/messages`)).body).toMatchObject({ code: 'unauthenticated' })
    const open = await startServer({ env: { CHATLY_PUBLIC: 'true' } })
    try {
      await signUp(open, 'Owner')
      const visitor = client(open.url)
      expect((await visitor('GET', '/api/rooms')).body).toMatchObject({ items: [{ slug: 'lobby', role: null }] })
      const { id } = (await visitor('GET', '/api/rooms/~lobby')).body as RoomSummary
      expect(await page(id, visitor)).toMatchObject({ messages: [] })
      expect((await visitor('POST', `/api/rooms/${id}/messages`, { nonce: nonce(), text: 'me too' })).body).toMatchObject({ code: 'unauthenticated' })
      expect((await visitor('GET', '/rooms/lobby')).status).toBe(200)
    } finally {
      await open.stop()
    }
  })
})

describe('what people type', () => {
  const scripts = ['<script>alert(1)</script>', 'javascript:alert(1)', '"><img src=x onerror=alert(1)>', '{{constructor.constructor(\'alert(1)\')()}}', '</title><script>alert(1)</script>', '${7*7}', '\'; DROP TABLE rooms;--']

  it.each(scripts)('%s is text, wherever it stands', async (text) => {
    const room = await create(text.slice(0, 80))
    expect(room.name).toBe(text)
    expect((await ann('PATCH', `/api/rooms/${room.id}`, { topic: text })).body).toMatchObject({ topic: text })
    await ann('POST', `/api/rooms/${room.id}/messages`, { nonce: nonce(), text })
    expect((await page(room.id)).messages.map(message => message.text)).toEqual([text])
    const named = await bob('PATCH', '/api/me', { name: text.slice(0, 40) })
    expect(named.body).toMatchObject({ me: { name: text.slice(0, 40) } })
    for (const path of [`/rooms/${encodeURIComponent(room.slug)}`, '/', '/settings']) {
      const { status, text: html } = await bob('GET', path)
      expect(status).toBe(200)
      expect(html).not.toContain('<script>alert(1)')
      // Within quotes an angle is only an angle: see the descriptions of pages.
      expect(html.replace(/="[^"]*"/g, '=""')).not.toMatch(/<img src=x/)
      expect(html).not.toMatch(/href="javascript:/i)
    }
  })

  it('names of 10,000 characters are refused in each field, and nothing is cut', async () => {
    const long = 'n'.repeat(10_000)
    const room = await create('Patient')
    for (const answer of await Promise.all([
      ann('POST', '/api/rooms', { name: long }), ann('POST', '/api/rooms', { name: 'Short', topic: long }), ann('PATCH', `/api/rooms/${room.id}`, { name: long }),
      ann('PATCH', `/api/rooms/${room.id}`, { topic: long }), ann('PATCH', '/api/me', { name: long }),
      client(server.url)('POST', '/api/auth/login', { email: `${long}@example.org`, password: long })
    ])) expect(answer).toMatchObject({ status: 400, body: { code: 'invalid' } })
    expect((await ann('GET', `/api/rooms/${room.id}`)).body).toMatchObject({ name: 'Patient', topic: '' })
  })

  it('control characters, empty texts and too long ones are refused with their reason', async () => {
    const room = await create('Strict')
    const send = (text: string) => ann('POST', `/api/rooms/${room.id}/messages`, { nonce: nonce(), text })
    expect((await send('\u0007'.repeat(4_000))).body).toMatchObject({ code: expect.stringMatching(/^(invalid|too_large)$/) as string })
    expect((await send('bell\u0007')).body).toMatchObject({ code: 'invalid' })
    expect((await send(' \n\t ')).body).toMatchObject({ code: 'invalid', message: 'The message is empty.' })
    expect(await send('x'.repeat(4_001))).toMatchObject({ status: 413, body: { code: 'too_large' } })
    expect((await send('x'.repeat(4_000))).status).toBe(200)
    expect((await ann('POST', '/api/rooms', { name: '\u0000'.repeat(40) })).body).toMatchObject({ code: 'invalid' })
    expect((await page(room.id)).messages).toHaveLength(1)
  })
})
