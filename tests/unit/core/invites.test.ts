import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { guestTiers, rates } from '#shared/limits'
import type { RoomSummary } from '#shared/types'
import type { Identity } from '../../../server/core/chat'
import { hash } from '../../../server/core/ids'
import { emailOf, newNonce, openTestChat, passwordOf, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, owner: Identity, ann: Identity, bob: Identity
let room: RoomSummary
let addresses = 0
/** An address that nobody has come from. */
const elsewhere = () => `10.20.${addresses >> 8}.${addresses++ & 255}`
const from = (viewer: Identity | null = null, address = elsewhere()) => ({ address, agent: 'Firefox on Linux', viewer })
const refused = (work: Promise<unknown>) => work.then(() => 'nothing', (error: { code: string }) => error.code)
const body = (name: string, invite?: string) => ({ name, email: emailOf(name), password: passwordOf(name), remember: false, ...invite !== undefined && { invite } })

beforeAll(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  owner = await t.person('Owner')
  ann = await t.person('Ann')
  bob = await t.person('Bob')
})
afterAll(() => t.close())
beforeEach(async () => {
  for (const key of ['room-create', 'invite-make']) await t.ports.coordination.forget(`${key}:${owner.person.id}`)
  room = await t.chat.rooms.create(owner, { name: 'The cellar', topic: 'Wine', visibility: 'private', listed: false })
})

const make = (role: 'guest' | 'member' = 'guest', more: { days?: number | null, uses?: number | null } = {}) =>
  t.chat.invites.make(owner, room.id, { role, days: 7, uses: null, ...more })
const accept = (who: Identity, code: string) => t.chat.invites.accept(who, code, elsewhere())
const arrive = (code: string, name = 'Gus') => t.chat.accounts.arrive({ code, name }, from())
const guestOf = async (token: string) => {
  const guest = await t.chat.accounts.identify(token)
  if (!guest) throw new Error('no session')
  return guest
}

describe('an invite', () => {
  it('has a code of 256 bits that is shown once and kept as a hash', async () => {
    const { code, invite } = await make()
    expect(code).toMatch(/^[\w-]{43}$/)
    expect(await t.chat.invites.list(owner, room.id)).toEqual([invite])
    expect(JSON.stringify(invite)).not.toContain(code)
    expect(await refused(accept(ann, invite.id))).toBe('not_found')
  })

  it('shows who invites where, to anybody', async () => {
    const { code } = await make()
    expect(await t.chat.invites.preview(null, code, elsewhere())).toEqual({
      room: { id: room.id, slug: room.slug, name: 'The cellar', topic: 'Wine' }, by: owner.person, role: 'guest', guests: true, inside: false
    })
    expect(await t.chat.invites.preview(owner, code, elsewhere())).toMatchObject({ inside: true })
  })

  it('lets a member in, as one of the invited, and counts', async () => {
    const { code } = await make('member', { uses: 2 })
    expect(await accept(ann, code)).toMatchObject({ id: room.id, role: 'member' })
    expect(await accept(ann, code)).toMatchObject({ role: 'member' })
    expect((await t.chat.invites.list(owner, room.id))[0]).toMatchObject({ uses: 1, usesLeft: 1 })
    expect(JSON.parse((await t.ports.storage.eventsAfter(room.id, 0, 10)).at(-1)!.json)).toMatchObject({ kind: 'join', data: { cameBy: 'invite' } })
  })

  it('lets in as many as it has uses, of those who come at once', async () => {
    const { code } = await make('member', { uses: 1 })
    const results = await Promise.all([ann, bob].map(who => refused(accept(who, code))))
    expect(results.sort()).toEqual(['not_found', 'nothing'])
  })

  it('leads on whom it brought in, also once it is used up or expired, and nobody else', async () => {
    const { code } = await make('member', { uses: 1, days: 1 })
    const { token } = await t.chat.accounts.signUp(body('Newcomer', code), from())
    const newcomer = await guestOf(token)
    expect(await t.chat.invites.preview(newcomer, code, elsewhere())).toMatchObject({ inside: true, room: { id: room.id } })
    expect(await accept(newcomer, code)).toMatchObject({ id: room.id, role: 'member' })
    t.ports.clock.pass(24 * 3_600_000)
    expect(await t.chat.invites.preview(newcomer, code, elsewhere())).toMatchObject({ inside: true })
    expect(await refused(t.chat.invites.preview(bob, code, elsewhere()))).toBe('not_found')
    await t.chat.rooms.leave(newcomer, room.id)
    expect(await refused(t.chat.invites.preview(newcomer, code, elsewhere()))).toBe('not_found')
  })

  it('is answered alike when nobody made it, it is revoked, expired, used up, or its room is gone', async () => {
    const codes = { unknown: 'A'.repeat(43), revoked: '', expired: '', used: '', gone: '' }
    const revoked = await make()
    await t.chat.invites.revoke(owner, room.id, revoked.invite.id)
    codes.revoked = revoked.code
    codes.expired = (await make('guest', { days: 1 })).code
    t.ports.clock.pass(24 * 3_600_000)
    const used = await make('member', { uses: 1 })
    await accept(bob, used.code)
    codes.used = used.code
    const other = await t.chat.rooms.create(owner, { name: 'Gone', topic: '' })
    codes.gone = (await t.chat.invites.make(owner, other.id, { role: 'guest', days: null, uses: null })).code
    await t.chat.rooms.remove(owner, other.id)
    const said = async (work: Promise<unknown>) => work.then(() => null, (error: { toJSON: () => unknown }) => error.toJSON())
    const answers = await Promise.all(Object.values(codes).flatMap(code => [
      said(t.chat.invites.preview(null, code, elsewhere())), said(t.chat.invites.preview(ann, code, elsewhere())), said(accept(ann, code)), said(arrive(code)),
      said(t.chat.accounts.signUp(body('Newcomer', code), from()))
    ]))
    expect(new Set(answers.map(answer => JSON.stringify(answer)))).toEqual(new Set([JSON.stringify({ code: 'not_found', message: 'This invite is no longer valid. Ask for a new one.' })]))
  })

  it('can\'t be guessed: one address has few tries, by whatever door', async () => {
    const address = elsewhere()
    const { code } = await make()
    const doors = [
      () => t.chat.invites.preview(null, newNonce().padEnd(43, 'x'), address), () => t.chat.invites.accept(ann, newNonce().padEnd(43, 'x'), address),
      () => t.chat.accounts.arrive({ code: newNonce().padEnd(43, 'x'), name: 'Gus' }, from(null, address))
    ]
    for (let i = 0; i < rates.inviteUse.points; i++) expect(await refused(doors[i % 3]!())).toBe('not_found')
    for (const door of doors) expect(await refused(door())).toBe('rate_limited')
    expect(await refused(t.chat.invites.preview(null, code, address))).toBe('rate_limited')
    expect(await refused(t.chat.invites.preview(null, code, elsewhere()))).toBe('nothing')
  })

  it('lets nobody in who is banned, and tells them no more than that it is invalid', async () => {
    const { code } = await make()
    await t.chat.moderation.remove(owner, room.id, ann.person.id, true)
    expect(await refused(t.chat.invites.preview(ann, code, elsewhere()))).toBe('not_found')
    expect(await refused(accept(ann, code))).toBe('not_found')
    expect(await refused(t.chat.rooms.get(ann, { id: room.id }))).toBe('not_found')
  })

  it('is made, seen and revoked by the room\'s owner, moderators and admins alone', async () => {
    await accept(ann, (await make('member')).code)
    await accept(bob, (await make('member')).code)
    await t.chat.moderation.change(owner, room.id, bob.person.id, { role: 'moderator' })
    const { invite } = await t.chat.invites.make(bob, room.id, { role: 'member', days: 1, uses: null })
    const made = { role: 'member', days: 1, uses: null } as const
    expect(await Promise.all([t.chat.invites.make(ann, room.id, made), t.chat.invites.list(ann, room.id), t.chat.invites.revoke(ann, room.id, invite.id)].map(refused))).toEqual(Array(3).fill('forbidden'))
    expect(await t.chat.invites.list(admin, room.id)).toHaveLength(3)
    await t.chat.invites.revoke(admin, room.id, invite.id)
    expect(await refused(t.chat.invites.revoke(admin, room.id, invite.id))).toBe('not_found')
    const { items } = await t.chat.moderation.audit(owner, room.id, { limit: 10 })
    expect(items.filter(({ action }) => action.startsWith('invite')).map(({ action, by }) => [action, by.name])).toEqual([
      ['invite-revoked', 'Admin'], ['invite-made', 'Bob'], ['invite-made', 'Owner'], ['invite-made', 'Owner']
    ])
    await t.chat.rooms.update(owner, room.id, { archived: true })
    expect(await refused(t.chat.invites.make(owner, room.id, made))).toBe('forbidden')
  })
})

describe('a guest', () => {
  it('needs an invite and a name, has a session of 256 bits, and is told apart', async () => {
    const { code } = await make('guest', { uses: 1 })
    const { token, me, room: summary } = await arrive(code)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(me).toMatchObject({ name: 'Gus', kind: 'guest', admin: false, email: null })
    expect(summary).toMatchObject({ id: room.id, role: 'guest' })
    expect((await t.chat.rooms.members(owner, room.id, { limit: 10 })).items).toContainEqual(expect.objectContaining({ id: me.id, role: 'guest', kind: 'guest' }))
    expect(await refused(arrive(code))).toBe('not_found')
  })

  it('is in their rooms, and in no other, public ones included', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    const lobby = (await t.chat.rooms.get(ann, { slug: 'lobby' })).id
    expect(await Promise.all([
      t.chat.rooms.get(guest, { slug: 'lobby' }), t.chat.rooms.join(guest, lobby), t.chat.messages.page(guest, lobby, { limit: 1 }), t.chat.replay(guest, lobby),
      t.chat.messages.send(guest, { room: lobby, nonce: newNonce(), text: 'x' })
    ].map(refused))).toEqual(Array(5).fill('not_found'))
    expect((await t.chat.rooms.list(guest, { search: '', sort: 'name', archived: false, limit: 50 })).items.map(item => item.id)).toEqual([room.id])
    expect(await t.chat.rooms.people(guest, [owner.person.id])).toHaveLength(1)
    await t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'hello' })
  })

  it('makes no rooms, and comes in by no invite for members', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    await expect(t.chat.rooms.create(guest, { name: 'Mine', topic: '' })).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('Create an account') })
    const other = await t.chat.rooms.create(owner, { name: 'Other', topic: '', visibility: 'private' })
    const invite = (role: 'guest' | 'member') => t.chat.invites.make(owner, other.id, { role, days: 1, uses: null })
    await expect(accept(guest, (await invite('member')).code)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('people with an account') })
    expect(await refused(arrive((await invite('member')).code))).toBe('forbidden')
    expect(await accept(guest, (await invite('guest')).code)).toMatchObject({ role: 'guest' })
    expect(await accept(guest, (await invite('member')).code)).toMatchObject({ role: 'guest' })
  })

  it('writes less at a time than members', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    const answers: string[] = []
    for (let i = 0; i <= rates.guestChange.points; i++) answers.push(await refused(t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'x' })))
    expect(answers).toEqual([...Array(rates.guestChange.points).fill('nothing'), 'rate_limited'])
  })

  it('comes with a class, all of them behind one address: each looks at the link, and in', async () => {
    const { code } = await make()
    const address = elsewhere()
    for (let pupil = 0; pupil < 32; pupil++) {
      for (const step of [() => t.chat.invites.preview(null, code, address), () => t.chat.accounts.arrive({ code, name: `Pupil ${pupil}` }, from(null, address))]) expect(await refused(step())).toBe('nothing')
    }
  })

  it('comes only so often from one address, in ten minutes and in an hour', async () => {
    const { code } = await make()
    const address = elsewhere()
    const come = () => t.chat.accounts.arrive({ code, name: 'Gus' }, from(null, address))
    const [soon, late] = guestTiers
    const answers: string[] = []
    for (let i = 0; i <= soon.points; i++) answers.push(await refused(come()))
    expect(answers).toEqual([...Array(soon.points).fill('nothing'), 'rate_limited'])
    await expect(come()).rejects.toMatchObject({ retryAfter: expect.toSatisfy((wait: number) => wait <= soon.seconds * 1000) as number })
    // As when the ten minutes are over, and many more have come.
    const key = `guest:${hash(address)}`
    await t.ports.coordination.forget(`${key}:0`)
    for (let i = 0; i < late.points; i++) await t.ports.coordination.take(`${key}:1`, late)
    await expect(come()).rejects.toMatchObject({ code: 'rate_limited', retryAfter: expect.toSatisfy((wait: number) => wait > soon.seconds * 1000) as number })
  })

  it('is gone from a room that takes none any more, and back when it does', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    const { code } = await make()
    await t.chat.rooms.update(owner, room.id, { guests: false })
    expect(await Promise.all([t.chat.messages.page(guest, room.id, { limit: 1 }), t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'x' }), t.chat.replay(guest, room.id)].map(refused)))
      .toEqual(Array(3).fill('not_found'))
    expect(await refused(accept(guest, code))).toBe('forbidden')
    expect(await refused(arrive(code))).toBe('forbidden')
    expect((await t.chat.invites.preview(null, code, elsewhere())).guests).toBe(false)
    await t.chat.rooms.update(owner, room.id, { guests: true })
    await t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'x' })
  })

  it('does not come where the site takes none, nor as a second self', async () => {
    const { code } = await make()
    await expect(t.chat.accounts.arrive({ code, name: 'Gus' }, from(ann))).rejects.toMatchObject({ code: 'conflict' })
    await t.chat.admin.updateSettings(admin, { guests: false })
    expect(await refused(arrive(code))).toBe('forbidden')
    await t.chat.admin.updateSettings(admin, { guests: true })
    expect(await refused(arrive(code))).toBe('nothing')
  })

  it('signs out and is gone, but what they wrote stays; or deletes all of it, without a password', async () => {
    const [first, second] = [await t.guest('Gus', owner, room.id), await t.guest('Gia', owner, room.id)]
    for (const guest of [first, second]) await t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'hello' })
    await t.chat.accounts.logOut(first)
    expect(await t.chat.accounts.identify(first.token)).toBeNull()
    await t.chat.accounts.deleteAccount(second, { password: '', messages: 'delete' })
    expect(await t.chat.accounts.identify(second.token)).toBeNull()
    expect(t.controls).toContainEqual({ kind: 'session-ended', session: second.session })
    const page = await t.chat.messages.page(owner, room.id, { limit: 10 })
    expect(page.messages.map(message => message.text)).toEqual(['hello', ''])
    expect(page.people.map(person => person.name).sort()).toEqual(['', 'Gus'])
  })
})

describe('a guest who signs up', () => {
  it('keeps id, messages and memberships, under a new session; the old one ends', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    await t.chat.messages.send(guest, { room: room.id, nonce: newNonce(), text: 'hello' })
    t.controls.length = 0
    const { token, me } = await t.chat.accounts.signUp(body('Gustav'), from(guest))
    expect(me).toMatchObject({ id: guest.person.id, name: 'Gustav', kind: 'member', email: 'gustav@example.org' })
    expect(token).not.toBe(guest.token)
    expect(await t.chat.accounts.identify(guest.token)).toBeNull()
    expect(t.controls).toContainEqual({ kind: 'session-ended', session: guest.session })
    expect(t.controls).toContainEqual({ kind: 'person-changed', user: me.id })
    const member = await guestOf(token)
    expect(await t.chat.rooms.get(member, { id: room.id })).toMatchObject({ role: 'member' })
    expect((await t.chat.messages.page(member, room.id, { limit: 1 })).messages[0]).toMatchObject({ author: me.id, text: 'hello' })
    await t.chat.rooms.create(member, { name: 'Mine', topic: '' })
    await t.chat.accounts.logIn({ email: 'gustav@example.org', password: passwordOf('Gustav'), remember: false }, from())
  })

  it('stays one when the e-mail address has an account', async () => {
    const guest = await t.guest('Gus', owner, room.id)
    expect(await refused(t.chat.accounts.signUp({ ...body('Gus'), email: emailOf('Ann') }, from(guest)))).toBe('conflict')
    expect((await guestOf(guest.token)).person.kind).toBe('guest')
  })

  it('is one, and signed in, where the room of another invite can\'t be entered any more: it is archived, or its last use was just taken', async () => {
    const archived = await t.chat.rooms.create(owner, { name: 'Archived', topic: '', visibility: 'private' })
    const full = await t.chat.rooms.create(owner, { name: 'Full', topic: '', visibility: 'private' })
    const invite = async (to: string, uses: number | null) => (await t.chat.invites.make(owner, to, { role: 'member', days: 1, uses })).code
    const [toArchived, toFull] = [await invite(archived.id, null), await invite(full.id, 1)]
    await t.chat.rooms.update(owner, archived.id, { archived: true })
    const wishes = [['Gert', toArchived], ['Gina', toFull], ['Gero', toFull]] as const
    const guests = await Promise.all(wishes.map(([name]) => t.guest(name, owner, room.id)))
    const made = await Promise.all(wishes.map(([name, code], index) => t.chat.accounts.signUp(body(name, code), from(guests[index]))))
    expect(made.map(({ me }) => [me.id, me.kind])).toEqual(guests.map(({ person }) => [person.id, 'member']))
    const members = await Promise.all(made.map(({ token }) => guestOf(token)))
    for (const member of members) expect((await t.chat.rooms.get(member, { id: room.id })).role).toBe('member')
    // What became of the invite they learn of where they are sent on to.
    expect(await refused(accept(members[0]!, toArchived))).toBe('forbidden')
    expect((await Promise.all(members.slice(1).map(member => refused(accept(member, toFull))))).sort()).toEqual(['not_found', 'nothing'])
  })

  it('stays one, and signed in, with an invite to a room that they are banned from; without it they may', async () => {
    const guest = await t.guest('Gabi', owner, room.id)
    const other = await t.chat.rooms.create(owner, { name: 'Other', topic: '', visibility: 'private' })
    const { code } = await t.chat.invites.make(owner, other.id, { role: 'member', days: 1, uses: null })
    await t.chat.moderation.remove(owner, other.id, guest.person.id, true)
    await expect(t.chat.accounts.signUp(body('Gabi', code), from(guest))).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('invite') as string })
    expect((await guestOf(guest.token)).person.kind).toBe('guest')
    expect((await t.chat.accounts.signUp(body('Gabi'), from(guest))).me).toMatchObject({ id: guest.person.id, kind: 'member' })
  })

  it('may where the site asks for an invite, because they had one; with another they come into its room too', async () => {
    await t.chat.admin.updateSettings(admin, { signup: 'invite' })
    const guest = await t.guest('Gus', owner, room.id)
    const other = await t.chat.rooms.create(owner, { name: 'Other', topic: '', visibility: 'private' })
    const { code } = await t.chat.invites.make(owner, other.id, { role: 'member', days: 1, uses: null })
    const { token } = await t.chat.accounts.signUp(body('Gusto', code), from(guest))
    const member = await guestOf(token)
    expect((await t.chat.rooms.get(member, { id: other.id })).role).toBe('member')
    await t.chat.admin.updateSettings(admin, { signup: 'closed' })
    expect(await refused(t.chat.accounts.signUp(body('Gunda'), from(await t.guest('Gunda', owner, room.id))))).toBe('forbidden')
    await t.chat.admin.updateSettings(admin, { signup: 'open' })
  })
})

describe('signing in', () => {
  it('gives a new session and ends the one that the browser had, as whomever', async () => {
    const credentials = { email: emailOf('Ann'), password: passwordOf('Ann'), remember: false }
    for (const before of [await t.guest('Gus', owner, room.id), await t.person('Cid')]) {
      const { token } = await t.chat.accounts.logIn(credentials, from(before))
      expect(token).not.toBe(before.token)
      expect(await t.chat.accounts.identify(before.token)).toBeNull()
      expect((await guestOf(token)).person.name).toBe('Ann')
    }
  })
})

describe('signing up with an invite', () => {
  it('lets into its room; where the site asks for one, nobody signs up without', async () => {
    await t.chat.admin.updateSettings(admin, { signup: 'invite' })
    const { code } = await make('member', { uses: 1 })
    expect(await refused(t.chat.accounts.signUp(body('Nora'), from()))).toBe('forbidden')
    expect(await refused(t.chat.accounts.signUp(body('Nora', 'B'.repeat(43)), from()))).toBe('not_found')
    const { token } = await t.chat.accounts.signUp(body('Nora', code), from())
    expect((await t.chat.rooms.get(await guestOf(token), { id: room.id })).role).toBe('member')
    expect(await refused(t.chat.accounts.signUp(body('Nils', code), from()))).toBe('not_found')
    await t.chat.admin.updateSettings(admin, { signup: 'open' })
  })

  it('makes no account for those who come too late for its last use', async () => {
    await t.chat.admin.updateSettings(admin, { signup: 'invite' })
    const { code } = await make('member', { uses: 1 })
    const results = await Promise.all(['Olga', 'Otto'].map(name => refused(t.chat.accounts.signUp(body(name, code), from()))))
    expect(results.sort()).toEqual(['not_found', 'nothing'])
    const accounts = await t.chat.admin.people(admin, { search: 'o' })
    expect(accounts.items.filter(({ name }) => name === 'Olga' || name === 'Otto')).toHaveLength(1)
    await t.chat.admin.updateSettings(admin, { signup: 'open' })
  })
})
