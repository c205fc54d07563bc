import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { Identity } from '../../../server/core/chat'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, owner: Identity, mod: Identity, mia: Identity, ann: Identity, bob: Identity
let room: string

beforeAll(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  owner = await t.person('Owner')
  mod = await t.person('Mod')
  mia = await t.person('Mia')
  ann = await t.person('Ann')
  bob = await t.person('Bob')
})
afterAll(() => t.close())
beforeEach(async () => {
  for (const { person } of [owner, ann]) for (const key of ['room-create', 'report', 'change']) await t.ports.coordination.forget(`${key}:${person.id}`)
  room = (await t.chat.rooms.create(owner, { name: 'A room', topic: '' })).id
  for (const who of [mod, mia, ann]) await t.chat.rooms.join(who, room)
  for (const who of [mod, mia]) await t.chat.moderation.change(owner, room, who.person.id, { role: 'moderator' })
})

const refused = (work: Promise<unknown>) => work.then(() => 'nothing', (error: { code: string }) => error.code)
const change = (by: Identity, target: Identity, body: Parameters<TestChat['chat']['moderation']['change']>[3]) => t.chat.moderation.change(by, room, target.person.id, body)
const remove = (by: Identity, target: Identity, ban = false) => t.chat.moderation.remove(by, room, target.person.id, ban)
const roleOf = async (who: Identity) => (await t.ports.storage.access({ id: room }, who.person.id))?.role
const say = (who: Identity, text = 'x') => t.chat.messages.send(who, { room, nonce: newNonce(), text })
const audit = async () => (await t.chat.moderation.audit(owner, room, { limit: 50 })).items.map(({ action, by, target, detail }) => [action, by.name, target?.name, detail])
const lastEvent = async () => JSON.parse((await t.ports.storage.eventsAfter(room, 0, 100)).at(-1)!.json) as { kind: string, author: string, data: Record<string, unknown> }

describe('roles', () => {
  it('are given by the owner and by admins, to people with an account who are there', async () => {
    await change(owner, ann, { role: 'moderator' })
    expect([await roleOf(ann), (await lastEvent()).data]).toEqual(['moderator', { user: ann.person.id, role: 'moderator', banned: false, mutedUntil: null }])
    await change(admin, ann, { role: 'member' })
    expect(await roleOf(ann)).toBe('member')
    for (const by of [mod, ann, bob]) expect(await refused(change(by, ann, { role: 'moderator' }))).toBe('forbidden')
    const guest = await t.guest('Gus', owner, room)
    for (const target of [bob, guest, owner]) expect(await refused(change(owner, target, { role: 'moderator' }))).toBe('not_found')
    expect((await audit()).slice(1, 3)).toEqual([['role-changed', 'Admin', 'Ann', 'member'], ['role-changed', 'Owner', 'Ann', 'moderator']])
  })

  it('a room is handed over whole: there is always one owner', async () => {
    await change(owner, ann, { role: 'owner' })
    expect([await roleOf(owner), await roleOf(ann)]).toEqual(['moderator', 'owner'])
    expect((await t.chat.rooms.get(ann, { id: room })).ownerId).toBe(ann.person.id)
    expect(await refused(change(owner, mia, { role: 'owner' }))).toBe('forbidden')
    await change(admin, owner, { role: 'owner' })
    expect([await roleOf(owner), await roleOf(ann)]).toEqual(['owner', 'moderator'])
    for (const target of [bob, owner]) expect(await refused(change(owner, target, { role: 'owner' }))).toBe('not_found')
    expect(await roleOf(owner)).toBe('owner')
    expect((await audit()).slice(0, 2)).toEqual([['owner-changed', 'Admin', 'Owner', ''], ['owner-changed', 'Owner', 'Ann', '']])
    await Promise.allSettled([change(owner, ann, { role: 'owner' }), change(admin, mia, { role: 'owner' })])
    expect((await Promise.all([owner, ann, mia].map(roleOf))).filter(role => role === 'owner')).toHaveLength(1)
  })

  it('a room is not handed over to an account that is disabled, and whoever wanted to is told what to do', async () => {
    const dan = await t.person('Dan')
    await t.chat.rooms.join(dan, room)
    await t.chat.admin.changeAccount(admin, dan.person.id, { disabled: true })
    for (const by of [owner, admin]) await expect(change(by, dan, { role: 'owner' })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('disabled') as string })
    expect([await roleOf(owner), await roleOf(dan)]).toEqual(['owner', 'member'])
    await t.chat.admin.changeAccount(admin, dan.person.id, { disabled: false })
    await change(owner, dan, { role: 'owner' })
    expect(await roleOf(dan)).toBe('owner')
  })

  it('an admin takes over a room whose owner is gone', async () => {
    const zoe = await t.person('Zoe')
    const alone = (await t.chat.rooms.create(zoe, { name: 'Alone', topic: '', visibility: 'private', listed: false })).id
    await t.chat.accounts.deleteAccount(zoe, { password: 'the password of Zoe', messages: 'keep' })
    await t.chat.moderation.joinAsAdmin(admin, alone)
    await t.chat.moderation.change(admin, alone, admin.person.id, { role: 'owner' })
    expect(await t.chat.rooms.update(admin, alone, { archived: false })).toMatchObject({ role: 'owner', archivedAt: null })
  })
})

describe('removing', () => {
  const who: Record<string, () => Identity> = { admin: () => admin, owner: () => owner, mod: () => mod, mia: () => mia, ann: () => ann, bob: () => bob }
  it.each([
    ['owner', 'mod admin ann bob', 'owner'], ['admin', 'mod ann bob', 'owner admin'], ['mod', 'ann bob', 'owner admin mia mod'], ['ann', '', 'owner mod ann bob'], ['bob', '', 'owner mod ann bob']
  ])('%s may remove %s, not %s', async (by, may, mayNot) => {
    for (const name of mayNot.split(' ').filter(Boolean)) expect(await refused(remove(who[by]!(), who[name]!(), true)), name).toBe('forbidden')
    for (const name of may.split(' ').filter(Boolean)) expect(await refused(remove(who[by]!(), who[name]!())), name).toBe('nothing')
    if (may.includes('ann')) expect(await roleOf(ann)).toBeNull()
  })

  it('kicks: they may come back, where everybody may come', async () => {
    await remove(mod, ann)
    expect((await lastEvent()).data).toEqual({ user: ann.person.id, role: null, banned: false, mutedUntil: null })
    expect(await t.chat.rooms.join(ann, room)).toMatchObject({ role: 'member' })
  })

  it('bans, also one who was never there, until they are let in again', async () => {
    for (const target of [ann, bob]) {
      t.ports.clock.pass(1)
      await remove(mod, target, true)
    }
    for (const target of [ann, bob]) {
      expect(await refused(t.chat.rooms.join(target, room))).toBe('forbidden')
      expect(await refused(t.chat.messages.page(target, room, { limit: 1 }))).toBe('not_found')
      expect(await refused(say(target))).toBe('forbidden')
    }
    expect((await t.chat.moderation.bans(mod, room, { limit: 10 })).items.map(({ name, by }) => [name, by.name])).toEqual([['Bob', 'Mod'], ['Ann', 'Mod']])
    for (const by of [ann, bob]) expect(await refused(t.chat.moderation.unban(by, room, ann.person.id))).toBe('not_found')
    await t.chat.moderation.unban(mod, room, ann.person.id)
    expect(await t.chat.rooms.join(ann, room)).toMatchObject({ role: 'member' })
    expect(await audit()).toEqual(expect.arrayContaining([['banned', 'Mod', 'Ann', ''], ['banned', 'Mod', 'Bob', ''], ['unbanned', 'Mod', 'Ann', '']]))
  })

  it('of nobody is not_found, and writes nothing down', async () => {
    const before = (await audit()).length
    expect(await refused(t.chat.moderation.remove(owner, room, 'nobody', true))).toBe('not_found')
    await t.chat.moderation.unban(owner, room, 'nobody').catch(() => {})
    expect(await audit()).toHaveLength(before)
  })

  it('lists bans and the audit for those who may moderate', async () => {
    for (const by of [ann, bob]) for (const list of [t.chat.moderation.bans, t.chat.moderation.audit]) expect(await refused(list(by, room, { limit: 1 }))).toBe('forbidden')
    for (const by of [owner, mod, admin]) for (const list of [t.chat.moderation.bans, t.chat.moderation.audit]) expect(await refused(list(by, room, { limit: 1 }))).toBe('nothing')
  })
})

describe('muting', () => {
  it('is of people below oneself who are there, and ends', async () => {
    await change(mod, ann, { muteSeconds: 90 })
    expect((await lastEvent()).data).toMatchObject({ user: ann.person.id, role: 'member', mutedUntil: t.ports.clock.now() + 90_000 })
    expect(await refused(say(ann))).toBe('forbidden')
    await change(mod, ann, { muteSeconds: 0 })
    await say(ann)
    for (const target of [owner, mia, admin]) expect(await refused(change(mod, target, { muteSeconds: 90 }))).toBe('forbidden')
    expect(await refused(change(mod, bob, { muteSeconds: 90 }))).toBe('not_found')
    expect(await refused(change(ann, mod, { muteSeconds: 90 }))).toBe('forbidden')
    expect((await audit()).slice(0, 2)).toEqual([['unmuted', 'Mod', 'Ann', ''], ['muted', 'Mod', 'Ann', '90 s']])
  })
})

describe('deleting what another wrote', () => {
  it('is written down with whose it was; one\'s own is not', async () => {
    const [first, own, third] = [await say(ann, 'rude'), await say(mod), await say(ann, 'ruder')]
    await t.chat.messages.delete(mod, { room, nonce: newNonce(), message: first.message })
    await t.chat.messages.delete(mod, { room, nonce: newNonce(), message: own.message })
    await t.chat.messages.delete(admin, { room, nonce: newNonce(), message: third.message })
    expect((await audit()).filter(([action]) => action === 'message-deleted')).toEqual([['message-deleted', 'Admin', 'Ann', ''], ['message-deleted', 'Mod', 'Ann', '']])
  })
})

describe('an admin', () => {
  it('reads a private room only after coming in, which everybody there sees', async () => {
    const hidden = (await t.chat.rooms.create(owner, { name: 'Hidden', topic: '', visibility: 'private', listed: false })).id
    expect(await refused(t.chat.messages.page(admin, hidden, { limit: 1 }))).toBe('not_found')
    expect(await t.chat.moderation.joinAsAdmin(admin, hidden)).toMatchObject({ role: 'member' })
    expect(await refused(t.chat.messages.page(admin, hidden, { limit: 1 }))).toBe('nothing')
    const events = await t.ports.storage.eventsAfter(hidden, 0, 10)
    expect(JSON.parse(events.at(-1)!.json)).toMatchObject({ kind: 'join', author: admin.person.id, data: { cameBy: 'admin' } })
    await t.chat.moderation.joinAsAdmin(admin, hidden)
    const { items } = await t.chat.moderation.audit(owner, hidden, { limit: 10 })
    expect(items.map(({ action, by }) => [action, by.name])).toEqual([['admin-joined', 'Admin'], ['room-created', 'Owner']])
    expect(await t.ports.storage.eventsAfter(hidden, 0, 10)).toHaveLength(events.length)
  })

  it('opens no private room from outside: they come in first, and are seen to', async () => {
    const hidden = (await t.chat.rooms.create(owner, { name: 'Hidden', topic: '', visibility: 'private' })).id
    const changes = [{ visibility: 'public' }, { listed: false }, { password: 'let me in' }, { password: null }, { name: 'Open', visibility: 'public' }] as const
    for (const body of changes) {
      await expect(t.chat.rooms.update(admin, hidden, body)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('Join it as an admin first') as string })
    }
    await expect(t.chat.invites.make(admin, hidden, { role: 'guest', days: 1, uses: 1 }), 'nor by an invite').rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('Join it as an admin first') as string })
    expect(await t.ports.storage.eventsAfter(hidden, 0, 10)).toEqual([])
    expect((await t.chat.rooms.update(admin, hidden, { name: 'Renamed', slowModeSeconds: 5, archived: true })).visibility).toBe('private')
    await t.chat.moderation.joinAsAdmin(admin, hidden)
    await t.chat.rooms.update(admin, hidden, { archived: false })
    expect(await t.chat.invites.make(admin, hidden, { role: 'guest', days: 1, uses: 1 })).toMatchObject({ invite: { role: 'guest' } })
    expect(await t.chat.rooms.update(admin, hidden, { visibility: 'public' })).toMatchObject({ visibility: 'public' })
    // A public room they read like anybody; from private on it is for those who are in it.
    await t.chat.rooms.leave(admin, hidden)
    await t.chat.rooms.update(admin, hidden, { visibility: 'private' })
    expect(await refused(t.chat.rooms.update(admin, hidden, { visibility: 'public' }))).toBe('forbidden')
  })

  it('comes in where the owner banned them; nobody else may come in like that', async () => {
    await t.chat.rooms.join(admin, room)
    await remove(owner, admin, true)
    expect(await t.chat.moderation.joinAsAdmin(admin, room)).toMatchObject({ role: 'member' })
    for (const by of [owner, mod, ann, bob]) expect(await refused(t.chat.moderation.joinAsAdmin(by, room))).toBe('forbidden')
    expect(await refused(t.chat.moderation.joinAsAdmin(admin, 'nowhere'))).toBe('not_found')
  })
})

describe('reports', () => {
  const report = (who: Identity, message: string, reason = 'rude') => t.chat.reports.report(who, room, { message, reason })
  const list = async (who: Identity, query: { room?: string, closed?: boolean } = {}) => (await t.chat.reports.list(who, { closed: false, ...query })).items

  it('reach the room\'s moderators and admins, once per person', async () => {
    const { message } = await say(bob, 'something rude')
    await report(ann, message)
    await report(ann, message, 'very rude')
    for (const who of [owner, mod, admin]) {
      expect(await list(who, { room })).toMatchObject([{ by: { name: 'Ann' }, reason: 'rude', room: { id: room }, message: { id: message, text: 'something rude', author: { name: 'Bob' } }, closed: null }])
      expect((await list(who)).map(item => item.message.id)).toContain(message)
    }
    expect(await list(ann)).toEqual([])
    expect(await refused(t.chat.reports.list(ann, { room, closed: false }))).toBe('forbidden')
  })

  it('are made by who may read the message', async () => {
    const { message } = await say(ann)
    await remove(owner, bob, true)
    expect(await refused(report(bob, message))).toBe('not_found')
    expect(await refused(report(ann, 'nothing'))).toBe('not_found')
  })

  it('are closed for all who reported, with the message or without', async () => {
    const [kept, gone] = [await say(bob, 'fine'), await say(bob, 'not fine')]
    for (const who of [ann, mia]) for (const { message } of [kept, gone]) await report(who, message)
    const idOf = async (message: string) => (await list(mod, { room })).find(item => item.message.id === message)!.id
    const id = await idOf(kept.message)
    for (const who of [ann, bob]) expect(await refused(t.chat.reports.close(who, id, 'dismissed'))).toBe('not_found')
    await t.chat.reports.close(mod, id, 'dismissed')
    expect(await refused(t.chat.reports.close(mod, id, 'dismissed'))).toBe('not_found')
    await t.chat.reports.close(admin, await idOf(gone.message), 'deleted')
    expect(await list(mod, { room })).toEqual([])
    expect((await list(mod, { room, closed: true })).map(item => [item.message.text, item.closed?.outcome, item.closed?.by.name]).sort()).toEqual([
      ['', 'deleted', 'Admin'], ['', 'deleted', 'Admin'], ['fine', 'dismissed', 'Mod'], ['fine', 'dismissed', 'Mod']
    ])
    expect((await t.chat.messages.page(ann, room, { limit: 10 })).messages.map(item => item.text)).toEqual(['fine', ''])
    expect((await audit()).slice(0, 3)).toEqual([['report-closed', 'Admin', 'Bob', 'deleted'], ['message-deleted', 'Admin', 'Bob', 'reported'], ['report-closed', 'Mod', 'Bob', 'dismissed']])
  })

  it('of one person count again when the message became another after the first was dismissed', async () => {
    const { message } = await say(bob, 'fine')
    await report(ann, message)
    await t.chat.reports.close(mod, (await list(mod, { room }))[0]!.id, 'dismissed')
    await report(ann, message)
    expect(await list(mod, { room })).toEqual([])
    t.ports.clock.pass(1)
    await t.chat.messages.edit(bob, { room, nonce: newNonce(), message, text: 'abuse' })
    await report(ann, message, 'now it is rude')
    expect(await list(mod, { room })).toMatchObject([{ by: { name: 'Ann' }, reason: 'now it is rude', message: { text: 'abuse' }, closed: null }])
  })

  it('are not said to be gone when the storage is away for a moment', async () => {
    const { message } = await say(bob)
    await report(ann, message)
    const { id } = (await list(mod, { room }))[0]!
    const { storage } = t.ports
    const away = vi.spyOn(storage, 'access').mockRejectedValueOnce(new ChatError('unavailable', 'Try again.'))
    expect(await refused(t.chat.reports.close(mod, id, 'dismissed'))).toBe('unavailable')
    away.mockRestore()
    expect(await refused(t.chat.reports.close(mod, id, 'dismissed'))).toBe('nothing')
  })

  it('are limited', async () => {
    const { message } = await say(bob)
    for (let i = 0; i < 20; i++) await report(ann, message)
    expect(await refused(report(ann, message))).toBe('rate_limited')
  })
})
