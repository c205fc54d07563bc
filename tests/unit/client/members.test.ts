import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { EventBody, Member, Role } from '#shared/types'
import { createClient, lobby } from './app'
import { room } from './history'

type Client = Awaited<ReturnType<typeof createClient>>

const path = `/api/rooms/${room}/members`
const person = (id: string, role: Role = 'member', mutedUntil: number | null = null): Member => ({ id, name: id, kind: 'member', role, online: false, mutedUntil })
const hear = (client: Client, body: EventBody, author = 'ann') => client.line.hear({ type: 'event', ...client.history.add(body, author) })
const settings = (recheck: boolean): EventBody => ({
  kind: 'room',
  data: { name: 'Lobby', topic: '', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null, recheck }
})
const tooOld = (client: Client) => client.line.hear({ type: 'reset', room, reason: 'too-old' })
const shown = (client: Client) => client.members.known(room).map(({ id }) => id)
const asked = (client: Client) => client.calls.filter(call => call.path === path)

/** Who reads in a room whose people are known; the server has them in pages of two. */
async function reading(people: Member[] = [person('ann', 'owner'), person('ben')]) {
  const client = await createClient()
  const server = { people }
  client.routes[path] = (options) => {
    const { ids, cursor = 0 } = options?.query ?? {}
    if (typeof ids === 'string') return { items: server.people.filter(({ id }) => ids.split(',').includes(id)), next: null }
    const end = Number(cursor) + 2
    return { items: server.people.slice(Number(cursor), end), next: end < server.people.length ? String(end) : null }
  }
  client.history.say('a')
  client.line.open()
  client.rooms.byId[room] = lobby({ seq: 1 })
  await client.messages.open(lobby({ seq: 1 }))
  await client.members.load(room)
  client.calls.length = 0
  return { client, server }
}

/** Answers of the server that the test lets go one by one, each with what was so when it was asked. */
function hold(client: Client): ((result?: 'fail') => void)[] {
  const route = client.routes[path]!
  const held: ((result?: 'fail') => void)[] = []
  client.routes[path] = (options) => {
    const answer = route(options)
    return new Promise((resolve, reject) => {
      held.push(result => result === 'fail' ? reject(new ChatError('unavailable', 'Away.')) : resolve(answer))
    })
  }
  return held
}

beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) })
afterEach(() => { vi.useRealTimers() })

describe('the people that are known are read again', () => {
  it('after a stretch that no event tells of; until the answer is there, those who are shown stay', async () => {
    const { client, server } = await reading()
    const held = hold(client)
    server.people = [person('ann', 'owner'), person('cat')]
    tooOld(client)
    expect(shown(client)).toEqual(['ann', 'ben'])
    held[0]!()
    await vi.waitFor(() => expect(shown(client)).toEqual(['ann', 'cat']))
    expect(client.members.lists[room]).toMatchObject({ loading: false, error: null })
  })

  it('not where the reader is out, or nobody has looked at them', async () => {
    const { client } = await reading()
    client.line.hear({ type: 'reset', room, reason: 'access' })
    client.members.clear()
    tooOld(client)
    hear(client, settings(true))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked(client)).toEqual([])
  })

  it('when somebody may have lost their place by what was decided about the room, in a moment, so that not all ask at once', async () => {
    const { client, server } = await reading()
    server.people = [person('ann', 'owner')]
    hear(client, settings(false))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked(client)).toEqual([])
    for (let n = 0; n < 3; n++) hear(client, settings(true))
    expect(asked(client)).toEqual([])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(shown(client)).toEqual(['ann'])
    expect(asked(client)).toHaveLength(1)
  })

  it('but by nobody who is out by it', async () => {
    const { client } = await reading()
    client.rooms.byId[room] = lobby({ seq: 1, visibility: 'private' })
    hear(client, settings(true))
    client.rooms.byId[room].visibility = 'private'
    client.line.hear({ type: 'reset', room, reason: 'access' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked(client)).toEqual([])
  })

  it('as far as they were loaded, with those beyond who were asked for', async () => {
    const { client, server } = await reading(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(id => person(id)))
    await client.members.load(room, '2')
    await client.members.meet(room, ['i', 'j'])
    expect(shown(client)).toEqual(['a', 'b', 'c', 'd', 'i', 'j'])
    server.people = server.people.filter(({ id }) => id !== 'b' && id !== 'j').map(({ id }) => person(id, 'member', 9))
    tooOld(client)
    await vi.waitFor(() => expect(client.members.lists[room]?.loading).toBe(false))
    expect(shown(client)).toEqual(['a', 'c', 'd', 'e', 'f', 'g', 'i'])
    expect(client.members.known(room).every(({ mutedUntil }) => mutedUntil === 9)).toBe(true)
    expect(client.members.lists[room]?.next).toBe('6')
  })

  it('the last answer counts, in whichever order they come, and what happens meanwhile is newer than it', async () => {
    const { client, server } = await reading()
    const held = hold(client)
    tooOld(client)
    server.people = [person('ann', 'owner'), person('cat')]
    tooOld(client)
    hear(client, { kind: 'member', data: { user: 'cat', role: 'moderator', banned: false, mutedUntil: null } })
    held[1]!()
    await vi.waitFor(() => expect(client.members.lists[room]?.loading).toBe(false))
    held[0]!()
    await vi.advanceTimersByTimeAsync(1)
    expect(client.members.known(room).map(({ id, role }) => [id, role])).toEqual([['ann', 'owner'], ['cat', 'moderator']])
  })

  it('rather than the next page, which would leave them as they were', async () => {
    const { client, server } = await reading(['a', 'b', 'c'].map(id => person(id)))
    const held = hold(client)
    server.people = ['a', 'x', 'c'].map(id => person(id))
    tooOld(client)
    await client.members.load(room, '2')
    held[0]!('fail')
    await vi.waitFor(() => expect(client.members.lists[room]?.error).toMatchObject({ code: 'unavailable' }))
    expect(shown(client)).toEqual(['a', 'b'])
    void client.members.load(room, '2')
    held[1]!()
    // Where b is now: by its id.
    await vi.waitFor(() => held[2]!())
    await vi.waitFor(() => expect(shown(client)).toEqual(['a', 'x']))
    expect(client.members.lists[room]).toMatchObject({ error: null, next: '2' })
  })

  it('with the next line, where it could not be done on this one', async () => {
    const { client, server } = await reading(['a', 'b', 'c'].map(id => person(id)))
    const held = hold(client)
    server.people = [person('a')]
    tooOld(client)
    held[0]!('fail')
    await vi.waitFor(() => expect(client.members.lists[room]?.error).toMatchObject({ code: 'unavailable' }))
    client.line.breakLine()
    client.line.open()
    held[1]!()
    await vi.waitFor(() => expect(shown(client)).toEqual(['a']))
  })
})
