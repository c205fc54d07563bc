import { describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { RoomSummary } from '#shared/types'
import { createClient, lobby } from './app'
import { room } from './history'

const away = () => { throw new ChatError('unavailable', 'Away.') }
const door = (more: Partial<RoomSummary> = {}) => lobby({ visibility: 'private', role: null, locked: true, seq: 0, ...more })

describe('what could not be loaded without a line', () => {
  it('is loaded when the line is back: rooms as they were asked for, and people', async () => {
    const client = await createClient()
    client.line.open()
    client.line.breakLine()
    client.routes['/api/rooms'] = away
    client.routes[`/api/rooms/${room}/members`] = away
    await client.rooms.load({ search: 'lob' })
    await client.members.load(room)
    expect([client.rooms.error, client.members.lists[room]?.error]).toMatchObject([{ code: 'unavailable' }, { code: 'unavailable' }])

    client.routes['/api/rooms'] = options => ({ items: options?.query?.search === 'lob' ? [lobby()] : [], next: null })
    client.routes[`/api/rooms/${room}/members`] = () => ({ items: [{ id: 'ann', name: 'Ann', kind: 'member', role: 'owner', online: true, mutedUntil: null }], next: null })
    client.line.open()
    await vi.waitFor(() => expect(client.members.lists[room]).toMatchObject({ error: null, members: [{ id: 'ann' }] }))
    expect(client.rooms).toMatchObject({ error: null, shown: [room] })
  })

  it('is the next page, where that was it; what was there stays', async () => {
    const client = await createClient()
    client.routes['/api/rooms'] = () => ({ items: [lobby()], next: 'more' })
    await client.rooms.load()
    client.routes['/api/rooms'] = away
    await client.rooms.more()
    client.routes['/api/rooms'] = options => ({ items: [options?.query?.cursor === 'more' ? lobby({ id: 'other', slug: 'other' }) : lobby()], next: null })
    client.line.open()
    await vi.waitFor(() => expect(client.rooms.shown).toEqual([room, 'other']))
  })

  it('is not asked for where nothing failed', async () => {
    const client = await createClient()
    await client.rooms.load()
    client.calls.length = 0
    client.line.open()
    // The account and its own rooms are always read again, these by another question.
    expect(client.calls).toEqual([{ path: '/api/auth/session' }, { path: '/api/rooms', options: { query: { limit: 100 } } }])
  })
})

describe('a door that is looked at again', () => {
  it('of a room that is gone or unlisted by now is no door; nobody is told that they were in it', async () => {
    const client = await createClient()
    client.rooms.byId[room] = door()
    await client.rooms.check(room)
    expect(client.rooms.byId[room]).toBeUndefined()
    expect(client.rooms.lost).toEqual([])
  })

  it('of a room that they were in until a moment ago is lost to them', async () => {
    const client = await createClient()
    client.rooms.byId[room] = door({ lost: true })
    await client.rooms.check(room)
    expect(client.rooms.lost).toMatchObject([{ id: room, how: 'removed' }])
  })
})

describe('my own account', () => {
  const me = { id: 'me', name: 'Me', kind: 'member' as const, email: null, google: false }
  const answer = (who: object | null) => () => ({ me: who, needsSetUp: false, signup: 'open', public: false, guests: true, google: false, mail: false })

  it('is read again when the server says that it changed, and only then', async () => {
    const client = await createClient()
    client.line.open()
    client.routes['/api/auth/session'] = answer({ ...me, admin: true })
    client.calls.length = 0
    client.line.hear({ type: 'people', users: [me] })
    expect(client.calls, 'one who has just come is no other than before').toEqual([])
    client.line.hear({ type: 'people', users: [me], you: true })
    await vi.waitFor(() => expect(client.session.me).toMatchObject({ admin: true }))
  })

  it('is read again with every line: what changed since the server rendered it, or while there was none, was told to nobody', async () => {
    const client = await createClient()
    client.routes['/api/auth/session'] = answer({ ...me, admin: true })
    client.line.open()
    await vi.waitFor(() => expect(client.session.me).toMatchObject({ admin: true }))
    client.line.breakLine()
    client.routes['/api/auth/session'] = answer({ ...me, admin: false })
    client.line.open()
    await vi.waitFor(() => expect(client.session.me).toMatchObject({ admin: false }))
  })

  it('is what the last question says, in whichever order the answers come', async () => {
    const client = await createClient()
    const answers: ((who: object) => void)[] = []
    client.routes['/api/auth/session'] = () => new Promise(resolve => answers.push(who => resolve({ me: who })))
    const asked = [client.session.renew(), client.session.renew()]
    answers[1]!({ ...me, admin: true })
    answers[0]!({ ...me, admin: false })
    await Promise.all(asked)
    expect(client.session.me).toMatchObject({ admin: true })
  })

  it('is left to the line where somebody else answers, or nobody', async () => {
    const client = await createClient()
    for (const who of [{ ...me, kind: 'guest' }, { ...me, id: 'bob' }, null]) {
      client.routes['/api/auth/session'] = answer(who)
      await client.session.renew()
      expect(client.session.me).toMatchObject({ id: 'me', kind: 'member' })
    }
  })

  it.each([
    ['open', null, null, true], ['invite', null, null, false], ['invite', null, 'code', true], ['invite', 'guest', null, true], ['closed', 'guest', 'code', false]
  ] as const)('may be made where sign-up is %s, by %s with invite %s: %s', async (signup, kind, invite, may) => {
    const client = await createClient(null)
    Object.assign(client.session, { signup, me: kind && { ...me, kind, admin: false } })
    expect(client.session.maySignUp(invite)).toBe(may)
  })
})
