import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { RoomSummary } from '#shared/types'
import { createClient, lobby } from './app'
import { room } from './history'

type Client = Awaited<ReturnType<typeof createClient>>

const subscribes = (client: Client) => client.line.requests.filter(({ frame }) => frame.type === 'subscribe')
const event = (client: Client, what: ReturnType<Client['history']['say']>) => client.line.hear({ type: 'event', ...what })
/** The person looks at the page, or not. */
const look = (here: boolean) => vi.stubGlobal('document', { visibilityState: here ? 'visible' : 'hidden', hasFocus: () => here })

/** A client at the end of a room with the messages a and b, both read. */
async function reading(): Promise<Client> {
  look(true)
  const client = await createClient()
  for (const id of ['a', 'b']) client.history.say(id)
  client.routes['/api/rooms'] = () => ({ items: [lobby({ seq: client.history.head() })], next: null })
  client.line.open()
  client.rooms.byId[room] = lobby({ seq: 2 })
  await client.messages.open(lobby({ seq: 2 }))
  await answer(client)
  client.messages.markRead(room)
  return client
}

/** The server answers the last subscribe, and sends what was missed, read at once as it comes. */
async function answer(client: Client): Promise<void> {
  await vi.waitFor(() => expect(subscribes(client).length).toBeGreaterThan(0))
  const { frame, ok } = subscribes(client).at(-1)!
  ok({ head: client.history.position(), online: 1, users: [] })
  await Promise.resolve()
  await Promise.resolve()
  const position = 'position' in frame ? frame.position?.seq ?? 0 : 0
  for (const missed of client.history.after(position)) {
    event(client, missed)
    client.messages.markRead(room)
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('what came while there was no line', () => {
  it('is below the "New" line, also where the reader looks on as it comes', async () => {
    const client = await reading()
    client.line.breakLine()
    for (const id of ['c', 'd', 'e']) client.history.say(id)
    client.line.open()
    await answer(client)
    expect(client.messages.timeline(room).firstUnreadSeq).toBe(3)
    event(client, client.history.say('f'))
    expect(client.messages.timeline(room).firstUnreadSeq, 'and no more of what is seen to come').toBe(3)
  })

  it('is no news when it comes once more, after the reader has answered', async () => {
    const client = await reading()
    client.line.breakLine()
    const missed = client.history.say('c')
    client.line.open()
    await answer(client)
    await client.messages.send(room, 'I have seen it')
    expect(client.messages.timeline(room).firstUnreadSeq).toBeNull()
    event(client, missed)
    expect(client.messages.timeline(room).firstUnreadSeq).toBeNull()
  })

  it('is below it, too, where it was too much to send', async () => {
    const client = await reading()
    for (const id of ['c', 'd']) client.history.say(id)
    client.line.hear({ type: 'reset', room, reason: 'too-old' })
    await vi.waitFor(() => expect(client.messages.timeline(room)).toMatchObject({ status: 'ready', firstUnreadSeq: 3 }))
  })

  it('by the reader, from another device, is not', async () => {
    const client = await reading()
    client.line.breakLine()
    client.history.say('c', 'mine', { author: 'me' })
    client.line.open()
    await answer(client)
    expect(client.messages.timeline(room).firstUnreadSeq).toBeNull()
  })

  it('is not in rooms that are gone, or archived: they are looked at again', async () => {
    const client = await createClient()
    client.rooms.byId = Object.fromEntries(['gone', 'old', 'kept'].map(id => [id, lobby({ id, slug: id, unread: 5 })]))
    client.routes['/api/rooms'] = () => ({ items: [lobby({ id: 'kept', slug: 'kept' })], next: null })
    client.routes['/api/rooms/old'] = () => lobby({ id: 'old', slug: 'old', archivedAt: 9, seq: 1 })
    client.line.open()
    await vi.waitFor(() => expect(client.rooms.mine.map(({ id }) => id)).toEqual(['kept']))
    expect(client.rooms.totalUnread).toBe(0)
    expect(client.rooms.lost).toMatchObject([{ id: 'gone', how: 'removed' }])
  })

  it('is not asked for of rooms beyond the page that was read', async () => {
    const client = await createClient()
    client.rooms.byId = { far: lobby({ id: 'far' }) }
    client.routes['/api/rooms'] = () => ({ items: [lobby({ id: 'near' })], next: 'more' })
    client.line.open()
    await vi.waitFor(() => expect(client.rooms.byId.near).toBeDefined())
    expect(client.calls.map(({ path }) => path)).not.toContain('/api/rooms/far')
  })

  it('was read here, and is told to the server when there is one', async () => {
    const client = await createClient()
    client.rooms.byId[room] = lobby({ seq: 4, readSeq: 4 })
    client.routes['/api/rooms'] = () => ({ items: [lobby({ seq: 4, readSeq: 1, unread: 3 })], next: null })
    client.line.open()
    await vi.waitFor(() => expect(client.line.notices).toEqual([{ type: 'read', room, seq: 4 }]))
    expect(client.rooms.totalUnread).toBe(0)
  })

  it('are new names, and names that are gone', async () => {
    const client = await createClient()
    client.line.open()
    client.presence.learn([{ id: 'ann', name: 'Ann', kind: 'member' }, { id: 'bob', name: 'Bob', kind: 'member' }])
    client.routes['/api/users'] = () => [{ id: 'ann', name: 'Anna', kind: 'member' }]
    client.line.breakLine()
    client.line.open()
    await vi.waitFor(() => expect([client.presence.name('ann'), client.presence.name('bob')]).toEqual(['Anna', '']))
  })

  it('is a history of a backup, whose numbers are lower: it counts', async () => {
    const client = await createClient()
    client.line.open()
    client.rooms.byId[room] = lobby({ seq: 90, readSeq: 90, name: 'Later' })
    client.line.breakLine()
    client.routes['/api/rooms'] = () => ({ items: [lobby({ seq: 40, readSeq: 38, unread: 2, name: 'Earlier' })], next: null })
    client.line.open(undefined, 'restored')
    await vi.waitFor(() => expect(client.rooms.byId[room]).toMatchObject({ seq: 40, readSeq: 38, unread: 2, name: 'Earlier' }))
    expect(client.line.notices).toEqual([])
  })

  it('are settings of the site', async () => {
    const client = await createClient()
    client.routes['/api/auth/session'] = () => ({ me: client.session.me, signup: 'closed', public: true, guests: false })
    client.line.open()
    await vi.waitFor(() => expect(client.session).toMatchObject({ signup: 'closed', public: true, guests: false }))
  })
})

describe('what was read on another device', () => {
  it('is above the "New" line here', async () => {
    const client = await reading()
    look(false)
    for (const id of ['c', 'd']) event(client, client.history.say(id))
    expect(client.messages.timeline(room).firstUnreadSeq).toBe(3)
    client.line.hear({ type: 'room', room, change: 'read', readSeq: 4, unread: 0 })
    event(client, client.history.say('e'))
    expect(client.messages.timeline(room).firstUnreadSeq).toBe(5)
  })
})

describe('an answer that was overtaken', () => {
  const named = (name: string, more: Partial<RoomSummary> = {}) => lobby({ name, seq: 11, ...more })

  it('by how much is unread still says what a room is called', async () => {
    const client = await createClient()
    client.line.open()
    client.rooms.byId[room] = lobby({ seq: 10 })
    let give = (_: RoomSummary) => {}
    client.routes[`/api/rooms/${room}`] = () => new Promise<RoomSummary>((resolve) => { give = resolve })
    client.line.hear({ type: 'room', room, change: 'renamed' })
    client.line.hear({ type: 'room', room, change: 'unread', head: 12, unread: 2, lastMessageAt: 99 })
    give(named('Garden', { unread: 1, lastMessageAt: 50 }))
    await vi.waitFor(() => expect(client.rooms.byId[room]).toMatchObject({ name: 'Garden', unread: 2, lastMessageAt: 99, seq: 12 }))
  })

  it('by an event does not', async () => {
    const client = await createClient()
    client.rooms.byId[room] = lobby({ seq: 10 })
    const give = client.rooms.refresh(room).catch((error: unknown) => error)
    client.routes[`/api/rooms/${room}`] = () => named('Garden')
    await give
    client.rooms.applyEvent({ room, seq: 12, at: 1, author: 'ann', nonce: null, kind: 'room', data: { name: 'Orchard' } } as never, 'me')
    await client.rooms.refresh(room)
    expect(client.rooms.byId[room]).toMatchObject({ name: 'Orchard', seq: 12 })
  })

  it('is followed by an event of before the last unread message', async () => {
    const client = await createClient()
    client.line.open()
    client.rooms.byId[room] = lobby({ seq: 10 })
    client.line.hear({ type: 'room', room, change: 'unread', head: 12, unread: 1 })
    client.rooms.applyEvent({ room, seq: 11, at: 1, author: 'ann', nonce: null, kind: 'room', data: { name: 'Garden' } } as never, 'me')
    expect(client.rooms.byId[room]).toMatchObject({ name: 'Garden', unread: 1, seq: 12 })
  })
})

it('a deletion makes no room look as if somebody had just written in it', async () => {
  const client = await createClient()
  client.rooms.byId[room] = lobby({ seq: 10, lastMessageAt: 7, unread: 2 })
  client.line.open()
  client.line.hear({ type: 'room', room, change: 'unread', head: 11, unread: 1 })
  expect(client.rooms.byId[room]).toMatchObject({ lastMessageAt: 7, unread: 1 })
})

it('a room that can\'t be looked at again is still there', async () => {
  const client = await createClient()
  client.rooms.byId[room] = lobby()
  client.routes[`/api/rooms/${room}`] = () => { throw new ChatError('unavailable', 'Away.') }
  client.line.open()
  await vi.waitFor(() => expect(client.calls.map(({ path }) => path)).toContain(`/api/rooms/${room}`))
  expect(client.rooms.byId[room]).toBeDefined()
})
