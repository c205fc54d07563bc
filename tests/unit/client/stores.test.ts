import { afterEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { createClient, lobby } from './app'
import { room } from './history'

type Client = Awaited<ReturnType<typeof createClient>>

const texts = (client: Client) => client.messages.timeline(room).rows.map(row => row.text)
const asked = (client: Client, type: string) => client.line.requests.filter(({ frame }) => frame.type === type)
const flush = async () => { for (let n = 0; n < 20; n++) await Promise.resolve() }
const event = (client: Client, what: ReturnType<Client['history']['say']>) => client.line.hear({ type: 'event', ...what })

async function opened(me: string | null = 'me') {
  const client = await createClient(me)
  for (const id of ['a', 'b']) client.history.say(id)
  client.line.open()
  client.rooms.byId[room] = lobby({ seq: 2 })
  await client.messages.open(lobby({ seq: 2 }))
  asked(client, 'subscribe')[0]?.ok({ head: client.history.position(), online: 1, users: [{ id: 'ann', name: 'Ann', kind: 'member' }] })
  await flush()
  return client
}

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('opening a room', () => {
  it('loads the last page, then subscribes from it', async () => {
    const client = await opened()
    expect(texts(client)).toEqual(['text of a', 'text of b'])
    expect(asked(client, 'subscribe').map(({ frame }) => frame)).toEqual([{ type: 'subscribe', room, position: { epoch: 'epoch', seq: 2 } }])
    expect(client.presence.online(room)).toMatchObject({ count: 1, users: ['ann'] })
    await client.messages.open(lobby())
    expect(client.calls.filter(call => call.path.endsWith('/messages'))).toHaveLength(1)
    expect(asked(client, 'subscribe')).toHaveLength(1)
  })

  it('that was closed before its page was here asks for the page again', async () => {
    const client = await createClient()
    const page = client.routes[`/api/rooms/${room}/messages`]!
    client.history.say('a')
    client.routes[`/api/rooms/${room}/messages`] = () => new Promise(() => {})
    void client.messages.open(lobby())
    await flush()
    client.messages.close(room)
    client.routes[`/api/rooms/${room}/messages`] = page
    await Promise.race([client.messages.open(lobby()), flush()])
    expect(client.messages.timeline(room)).toMatchObject({ status: 'ready', error: null })
    expect(texts(client)).toEqual(['text of a'])
  })

  it('goes on from the server\'s rendering: the state travels, and ready subscribes', async () => {
    const server = await createClient()
    server.history.say('a')
    await server.messages.open(lobby())
    const state = structuredClone(JSON.parse(JSON.stringify(server.pinia.state.value.messages)))
    const client = await createClient()
    client.messages.$patch(state)
    client.line.open()
    await flush()
    expect(asked(client, 'subscribe').map(({ frame }) => frame)).toEqual([{ type: 'subscribe', room, position: { epoch: 'epoch', seq: 1 } }])
    expect(client.calls.filter(call => call.path.endsWith('/messages'))).toEqual([])
  })

  it('the first ready reads my rooms again: what came since the server rendered them was told to nobody', async () => {
    const client = await createClient()
    client.rooms.byId[room] = lobby({ seq: 2 })
    client.routes['/api/rooms'] = () => ({ items: [lobby({ seq: 5, unread: 3 })], next: null })
    client.line.open()
    await vi.waitFor(() => expect(client.rooms.totalUnread).toBe(3))
    const visitor = await createClient(null)
    visitor.line.open()
    expect(visitor.calls).toEqual([])
  })

  it('says why a page could not be loaded, and loads it when the line is up', async () => {
    const client = await createClient()
    const page = client.routes[`/api/rooms/${room}/messages`]!
    client.routes[`/api/rooms/${room}/messages`] = () => { throw new ChatError('unavailable', 'Away.') }
    await client.messages.open(lobby())
    expect(client.messages.timeline(room)).toMatchObject({ status: 'error', error: { code: 'unavailable' } })
    client.routes[`/api/rooms/${room}/messages`] = page
    client.history.say('a')
    client.line.open()
    await vi.waitFor(() => expect(client.messages.timeline(room)).toMatchObject({ status: 'ready', error: null }))
    expect(asked(client, 'subscribe')).toHaveLength(1)
  })

  it('keeps nothing of a closed room', async () => {
    const client = await opened()
    client.messages.close(room)
    expect(asked(client, 'unsubscribe')).toHaveLength(1)
    expect(JSON.stringify(client.pinia.state.value)).not.toContain('text of')
  })
})

describe('frames', () => {
  it('a hole asks once from the position; every new line asks again', async () => {
    const client = await opened()
    client.history.say('lost')
    event(client, client.history.say('d'))
    event(client, client.history.say('e'))
    expect(asked(client, 'subscribe').slice(1).map(({ frame }) => frame)).toEqual([{ type: 'subscribe', room, position: { epoch: 'epoch', seq: 2 } }])
    client.line.breakLine()
    client.line.open()
    await flush()
    expect(asked(client, 'subscribe')).toHaveLength(1)
    for (const missed of client.history.after(2)) event(client, missed)
    expect(texts(client)).toEqual(['text of a', 'text of b', 'text of lost', 'text of d', 'text of e'])
  })

  it('reset drops the rows, loads the page and subscribes from it', async () => {
    const client = await opened()
    for (let n = 0; n < 3; n++) client.history.say(`missed ${n}`)
    client.line.hear({ type: 'reset', room, reason: 'too-old' })
    expect(texts(client)).toEqual([])
    await vi.waitFor(() => expect(asked(client, 'subscribe').at(-1)?.frame).toMatchObject({ position: { seq: 5 } }))
    expect(texts(client)).toHaveLength(5)
  })

  it('reset for lost access leaves no text and says why', async () => {
    const client = await opened()
    client.routes[`/api/rooms/${room}/messages`] = () => { throw new ChatError('not_found', 'No such room.') }
    client.line.hear({ type: 'reset', room, reason: 'access' })
    await vi.waitFor(() => expect(client.messages.timeline(room).error?.code).toBe('not_found'))
    expect(JSON.stringify(client.pinia.state.value)).not.toContain('text of')
  })

  it('heads make a room that is behind ask again', async () => {
    const client = await opened()
    client.line.hear({ type: 'heads', rooms: { [room]: 2 } })
    expect(asked(client, 'subscribe')).toHaveLength(1)
    client.line.hear({ type: 'heads', rooms: { [room]: 3 } })
    expect(asked(client, 'subscribe')).toHaveLength(2)
  })

  it('count unread messages of others, once, and forget them when read', async () => {
    const client = await opened()
    const c = client.history.say('c')
    event(client, c)
    event(client, c)
    event(client, client.history.say('d', 'mine', { author: 'me' }))
    expect(client.rooms.byId[room]).toMatchObject({ unread: 1, lastMessageAt: 1_003, seq: 4 })
    expect(client.rooms.totalUnread).toBe(1)
    client.messages.markRead(room)
    expect(client.rooms.byId[room]).toMatchObject({ unread: 0, readSeq: 4 })
    expect(client.line.notices).toEqual([{ type: 'read', room, seq: 4 }])
    client.line.hear({ type: 'room', room: 'room', change: 'unread', head: 9, unread: 5 })
    expect(client.rooms.byId[room]).toMatchObject({ unread: 5, seq: 9 })
    client.line.hear({ type: 'room', room: 'room', change: 'removed' })
    expect(client.rooms.mine).toEqual([])
    client.line.hear({ type: 'room', room: 'room', change: 'deleted' })
    await flush()
    expect(client.rooms.byId[room]).toBeUndefined()
    expect(client.rooms.lost).toMatchObject([{ id: room, how: 'deleted' }])
    expect(client.messages.timeline(room)).toMatchObject({ status: 'error', rows: [] })
  })

  it('the last that was read is told when the room is left', async () => {
    const client = await opened()
    client.messages.markRead(room)
    event(client, client.history.say('c'))
    client.messages.markRead(room)
    client.messages.close(room)
    expect(client.line.notices).toEqual([{ type: 'read', room, seq: 2 }, { type: 'read', room, seq: 3 }])
    client.messages.close(room)
    expect(client.line.notices).toHaveLength(2)
  })

  it('the last that was read is told when the page is hidden, which may be its end', async () => {
    const client = await opened()
    client.messages.markRead(room)
    event(client, client.history.say('c'))
    client.messages.markRead(room)
    client.messages.tellRead()
    expect(client.line.notices).toEqual([{ type: 'read', room, seq: 2 }, { type: 'read', room, seq: 3 }])
    client.messages.tellRead()
    expect(client.line.notices).toHaveLength(2)
  })

  it('what is unread elsewhere although it was read here is told again', async () => {
    const client = await opened()
    client.messages.markRead(room)
    client.line.hear({ type: 'room', room, change: 'unread', head: 2, unread: 1 })
    vi.useFakeTimers()
    client.messages.close(room)
    await client.messages.open(lobby({ seq: 2, readSeq: 2, unread: 1 }))
    client.messages.markRead(room)
    expect(client.line.notices.filter(({ type }) => type === 'read')).toHaveLength(2)
  })

  it('my own mark that comes back late does not undo what was read since', async () => {
    const client = await opened()
    client.messages.markRead(room)
    event(client, client.history.say('c'))
    client.messages.markRead(room)
    client.line.hear({ type: 'room', room, change: 'read', readSeq: 2, unread: 1 })
    expect(client.rooms.byId[room]).toMatchObject({ unread: 0, readSeq: 3 })
    client.line.hear({ type: 'room', room, change: 'read', readSeq: 3, unread: 2 })
    expect(client.rooms.byId[room]).toMatchObject({ unread: 2, readSeq: 3 })
  })

  it('say who is here; a missing version asks again; typing ends by itself, or with the message', async () => {
    const client = await opened()
    vi.useFakeTimers()
    client.line.hear({ type: 'presence', room, version: 5, online: 2, joined: ['ben'] })
    expect(client.presence.online(room)).toMatchObject({ count: 2, users: ['ann', 'ben'] })
    client.line.hear({ type: 'presence', room, version: 6, online: 1, left: ['ann'] })
    expect(client.presence.online(room)).toMatchObject({ count: 1, users: ['ben'] })
    client.line.hear({ type: 'presence', room, version: 8, online: 1, left: ['ben'] })
    expect(asked(client, 'subscribe')).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(0)
    expect(client.presence.name('ben')).toBe('name of ben')
    expect(client.calls.filter(call => call.path === '/api/users')).toHaveLength(1)
    for (const user of ['ben', 'ann', 'me']) client.line.hear({ type: 'typing', room, user })
    expect(client.messages.timeline(room).typing).toEqual(['ben', 'ann'])
    event(client, client.history.say('c'))
    expect(client.presence.typing(room).map(person => person.id)).toEqual(['ben'])
    vi.advanceTimersByTime(5_000)
    expect(client.presence.typing(room)).toEqual([])
  })

  it('fetch what a message answers, when that is beyond the window', async () => {
    const client = await createClient()
    for (let n = 0; n < 60; n++) client.history.say(`m${n}`)
    client.line.open()
    await client.messages.open(lobby())
    event(client, client.history.say('answer', 'yes', { replyTo: 'm0' }))
    await vi.waitFor(() => expect(client.messages.timeline(room).rows.at(-1)?.quoted?.text).toBe('text of m0'))
  })
})

describe('my changes', () => {
  it('a message is one row from the key press to its event', async () => {
    const client = await opened()
    await client.messages.send(room, 'hello', 'a')
    const { rows } = client.messages.timeline(room)
    const key = rows[2]!.key
    expect(rows[2]).toMatchObject({ state: 'pending', text: 'hello', quoted: { id: 'a' } })
    expect(client.connection.outboxCount).toBe(1)
    await vi.waitFor(() => expect(asked(client, 'send')).toHaveLength(1))
    const { frame, ok } = asked(client, 'send')[0]!
    ok({ message: 'c', seq: 3, at: 9 })
    await vi.waitFor(() => expect(client.connection.outboxCount).toBe(0))
    expect(client.messages.timeline(room).rows[2]).toMatchObject({ key, state: 'sent', id: 'c', seq: 3 })
    expect(client.messages.timelines[room]?.position?.seq).toBe(2)
    event(client, client.history.say('c', 'hello', { author: 'me', nonce: 'nonce' in frame ? frame.nonce : '', replyTo: 'a' }))
    expect(client.messages.timeline(room).rows.map(row => row.key)).toEqual([expect.any(String), expect.any(String), key])
  })

  it('an event that comes before its ok leaves one row, and nothing in the outbox', async () => {
    const client = await opened()
    await client.messages.send(room, 'hello')
    await vi.waitFor(() => expect(asked(client, 'send')).toHaveLength(1))
    const { frame, ok } = asked(client, 'send')[0]!
    event(client, client.history.say('c', 'hello', { author: 'me', nonce: 'nonce' in frame ? frame.nonce : '' }))
    expect(texts(client)).toEqual(['text of a', 'text of b', 'hello'])
    ok({ message: 'c', seq: 3, at: 9 })
    await vi.waitFor(() => expect(client.connection.outboxCount).toBe(0))
    expect(texts(client)).toEqual(['text of a', 'text of b', 'hello'])
  })

  it('a refused message says why, and can be tried again or discarded', async () => {
    const client = await opened()
    await client.messages.send(room, 'hello')
    await vi.waitFor(() => expect(asked(client, 'send')).toHaveLength(1))
    asked(client, 'send')[0]!.fail(new ChatError('forbidden', 'You are muted.'))
    await vi.waitFor(() => expect(client.messages.timeline(room).rows[2]).toMatchObject({ state: 'failed', error: { message: 'You are muted.' } }))
    const { key } = client.messages.timeline(room).rows[2]!
    await client.messages.retry(key)
    await vi.waitFor(() => expect(asked(client, 'send')).toHaveLength(2))
    expect(client.messages.timeline(room).rows[2]).toMatchObject({ key, state: 'pending' })
    asked(client, 'send')[1]!.fail(new ChatError('forbidden', 'You are muted.'))
    await vi.waitFor(() => expect(client.messages.timeline(room).rows[2]?.state).toBe('failed'))
    await client.messages.discard(key)
    expect(texts(client)).toEqual(['text of a', 'text of b'])
  })

  it('an edit waits offline, and goes with the message that is deleted meanwhile', async () => {
    const client = await opened()
    client.line.breakLine()
    await client.messages.edit(room, 'a', 'my secret')
    expect(texts(client)).toEqual(['my secret', 'text of b'])
    client.line.open()
    event(client, client.history.erase('a'))
    await flush()
    expect(JSON.stringify(client.pinia.state.value)).not.toContain('my secret')
    expect(client.outbox.items().filter(item => item.frame.type === 'edit' && item.state !== 'waiting')).toEqual([])
  })

  it('are refused for a visitor', async () => {
    const client = await opened(null)
    await expect(client.messages.send(room, 'hello')).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(texts(client)).toHaveLength(2)
  })

  it('signing out takes what is unsent with it', async () => {
    const client = await opened()
    client.line.breakLine()
    client.routes['/api/auth/logout'] = () => undefined
    await client.messages.send(room, 'never sent')
    expect(client.outbox.pendingCount()).toBe(1)
    await client.session.logOut()
    expect(client.outbox.pendingCount()).toBe(0)
    expect(client.session.me).toBeNull()
  })
})

describe('the end of a session', () => {
  it('is no news on the line of who signs out: it was let go of before', async () => {
    const client = await opened()
    const states: string[] = []
    client.routes['/api/auth/logout'] = () => { states.push(client.line.socket.state) }
    await client.session.logOut()
    expect([...states, client.line.socket.state]).toEqual(['stopped', 'stopped'])
  })

  it('leaves the line to who could not be signed out', async () => {
    const client = await opened()
    client.routes['/api/auth/logout'] = () => { throw new ChatError('unavailable', 'Later.') }
    await expect(client.session.logOut()).rejects.toMatchObject({ code: 'unavailable' })
    expect(client.line.socket.state).toBe('connecting')
  })

  it('is no end of the line where the same person begins a new one', async () => {
    const client = await opened()
    client.routes['/api/auth/login'] = () => ({ me: { ...client.session.me } })
    await client.session.logIn({ email: 'me@example.com', password: 'correct horse', remember: false })
    expect(client.line.socket.state).toBe('connecting')
  })

  it('ends the line of who deletes their account before it is told', async () => {
    const client = await opened()
    const states: string[] = []
    client.routes['/api/me'] = () => { states.push(client.line.socket.state) }
    await client.session.deleteAccount({ password: 'correct horse', messages: 'keep' })
    expect([...states, client.line.socket.state]).toEqual(['stopped', 'stopped'])
  })
})

it('there is a line for who signs in, also where this browser keeps nothing', async () => {
  const client = await createClient()
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  vi.spyOn(client.outbox, 'start').mockRejectedValue(new Error('no disk'))
  client.follow()
  expect(client.line.socket.state).toBe('connecting')
  await flush()
  expect(said).toHaveBeenCalledOnce()
})

describe('a line that is somebody else\'s', () => {
  const bob = { id: 'bob', name: 'Bob', kind: 'member' } as const

  it('sends nothing that waits here, shows nothing of theirs, and has the page begin anew', async () => {
    const client = await opened()
    client.line.breakLine()
    await client.messages.send(room, 'mine, not Bob\'s')
    const [asked, calls] = [client.line.requests.length, client.calls.length]
    client.line.open(bob)
    await flush()
    expect([client.reloads(), client.line.socket.state]).toEqual([1, 'stopped'])
    expect([client.line.requests.length, client.calls.length, client.outbox.pendingCount()]).toEqual([asked, calls, 1])
  })

  it.each([['of one who signed in where a visitor was', null, bob], ['of one who signed out', 'me', null], ['of a guest who has made an account', 'bob', { ...bob, kind: 'guest' as const }]])('%s', async (_, me, user) => {
    const client = await createClient(me)
    client.line.open(user)
    expect(client.reloads()).toBe(1)
  })

  it('is no other line where it is the same person\'s, or a visitor\'s', async () => {
    for (const me of ['me', null]) {
      const client = await createClient(me)
      client.line.open()
      expect(client.reloads()).toBe(0)
    }
  })
})

describe('history', () => {
  it('grows upwards, jumps, and comes back to the end', async () => {
    const client = await createClient()
    for (let n = 1; n <= 300; n++) client.history.say(`m${n}`)
    client.line.open()
    await client.messages.open(lobby())
    const view = client.messages.timeline(room)
    expect(view.rows.map(row => row.seq)).toEqual(Array.from({ length: 50 }, (_, i) => 251 + i))
    await client.messages.older(room)
    expect(view.rows[0]?.seq).toBe(201)
    await client.messages.around(room, 20)
    expect(view).toMatchObject({ moreBefore: false, moreAfter: true })
    expect(view.rows.some(row => row.seq === 20)).toBe(true)
    while (view.moreAfter) await client.messages.newer(room)
    expect(view.rows.map(row => row.seq)).toEqual(Array.from({ length: 300 }, (_, i) => 1 + i))
    await client.messages.around(room, 20)
    await client.messages.latest(room)
    expect(view.moreAfter).toBe(false)
  })

  it('says so where an older page is of another history, and the newest can\'t be loaded instead', async () => {
    const client = await createClient()
    for (let n = 1; n <= 100; n++) client.history.say(`m${n}`)
    client.line.open()
    await client.messages.open(lobby())
    const path = `/api/rooms/${room}/messages`
    const page = client.routes[path]!
    client.routes[path] = (options) => {
      if (options?.query?.before === undefined) throw new ChatError('unavailable', 'Away.')
      return { ...page(options) as object, asOf: { epoch: 'another', seq: 100 } }
    }
    await expect(client.messages.older(room)).rejects.toMatchObject({ code: 'unavailable' })
    expect(client.messages.timeline(room)).toMatchObject({ status: 'ready', error: null, loadingOlder: false })
  })

  it('stays as it is where the end can\'t be loaded, with what was written there; of a room that was lost nothing stays', async () => {
    const client = await createClient()
    for (let n = 1; n <= 300; n++) client.history.say(`m${n}`)
    client.line.open()
    await client.messages.open(lobby())
    await client.messages.around(room, 20)
    const view = client.messages.timeline(room)
    const path = `/api/rooms/${room}/messages`
    client.routes[path] = () => { throw new ChatError('unavailable', 'Away.') }
    await expect(client.messages.latest(room)).rejects.toMatchObject({ code: 'unavailable' })
    await client.messages.send(room, 'I was here')
    await flush()
    expect(view).toMatchObject({ status: 'ready', moreAfter: true })
    expect(view.rows.some(row => row.seq === 20)).toBe(true)
    expect(texts(client)).toContain('I was here')
    client.routes[path] = () => { throw new ChatError('forbidden', 'Not any more.') }
    await expect(client.messages.latest(room)).rejects.toMatchObject({ code: 'forbidden' })
    expect(view.status).toBe('error')
  })
})

it('rooms: an older answer of a former query is void, and pages follow', async () => {
  const client = await createClient()
  const answers: ((value: unknown) => void)[] = []
  client.routes['/api/rooms'] = () => new Promise(resolve => answers.push(resolve))
  const [first, second] = [client.rooms.load({ search: 'a' }), client.rooms.load({ search: 'b' })]
  await flush()
  answers[1]!({ items: [lobby({ id: 'b' })], next: 'more' })
  answers[0]!({ items: [lobby({ id: 'a' })], next: null })
  await Promise.all([first, second])
  expect(client.rooms.items.map(item => item.id)).toEqual(['b'])
  const more = client.rooms.more()
  await flush()
  answers[2]!({ items: [lobby({ id: 'c' })], next: null })
  await more
  expect(client.rooms.items.map(item => item.id)).toEqual(['b', 'c'])
  expect(client.calls.at(-1)?.options?.query).toMatchObject({ search: 'b', cursor: 'more' })
})

it('the connection is worth a word only after 2 s without it', async () => {
  const client = await createClient()
  vi.useFakeTimers()
  client.line.socket.start()
  vi.advanceTimersByTime(1_999)
  expect(client.connection.visibleOffline).toBe(false)
  vi.advanceTimersByTime(1)
  expect(client.connection.visibleOffline).toBe(true)
  client.line.open()
  expect(client.connection).toMatchObject({ visibleOffline: false, state: 'open' })
})
