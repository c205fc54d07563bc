import { describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { EventBody, Role, RoomSettings } from '#shared/types'
import { createClient, lobby } from './app'
import { room } from './history'

type Client = Awaited<ReturnType<typeof createClient>>

const settings = (more: Partial<RoomSettings> = {}): EventBody & { kind: 'room' } => ({
  kind: 'room',
  data: { name: 'Lobby', topic: '', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null, ...more, recheck: false }
})
const member = (user: string, role: Role | null, more: { banned?: boolean, mutedUntil?: number | null } = {}): EventBody & { kind: 'member' } =>
  ({ kind: 'member', data: { user, role, banned: more.banned ?? false, mutedUntil: more.mutedUntil ?? null } })
const hear = (client: Client, body: EventBody, author = 'ann') => client.line.hear({ type: 'event', ...client.history.add(body, author) })

/** Somebody in an open room with one message. */
async function inside(more: Parameters<typeof lobby>[0] = {}, me: string | null = 'me') {
  const client = await createClient(me)
  client.history.say('a', 'what was said')
  client.line.open()
  client.rooms.byId[room] = lobby({ seq: 1, ...more })
  client.routes[`/api/rooms/${room}/members`] = () => ({
    items: [{ id: 'ann', name: 'Ann', kind: 'member', role: 'owner', online: true, mutedUntil: null }, { id: 'ben', name: 'Ben', kind: 'member', role: 'member', online: false, mutedUntil: null }], next: null
  })
  await client.messages.open(lobby({ seq: 1, ...more }))
  await client.members.load(room)
  return client
}

const roles = (client: Client) => Object.fromEntries((client.members.lists[room]?.members ?? []).map(({ id, role }) => [id, role]))

describe('my own standing in a room', () => {
  it('follows a role, a mute and all of the settings', async () => {
    const client = await inside()
    hear(client, member('me', 'moderator'))
    expect(client.rooms.byId[room]).toMatchObject({ role: 'moderator', mutedUntil: null })
    hear(client, member('me', 'member', { mutedUntil: 5_000 }))
    expect(client.rooms.byId[room]).toMatchObject({ role: 'member', mutedUntil: 5_000 })
    hear(client, settings({ closedAt: 9, slowModeSeconds: 30, locked: true }))
    expect(client.rooms.byId[room]).toMatchObject({ closedAt: 9, slowModeSeconds: 30, locked: true, role: 'member' })
    expect(client.rooms.byId[room]).not.toHaveProperty('recheck')
  })

  it('an answer that was read before such an event does not undo it', async () => {
    const client = await inside()
    client.routes[`/api/rooms/${room}`] = () => lobby({ seq: 1, role: 'member' })
    hear(client, member('me', 'moderator', { mutedUntil: 7 }))
    await client.rooms.refresh(room)
    expect(client.rooms.byId[room]).toMatchObject({ role: 'moderator', mutedUntil: 7 })
  })

  it('removed from a public room, I still read it', async () => {
    const client = await inside()
    hear(client, member('me', null))
    expect(client.rooms.byId[room]).toMatchObject({ role: null, name: 'Lobby' })
    client.line.hear({ type: 'reset', room, reason: 'access' })
    await vi.waitFor(() => expect(client.messages.timeline(room)).toMatchObject({ status: 'ready' }))
    expect(client.messages.timeline(room).rows).toHaveLength(1)
  })

  it('removed from a private room that is listed, I stand before its door and nothing of it is left', async () => {
    const client = await inside({ visibility: 'private', topic: 'hush', locked: true })
    client.calls.length = 0
    hear(client, member('me', null))
    client.line.hear({ type: 'reset', room, reason: 'access' })
    client.line.hear({ type: 'room', room, change: 'removed' })
    expect(client.rooms.byId[room]).toMatchObject({ role: null, name: 'Lobby', locked: true, topic: '', seq: 0, lost: true })
    expect(JSON.stringify(client.pinia.state.value)).not.toMatch(/what was said|hush/)
    expect(client.calls, 'and nothing is asked for that would be refused').toEqual([])
  })

  it.each([
    ['an unlisted room', { visibility: 'private', listed: false }, { banned: false }, 'removed'],
    ['a room that I am banned from', { visibility: 'public' }, { banned: true }, 'banned'],
    ['a listed room that I am banned from', { visibility: 'private' }, { banned: true }, 'banned']
  ] as const)('%s is gone, and its page can say why', async (_, more, change, how) => {
    const client = await inside(more)
    hear(client, member('me', null, change))
    client.line.hear({ type: 'reset', room, reason: 'access' })
    client.line.hear({ type: 'room', room, change: 'removed' })
    expect(client.rooms.byId[room]).toBeUndefined()
    expect(client.rooms.lost).toMatchObject([{ id: room, slug: 'lobby', how }])
    expect(JSON.stringify(client.pinia.state.value)).not.toContain('what was said')
  })

  it('a password that was changed leads back to the door, without an event about me', async () => {
    const client = await inside({ visibility: 'private', locked: true })
    hear(client, settings({ visibility: 'private', locked: true }))
    expect(client.rooms.byId[room]).toMatchObject({ role: 'member' })
    client.line.hear({ type: 'reset', room, reason: 'access' })
    expect(client.rooms.byId[room]).toMatchObject({ role: null, locked: true })
    client.routes[`/api/rooms/${room}/join`] = options => options?.body?.password === 'new' ? lobby({ seq: 3, visibility: 'private', locked: true }) : undefined
    await client.rooms.join(room, 'new')
    expect(client.rooms.byId[room]).toMatchObject({ role: 'member', seq: 3 })
  })

  it('a guest loses every room that has no place for them', async () => {
    const client = await inside({ visibility: 'public' })
    client.session.me = { id: 'me', name: 'Me', kind: 'guest', admin: false, email: null, google: false }
    client.line.hear({ type: 'reset', room, reason: 'access' })
    expect(client.rooms.lost).toMatchObject([{ slug: 'lobby' }])
  })

  it('what is refused after a break is looked at again: the door that the server shows', async () => {
    const client = await inside({ visibility: 'private' })
    client.routes[`/api/rooms/${room}`] = () => lobby({ visibility: 'private', role: null, seq: 0, locked: true })
    client.line.breakLine()
    client.line.open()
    await vi.waitFor(() => expect(client.line.requests.some(({ frame }) => frame.type === 'subscribe')).toBe(true))
    client.line.requests.find(({ frame }) => frame.type === 'subscribe')!.fail(new ChatError('not_found', 'No such room.'))
    await vi.waitFor(() => expect(client.rooms.byId[room]).toMatchObject({ role: null, locked: true }))
    expect(client.messages.timeline(room).rows).toEqual([])
  })
})

describe('the people of a room', () => {
  it('follow joins, roles, mutes, removals and leaving', async () => {
    const client = await inside()
    hear(client, { kind: 'join', data: { role: 'guest', cameBy: 'invite' } }, 'gil')
    expect(roles(client)).toEqual({ ann: 'owner', ben: 'member', gil: 'guest' })
    hear(client, member('ben', 'moderator'))
    hear(client, member('gil', 'guest', { mutedUntil: 99 }))
    expect(roles(client)).toEqual({ ann: 'owner', ben: 'moderator', gil: 'guest' })
    expect(client.members.lists[room]?.members.find(({ id }) => id === 'gil')).toMatchObject({ mutedUntil: 99 })
    hear(client, member('gil', null, { banned: true }))
    hear(client, { kind: 'leave', data: {} }, 'ben')
    expect(roles(client)).toEqual({ ann: 'owner' })
  })

  it('a page that was on its way does not bring back who was removed meanwhile', async () => {
    const client = await inside()
    const page = client.routes[`/api/rooms/${room}/members`]!
    let answer = () => {}
    client.routes[`/api/rooms/${room}/members`] = () => new Promise((resolve) => { answer = () => resolve(page()) })
    const loading = client.members.load(room)
    hear(client, member('ben', null))
    answer()
    await loading
    expect(roles(client)).toEqual({ ann: 'owner' })
  })

  it('a guest who made an account is a member, and a deleted person is in no room, as soon as the line says so', async () => {
    const client = await inside()
    hear(client, { kind: 'join', data: { role: 'guest', cameBy: 'invite' } }, 'gil')
    client.line.hear({ type: 'people', users: [{ id: 'gil', name: 'Gil', kind: 'guest' }] })
    expect(client.members.known(room)).toContainEqual(expect.objectContaining({ id: 'gil', kind: 'guest', role: 'guest' }))
    client.line.hear({ type: 'people', users: [{ id: 'gil', name: 'Gilbert', kind: 'member' }] })
    expect(client.members.known(room)).toContainEqual(expect.objectContaining({ id: 'gil', name: 'Gilbert', kind: 'member', role: 'member' }))
    client.line.hear({ type: 'people', users: [{ id: 'gil', name: '', kind: 'member' }] })
    expect(client.members.known(room).map(({ id }) => id)).toEqual(['ann', 'ben'])
  })

  describe('who are beyond the first page', () => {
    async function large() {
      const client = await inside()
      const members = client.routes[`/api/rooms/${room}/members`]!
      const asked: string[] = []
      const waiting: (() => void)[] = []
      client.routes[`/api/rooms/${room}/members`] = (options) => {
        const ids = options?.query?.ids
        if (typeof ids !== 'string') return { ...members(options) as object, next: 'more' }
        asked.push(ids)
        const items = ids.split(',').filter(id => id !== 'out').map(id => ({ id, name: id, kind: 'member', role: 'member', online: true, mutedUntil: 7 }))
        return new Promise((resolve) => { waiting.push(() => resolve({ items, next: null })) })
      }
      await client.members.load(room)
      return { client, asked, answer: () => { for (const go of waiting.splice(0)) go() } }
    }

    it('are asked for by their ids, each once', async () => {
      const { client, asked, answer } = await large()
      const meeting = client.members.meet(room, ['ann', 'far', 'out'])
      await client.members.meet(room, ['far', 'out'])
      answer()
      await meeting
      await client.members.meet(room, ['ann', 'far', 'out'])
      expect(asked).toEqual(['far,out'])
      expect(client.members.known(room)).toContainEqual(expect.objectContaining({ id: 'far', role: 'member', mutedUntil: 7 }))
      expect(client.members.known(room).some(({ id }) => id === 'out')).toBe(false)
    })

    it('what happens to them meanwhile is newer than the answer', async () => {
      const { client, answer } = await large()
      const meeting = client.members.meet(room, ['far', 'gone'])
      hear(client, member('far', 'moderator'))
      hear(client, member('gone', null))
      answer()
      await meeting
      expect(roles(client)).toMatchObject({ far: 'moderator' })
      expect(roles(client)).not.toHaveProperty('gone')
    })

    it('are not asked for where all are known, and again after a failure', async () => {
      const client = await inside()
      client.calls.length = 0
      await client.members.meet(room, ['far'])
      expect(client.calls).toEqual([])
      const { client: other, asked, answer } = await large()
      const route = other.routes[`/api/rooms/${room}/members`]!
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
      other.routes[`/api/rooms/${room}/members`] = () => { throw new ChatError('unavailable', 'No.') }
      await other.members.meet(room, ['far'])
      expect(warn).toHaveBeenCalledOnce()
      warn.mockRestore()
      other.routes[`/api/rooms/${room}/members`] = route
      const meeting = other.members.meet(room, ['far'])
      answer()
      await meeting
      expect(asked).toEqual(['far'])
    })
  })

  it('are told of between the messages: who came in as an admin, who was removed by whom; once', async () => {
    const client = await inside()
    const arrival = client.history.add({ kind: 'join', data: { role: 'member', cameBy: 'admin' } }, 'zoe')
    for (let n = 0; n < 2; n++) client.line.hear({ type: 'event', ...arrival })
    hear(client, member('ben', null))
    hear(client, member('eve', null), 'ann')
    hear(client, member('gus', null, { banned: true }), 'ann')
    hear(client, member('ann', 'owner'), 'zoe')
    expect(client.members.notices[room]?.map(({ kind, user, by }) => [kind, user, by])).toEqual([
      ['adminJoined', 'zoe', 'zoe'], ['removed', 'ben', 'ann'], ['banned', 'gus', 'ann'], ['owner', 'ann', 'zoe']
    ])
  })
})

describe('coming as a guest, and staying', () => {
  it('lets go of the line before the old session ends, and takes it up again where that failed', async () => {
    const client = await createClient()
    client.line.open()
    client.routes['/api/auth/signup'] = () => { throw new ChatError('conflict', 'Taken.') }
    const body = { name: 'Me', email: 'me@example.com', password: 'correct horse battery', remember: true }
    await expect(client.session.signUp(body)).rejects.toMatchObject({ code: 'conflict' })
    expect(client.line.socket.state).toBe('connecting')
    client.line.open()
    let state = ''
    client.routes['/api/auth/signup'] = () => {
      state = client.line.socket.state
      return { me: { id: 'me', name: 'Me', kind: 'member', admin: false, email: 'me@example.com', google: false } }
    }
    await client.session.signUp(body)
    expect(state).toBe('stopped')
    expect(client.session).toMatchObject({ isMember: true, isGuest: false })
  })
})
