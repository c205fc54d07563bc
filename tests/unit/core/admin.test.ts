import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { emailOf, openTestChat, passwordOf, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, ann: Identity & { token: string }, guest: Identity
let lobby: string

beforeEach(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  ann = await t.person('Ann')
  lobby = (await t.chat.rooms.get(admin, { slug: 'lobby' })).id
  guest = await t.guest('Gus', admin, lobby)
  t.controls.length = 0
})
afterEach(() => t.close())

const refused = (work: Promise<unknown>) => work.then(() => 'nothing', (error: { code: string }) => error.code)
const from = () => ({ address: '10.8.8.8', agent: 'test' })
const logIn = (name: string) => t.chat.accounts.logIn({ email: emailOf(name), password: passwordOf(name), remember: false }, from())
const audit = async () => (await t.chat.admin.audit(admin, {})).items.map(({ action, by, target, detail }) => [action, by.name, target?.name, detail])

it('refuses everybody else, whatever they ask', async () => {
  const ways = (who: Identity) => [
    t.chat.admin.people(who, { search: '' }), t.chat.admin.changeAccount(who, who.person.id, { admin: true }), t.chat.admin.changeAccount(who, admin.person.id, { disabled: true }),
    t.chat.admin.resetLink(who, admin.person.id), t.chat.admin.endSessions(who, admin.person.id), t.chat.admin.rooms(who, { search: '' }), t.chat.admin.settings(who),
    t.chat.admin.updateSettings(who, { signup: 'closed' }), t.chat.admin.audit(who, {})
  ]
  for (const who of [ann, guest]) expect(new Set(await Promise.all(ways(who).map(refused)))).toEqual(new Set(['forbidden']))
  // One whose rights ended after their session was read.
  const former = { ...ann, admin: true }
  expect(await refused(t.chat.admin.changeAccount(former, ann.person.id, { admin: true }))).toBe('forbidden')
  expect(await refused(t.chat.admin.updateSettings(former, { signup: 'closed' }))).toBe('forbidden')
  expect((await t.chat.site.get()).signup).toBe('open')
  expect(await audit()).toEqual([])
})

describe('people', () => {
  it('are found by part of their name or address, without their secrets', async () => {
    const { items } = await t.chat.admin.people(admin, { search: 'ann@' })
    expect(items).toMatchObject([{ id: ann.person.id, name: 'Ann', email: 'ann@example.org', admin: false, disabledAt: null, rooms: 0 }])
    expect(JSON.stringify(items)).not.toMatch(/scrypt/)
  })

  it('are made admins and unmade; one stays', async () => {
    expect(await refused(t.chat.admin.changeAccount(admin, admin.person.id, { admin: false }))).toBe('conflict')
    await t.chat.admin.changeAccount(admin, ann.person.id, { admin: true })
    expect((await t.chat.accounts.identify(ann.token))?.admin).toBe(true)
    await t.chat.admin.changeAccount({ ...ann, admin: true }, admin.person.id, { admin: false })
    expect(await refused(t.chat.admin.changeAccount({ ...ann, admin: true }, ann.person.id, { disabled: true }))).toBe('conflict')
    for (const user of ['nobody', guest.person.id]) expect(await refused(t.chat.admin.changeAccount({ ...ann, admin: true }, user, { admin: true }))).toBe('not_found')
  })

  it('who are disabled are signed out everywhere and can\'t come back, until they are enabled', async () => {
    await t.chat.admin.changeAccount(admin, ann.person.id, { disabled: true })
    expect(t.controls).toEqual(expect.arrayContaining([{ kind: 'session-ended', session: ann.session }, { kind: 'person-changed', user: ann.person.id }]))
    expect(await t.chat.accounts.identify(ann.token)).toBeNull()
    expect(await refused(logIn('Ann'))).toBe('forbidden')
    expect(await refused(t.chat.rooms.join(ann, lobby))).toBe('unauthenticated')
    await t.chat.admin.changeAccount(admin, ann.person.id, { disabled: false })
    await logIn('Ann')
    expect(await audit()).toEqual([['account-enabled', 'Admin', 'Ann', ''], ['account-disabled', 'Admin', 'Ann', '']])
  })

  it('get a link for a new password, once; their sessions can be ended', async () => {
    const token = await t.chat.admin.resetLink(admin, ann.person.id)
    await t.chat.accounts.reset(token, 'a new password')
    expect(await refused(t.chat.accounts.reset(token, 'another one'))).toBe('forbidden')
    const { token: session } = await t.chat.accounts.logIn({ email: emailOf('Ann'), password: 'a new password', remember: false }, from())
    await t.chat.admin.endSessions(admin, ann.person.id)
    expect(await t.chat.accounts.identify(session)).toBeNull()
    for (const user of ['nobody', guest.person.id]) expect(await refused(t.chat.admin.resetLink(admin, user))).toBe('not_found')
    expect(await refused(t.chat.admin.endSessions(admin, 'nobody'))).toBe('not_found')
    expect((await audit()).map(([action]) => action)).toEqual(['sessions-ended', 'reset-link-made'])
  })

  it('of whom one is the only admin can\'t delete that account, and keep what they wrote', async () => {
    expect(await refused(t.chat.accounts.deleteAccount(admin, { password: passwordOf('Admin'), messages: 'delete' }))).toBe('conflict')
    expect(await t.chat.accounts.sessions(admin)).toHaveLength(1)
  })
})

describe('rooms', () => {
  it('are seen all, private ones too, without what is said there', async () => {
    await t.chat.rooms.create(ann, { name: 'Cellar', topic: '', visibility: 'private', listed: false, password: 'sesame' })
    const { items } = await t.chat.admin.rooms(admin, { search: 'cell' })
    expect(items).toMatchObject([{ name: 'Cellar', visibility: 'private', listed: false, locked: true, members: 1, owner: { name: 'Ann' } }])
    expect(JSON.stringify(items)).not.toMatch(/scrypt|sesame/)
  })
})

describe('the site\'s settings', () => {
  it('follow the environment until they are set, and then hold at once, and everybody is told', async () => {
    expect(await t.chat.site.get()).toEqual({ signup: 'open', public: false, guests: true })
    expect(await refused(t.chat.rooms.get(null, { slug: 'lobby' }))).toBe('unauthenticated')
    expect(await t.chat.admin.updateSettings(admin, { public: true })).toEqual({ signup: 'open', public: true, guests: true })
    expect(t.controls).toEqual([{ kind: 'settings-changed' }])
    expect(await t.chat.rooms.get(null, { slug: 'lobby' })).toMatchObject({ name: 'Lobby' })
    const ticket = await t.chat.tickets.issue(null, from())
    expect(await t.chat.replay(null, lobby)).toMatchObject({ reset: null })
    await t.chat.admin.updateSettings(admin, { public: false, signup: 'closed' })
    expect(await refused(t.chat.tickets.redeem(ticket))).toBe('unauthenticated')
    expect(await Promise.all([
      t.chat.tickets.issue(null, from()), t.chat.messages.page(null, lobby, { limit: 1 }), t.chat.rooms.members(null, lobby, { limit: 1 }), t.chat.rooms.people(null, [ann.person.id]),
      t.chat.rooms.list(null, { search: '', sort: 'name', archived: false, limit: 1 })
    ].map(refused))).toEqual(Array(5).fill('unauthenticated'))
    expect(await refused(t.chat.replay(null, lobby))).toBe('not_found')
    expect(await refused(t.person('Newcomer'))).toBe('forbidden')
    expect(await audit()).toEqual([['settings-changed', 'Admin', undefined, 'public: false, signup: closed'], ['settings-changed', 'Admin', undefined, 'public: true']])
  })
})

describe('searching rooms', () => {
  it('is limited per person', async () => {
    const search = (text: string) => refused(t.chat.rooms.list(ann, { search: text, sort: 'name', archived: false, limit: 1 }, from()))
    for (let i = 0; i < 60; i++) expect(await search('lob')).toBe('nothing')
    expect(await search('lob')).toBe('rate_limited')
    expect(await search('')).toBe('nothing')
  })
})
