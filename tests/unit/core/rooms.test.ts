import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, owner: Identity, ann: Identity
beforeAll(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  owner = await t.person('Owner')
  ann = await t.person('Ann')
})
afterAll(() => t.close())

const query = { search: '', sort: 'activity', archived: false, limit: 50 } as const
async function create(name = 'A room') {
  await t.ports.coordination.forget(`room-create:${owner.person.id}`)
  return t.chat.rooms.create(owner, { name, topic: 'About it' })
}

describe('a room', () => {
  it('is made with its owner in it and a link that no other room has', async () => {
    const [first, second] = [await create('Tea & Biscuits'), await create('Tea & Biscuits')]
    expect(first).toMatchObject({ name: 'Tea & Biscuits', slug: 'tea-biscuits', topic: 'About it', role: 'owner', ownerId: owner.person.id, unread: 0 })
    expect(second.slug).toBe('tea-biscuits-2')
    expect(await t.chat.rooms.get(ann, { slug: 'tea-biscuits-2' })).toMatchObject({ id: second.id, role: null })
  })

  it('is limited in number per hour', async () => {
    const eve = await t.person('Eve')
    for (let i = 0; i < 20; i++) await t.chat.rooms.create(eve, { name: `Eve ${i}`, topic: '' })
    await expect(t.chat.rooms.create(eve, { name: 'One more', topic: '' })).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('is renamed by its owner or an admin; everybody in it is told, and the link stays', async () => {
    const { id, slug } = await create('Before')
    const heard: unknown[] = []
    await t.ports.bus.subscribe(id, { event: event => heard.push(JSON.parse(event.json).data), head: () => {}, typing: () => {} })
    expect(await t.chat.rooms.update(owner, id, { name: 'After' })).toMatchObject({ name: 'After', topic: 'About it', slug })
    await t.chat.rooms.update(admin, id, { topic: 'By the admin' })
    expect(heard).toMatchObject([{ name: 'After', topic: 'About it' }, { name: 'After', topic: 'By the admin' }])
    expect(t.controls).toContainEqual({ kind: 'room-changed', room: id })
    await expect(t.chat.rooms.update(ann, id, { name: 'Mine' })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is deleted by its owner, not by others', async () => {
    const { id } = await create()
    await expect(t.chat.rooms.remove(ann, id)).rejects.toMatchObject({ code: 'forbidden' })
    await t.chat.rooms.remove(owner, id)
    expect(t.controls).toContainEqual({ kind: 'room-deleted', room: id })
    for (const act of [t.chat.rooms.get(owner, { id }), t.chat.rooms.remove(owner, id), t.chat.rooms.join(ann, id)]) {
      await expect(act).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  it('tells of a mute those who look after it and the muted; others see who is there, and no more', async () => {
    const { id } = await create()
    const [bea, bob] = [await t.person('Bea'), await t.person('Bob')]
    for (const who of [ann, bea]) await t.chat.rooms.join(who, id)
    const guest = await t.guest('Gus', owner, id)
    const mod = await t.person('Mod')
    await t.chat.rooms.join(mod, id)
    await t.chat.moderation.change(owner, id, mod.person.id, { role: 'moderator' })
    await t.chat.moderation.change(owner, id, ann.person.id, { muteSeconds: 60 })
    await t.chat.admin.updateSettings(admin, { public: true })
    const seen = async (viewer: Identity | null) => (await t.chat.rooms.members(viewer, id, { limit: 10 })).items.find(member => member.id === ann.person.id)
    const until = t.ports.clock.now() + 60_000
    for (const who of [owner, mod, admin, ann]) expect(await seen(who), who.person.name).toMatchObject({ role: 'member', mutedUntil: until })
    for (const who of [bea, guest, bob, null]) expect(await seen(who), who?.person.name ?? 'a visitor').toMatchObject({ role: 'member', mutedUntil: null })
    await t.chat.admin.updateSettings(admin, { public: false })
  })

  it('says how many are online and what is unread', async () => {
    const { id } = await create()
    await t.chat.rooms.join(ann, id)
    await t.chat.messages.send(owner, { room: id, nonce: newNonce(), text: 'x' })
    t.ports.coordination.enter(id, ann.person.id)
    expect(await t.chat.rooms.get(ann, { id })).toMatchObject({ role: 'member', unread: 1, online: 1 })
    expect((await t.chat.rooms.list(ann, query)).items.find(room => room.id === id)).toMatchObject({ role: 'member', unread: 1, online: 1 })
    expect((await t.chat.rooms.members(ann, id, { limit: 10 })).items.map(({ name, role, online }) => ({ name, role, online })))
      .toEqual(expect.arrayContaining([{ name: 'Owner', role: 'owner', online: false }, { name: 'Ann', role: 'member', online: true }]))
    expect((await t.chat.rooms.members(owner, id, { limit: 10, ids: [ann.person.id] })).items).toMatchObject([{ name: 'Ann', role: 'member', online: true }])
  })
})

describe('membership', () => {
  it('begins and ends once, however often it is asked for', async () => {
    const { id } = await create()
    const heard: string[] = []
    await t.ports.bus.subscribe(id, { event: event => heard.push(event.kind), head: () => {}, typing: () => {} })
    for (let i = 0; i < 2; i++) expect((await t.chat.rooms.join(ann, id)).role).toBe('member')
    for (let i = 0; i < 2; i++) expect((await t.chat.rooms.leave(ann, id)).role).toBeNull()
    expect(heard).toEqual(['join', 'leave'])
  })

  it('of the owner does not end', async () => {
    const { id } = await create()
    await expect(t.chat.rooms.leave(owner, id)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is refused to the banned as if there were no room, whose door alone says why', async () => {
    const { id } = await create()
    await t.ports.storage.append([{ room: id, author: owner.person.id, nonce: null, at: 0, requires: [], effects: [{ do: 'remove', user: ann.person.id, ban: true }] }])
    await expect(t.chat.rooms.members(ann, id, { limit: 10 })).rejects.toMatchObject({ code: 'not_found' })
    for (const act of [() => t.chat.rooms.join(ann, id), () => t.chat.rooms.get(ann, { id })]) {
      await expect(act()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('banned') })
    }
  })
})

describe('a visitor', () => {
  it('sees nothing of a closed site, not even whether a room is there', async () => {
    const { id } = await create()
    const answers = await Promise.allSettled([
      t.chat.rooms.list(null, query), t.chat.rooms.get(null, { id }), t.chat.rooms.get(null, { id: 'nowhere' }),
      t.chat.rooms.members(null, id, { limit: 10 }), t.chat.rooms.people(null, [ann.person.id])
    ])
    for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'unauthenticated', message: 'Sign in to go on.' } })
  })

  it('reads the rooms of a public one', async () => {
    const site = await openTestChat({ public: true })
    await site.person('Ann')
    expect((await site.chat.rooms.list(null, query)).items).toMatchObject([{ slug: 'lobby', role: null, unread: 0 }])
    expect(await site.chat.rooms.get(null, { slug: 'lobby' })).toMatchObject({ role: null })
    await site.close()
  })
})
