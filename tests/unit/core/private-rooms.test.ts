import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { roomPasswordTiers, roomPasswordUser, type Rate } from '#shared/limits'
import type { RoomSummary } from '#shared/types'
import type { Identity } from '../../../server/core/chat'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity, owner: Identity, ann: Identity, bob: Identity
let room: RoomSummary

beforeAll(async () => {
  t = await openTestChat()
  admin = await t.person('Admin')
  owner = await t.person('Owner')
  ann = await t.person('Ann')
  bob = await t.person('Bob')
})
afterAll(() => t.close())
beforeEach(async () => {
  for (const key of ['room-create', 'room-password-set', 'change']) for (const { person } of [owner, ann, bob]) await t.ports.coordination.forget(`${key}:${person.id}`)
  room = await t.chat.rooms.create(owner, { name: 'The cellar', topic: 'Wine', visibility: 'private', password: 'sesame' })
})

const join = (who: Identity, password?: string, address = '10.9.9.9') => t.chat.rooms.join(who, room.id, password === undefined ? {} : { password }, { address })
const say = (who: Identity, text = 'x') => t.chat.messages.send(who, { room: room.id, nonce: newNonce(), text })
const refused = (work: Promise<unknown>) => work.then(() => 'nothing', (error: { code: string }) => error.code)
const change = (body: Parameters<TestChat['chat']['rooms']['update']>[2], by = owner) => t.chat.rooms.update(by, room.id, body)
/** Every way to read a room. */
const readings = (who: Identity, id = room.id) => [
  t.chat.messages.page(who, id, { limit: 1 }), t.chat.replay(who, id), t.chat.replay(who, id, { epoch: t.ports.storage.epoch, seq: 0 }), t.chat.rooms.members(who, id, { limit: 1 })
]
const refusals = async (who: Identity, id = room.id) => [...new Set(await Promise.all(readings(who, id).map(refused)))]

describe('a private room with a password', () => {
  it('shows its door to members of the site, and nothing else, the admin included', async () => {
    await say(owner, 'secret')
    for (const who of [ann, admin]) {
      expect(await t.chat.rooms.get(who, { id: room.id })).toMatchObject({ name: 'The cellar', locked: true, listed: true, role: null, topic: '', seq: 0, lastMessageAt: null })
      expect(await refusals(who)).toEqual(['password_required'])
      expect(await refused(say(who))).toBe('password_required')
    }
  })

  it('keeps its password as a hash that is in no answer', async () => {
    const stored = await t.ports.storage.roomPassword(room.id)
    expect(stored?.hash).toMatch(/^\$scrypt\$/)
    expect(JSON.stringify([await t.chat.rooms.get(owner, { id: room.id }), await t.ports.storage.eventsAfter(room.id, 0, 10)])).not.toMatch(/sesame|scrypt/)
  })

  it('lets in by it, as a member who came by it', async () => {
    expect(await refused(join(ann))).toBe('password_required')
    expect(await refused(join(ann, 'wrong'))).toBe('wrong_password')
    expect(await join(ann, 'sesame')).toMatchObject({ role: 'member', topic: 'Wine' })
    expect(await refusals(ann)).toEqual(['nothing'])
    const events = await t.ports.storage.eventsAfter(room.id, 0, 10)
    expect(JSON.parse(events.at(-1)!.json)).toMatchObject({ kind: 'join', data: { role: 'member', cameBy: 'password' } })
    const before = (await t.chat.rooms.get(ann, { id: room.id })).seq
    expect(await join(ann, 'wrong')).toMatchObject({ role: 'member', seq: before })
  })

  it('cuts off those who came by it when it changes, until they enter the new one; the invited, moderators and the owner stay', async () => {
    const cid = await t.person('Cid')
    for (const who of [ann, bob]) await join(who, 'sesame')
    const { code } = await t.chat.invites.make(owner, room.id, { role: 'member', days: 1, uses: null })
    await t.chat.invites.accept(cid, code, '10.1.1.1')
    await t.chat.moderation.change(owner, room.id, bob.person.id, { role: 'moderator' })
    await change({ password: 'open up' })
    expect(await refusals(ann)).toEqual(['password_required'])
    expect(await refused(say(ann))).toBe('password_required')
    for (const who of [owner, bob, cid]) expect(await refusals(who)).toEqual(['nothing'])
    expect(await refused(join(ann, 'sesame'))).toBe('wrong_password')
    expect(await join(ann, 'open up')).toMatchObject({ role: 'member' })
    expect((await t.chat.moderation.audit(owner, room.id, { limit: 10 })).items.filter(({ action }) => action === 'password-set')).toHaveLength(1)
  })

  it('without it any more is entered by invite only', async () => {
    await join(ann, 'sesame')
    expect(await change({ password: null })).toMatchObject({ locked: false })
    expect(await refusals(bob)).toEqual(['forbidden'])
    expect(await refused(join(bob, 'sesame'))).toBe('forbidden')
    expect((await t.chat.moderation.audit(owner, room.id, { limit: 10 })).items[0]).toMatchObject({ action: 'password-removed', by: { name: 'Owner' } })
  })

  it('that becomes public loses it, and a public one takes none', async () => {
    expect(await refused(change({ visibility: 'public', password: 'sesame' }))).toBe('invalid')
    expect(await change({ visibility: 'public' })).toMatchObject({ visibility: 'public', locked: false })
    expect(await refused(change({ password: 'sesame' }))).toBe('invalid')
    await change({ visibility: 'private' })
    expect(await refused(join(ann, 'sesame'))).toBe('forbidden')
  })

  it('is not there for the banned, whatever they know; its door says why', async () => {
    await join(ann, 'sesame')
    await t.chat.moderation.remove(owner, room.id, ann.person.id, true)
    expect(await refusals(ann)).toEqual(['not_found'])
    expect(await refused(join(ann, 'sesame'))).toBe('forbidden')
    expect(await refused(t.chat.rooms.get(ann, { id: room.id }))).toBe('forbidden')
  })

  it('tells nobody outside how many are in it', async () => {
    await join(ann, 'sesame')
    t.ports.coordination.enter(room.id, ann.person.id)
    const seen = async (who: Identity) => (await t.chat.rooms.list(who, { search: '', sort: 'name', archived: false, limit: 10 })).items.find(({ id }) => id === room.id)?.online
    expect([await seen(ann), await seen(bob)]).toEqual([1, 0])
    await t.chat.moderation.remove(owner, room.id, ann.person.id, false)
    expect(await seen(ann)).toBe(0)
  })

  it('can\'t be read by one who was removed, and says goodbye with its door to one who leaves', async () => {
    await join(ann, 'sesame')
    await say(ann)
    await t.chat.moderation.remove(owner, room.id, ann.person.id, false)
    expect(await refusals(ann)).toEqual(['password_required'])
    await join(bob, 'sesame')
    expect(await t.chat.rooms.leave(bob, room.id)).toMatchObject({ role: null, topic: '', name: 'The cellar' })
  })
})

describe('tries at a password', () => {
  const guess = (who: Identity, address?: string) => refused(join(who, 'wrong', address))

  it('are limited per person, with waits that grow; a right one gives them back', async () => {
    const tier = (number: number) => t.ports.coordination.forget(`room-password:${room.id}:${ann.person.id}:${number}`)
    const refusal = () => join(ann, 'sesame', '10.2.0.99').catch((error: { code: string, retryAfter: number }) => error) as Promise<{ code: string, retryAfter: number }>
    for (let i = 0; i < 5; i++) expect(await guess(ann, `10.2.0.${i}`)).toBe('wrong_password')
    expect(await refusal()).toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
    expect((await refusal()).retryAfter).toBeLessThanOrEqual(30_000)
    // As when the half minute is over.
    await tier(0)
    for (let i = 0; i < 5; i++) expect(await guess(ann, `10.2.1.${i}`)).toBe('wrong_password')
    await tier(0)
    expect((await refusal()).retryAfter).toBeGreaterThan(60_000)
    await tier(0)
    await tier(1)
    expect(await join(ann, 'sesame')).toMatchObject({ role: 'member' })
    await t.chat.rooms.leave(ann, room.id)
    for (let i = 0; i < 5; i++) expect(await guess(ann, `10.2.3.${i}`)).toBe('wrong_password')
  })

  it('are limited per address, whoever tries, and leave those elsewhere alone', async () => {
    const people = [ann, bob, admin, await t.person('Dora'), await t.person('Emil')]
    const answers: string[] = []
    for (const who of people) for (let i = 0; i < 5; i++) answers.push(await guess(who, '10.3.3.3'))
    expect(answers.filter(code => code === 'wrong_password')).toHaveLength(20)
    expect(answers.at(-1)).toBe('rate_limited')
    expect(await join(await t.person('Fay'), 'sesame', '10.3.3.4')).toMatchObject({ role: 'member' })
  })

  it('are limited per person over all rooms, with the wait; a right one gives back its own alone', async () => {
    const [hugo, rooms] = [await t.person('Hugo'), [room]]
    while (rooms.length < 8) {
      await t.ports.coordination.forget(`room-create:${owner.person.id}`)
      rooms.push(await t.chat.rooms.create(owner, { name: `Cellar ${rooms.length}`, topic: '', visibility: 'private', password: 'sesame' }))
    }
    const enter = (n: number, password: string, who = hugo) => t.chat.rooms.join(who, rooms[n]!.id, { password }, { address: '10.3.4.1' })
    for (let i = 1; i < roomPasswordUser.points; i++) expect(await refused(enter(Math.floor(i / 5), 'wrong'))).toBe('wrong_password')
    await enter(6, 'sesame')
    expect(await refused(enter(0, 'wrong'))).toBe('wrong_password')
    const error = await enter(7, 'sesame').catch((error: { code: string, retryAfter: number }) => error) as { code: string, retryAfter: number }
    expect(error.code).toBe('rate_limited')
    expect(error.retryAfter).toBeGreaterThan(60_000)
    expect(error.retryAfter).toBeLessThanOrEqual(roomPasswordUser.seconds * 1000)
    expect(await enter(7, 'sesame', await t.person('Ida'))).toMatchObject({ role: 'member' })
  })

  it('that were not looked at, because too many passwords were waiting, are none', async () => {
    const jo = await t.person('Jo')
    const busy = vi.spyOn(t.ports.accounts, 'matches').mockRejectedValue(new ChatError('unavailable', 'Too many people are signing in at once.', 2_000))
    for (let i = 0; i < roomPasswordTiers.room[0].points + 1; i++) expect(await refused(join(jo, 'sesame', '10.3.5.1'))).toBe('unavailable')
    busy.mockRestore()
    expect(await join(jo, 'sesame', '10.3.5.1')).toMatchObject({ role: 'member' })
  })
})

describe('tries at a password from everywhere', () => {
  it('are limited for the room too, with waits that grow', async () => {
    const [soon, late] = roomPasswordTiers.room
    const [key, gil] = [`room-password-room:${room.id}`, await t.person('Gil')]
    const use = async (tier: number, rate: Rate) => { for (let n = 0; n < rate.points; n++) await t.ports.coordination.take(`${key}:${tier}`, rate) }
    const waits: number[] = []
    const blocked = async (address: string) => {
      const error: unknown = await join(gil, 'sesame', address).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'rate_limited' })
      waits.push((error as { retryAfter: number }).retryAfter)
    }
    await use(0, soon)
    await blocked('10.4.4.1')
    await t.ports.coordination.forget(`${key}:0`)
    await use(1, late)
    await blocked('10.4.4.2')
    expect(waits[0]).toBeLessThanOrEqual(soon.seconds * 1000)
    expect(waits[1]).toBeGreaterThan(soon.seconds * 1000)
    await t.ports.coordination.forget(`${key}:0`)
    await t.ports.coordination.forget(`${key}:1`)
    expect(await join(gil, 'sesame', '10.4.4.3')).toMatchObject({ role: 'member' })
  })
})

describe('an unlisted room', () => {
  it('can\'t be told from none, by any way to it, with or without its password', async () => {
    await change({ listed: false })
    const spy = await t.person('Spy')
    const tell = (id: string) => Promise.all([
      ...readings(spy, id), t.chat.rooms.get(spy, { id }), t.chat.rooms.join(spy, id), t.chat.rooms.join(spy, id, { password: 'sesame' }), t.chat.rooms.join(spy, id, { password: 'wrong' }),
      t.chat.rooms.leave(spy, id), t.chat.rooms.update(spy, id, { name: 'x' }), t.chat.rooms.update(spy, id, { closed: true }), t.chat.rooms.remove(spy, id),
      t.chat.moderation.bans(spy, id, { limit: 1 }), t.chat.moderation.audit(spy, id, { limit: 1 }), t.chat.moderation.change(spy, id, spy.person.id, { role: 'owner' }),
      t.chat.moderation.remove(spy, id, owner.person.id, true), t.chat.moderation.joinAsAdmin(spy, id), t.chat.invites.list(spy, id), t.chat.reports.list(spy, { room: id, closed: false }),
      t.chat.messages.send(spy, { room: id, nonce: newNonce(), text: 'x' }), t.chat.messages.delete(spy, { room: id, nonce: newNonce(), message: 'm' })
    ].map(work => work.then(() => null, (error: { toJSON: () => unknown }) => error.toJSON())))
    const answers = await tell(room.id)
    expect(answers).toEqual(await tell('nowhere'))
    expect(new Set(answers.map(answer => (answer as { code: string } | null)?.code))).toEqual(new Set(['not_found']))
    // Nor by the time that a password takes to be checked.
    const { matches } = t.ports.accounts
    let checked = 0
    t.ports.accounts.matches = (...given) => { checked++; return matches(...given) }
    expect([await refused(join(spy, 'sesame')), await refused(join(spy, 'wrong')), checked]).toEqual(['not_found', 'not_found', 0])
    await change({ listed: true })
    expect([await refused(join(spy, 'wrong')), checked]).toEqual(['wrong_password', 1])
    t.ports.accounts.matches = matches
  })

  it('is in its members\' lists, and in nobody else\'s, whatever they search for', async () => {
    await change({ listed: false })
    const spy = await t.person('Sly')
    const search = { search: 'cellar', sort: 'name', archived: false, limit: 50 } as const
    expect((await t.chat.rooms.list(spy, search)).items.map(item => item.id)).not.toContain(room.id)
    expect((await t.chat.rooms.list(owner, search)).items.map(item => item.id)).toContain(room.id)
  })
})

describe('the settings of a room', () => {
  it('are the owner\'s, some the moderators\', none the members\'', async () => {
    await join(ann, 'sesame')
    await join(bob, 'sesame')
    await t.chat.moderation.change(owner, room.id, ann.person.id, { role: 'moderator' })
    expect(await change({ slowModeSeconds: 30, closed: true }, ann)).toMatchObject({ slowModeSeconds: 30, closedAt: t.ports.clock.now() })
    for (const body of [{ name: 'Mine' }, { listed: false }, { visibility: 'public' as const }, { archived: true }, { guests: false }, { closed: false, name: 'x' }]) {
      expect(await refused(change(body, ann))).toBe('forbidden')
    }
    expect(await refused(change({ closed: false }, bob))).toBe('forbidden')
  })

  it('are the admin\'s too, who needs not be there and sees no more by it', async () => {
    await change({ listed: false })
    expect(await change({ name: 'The vault' }, admin)).toMatchObject({ name: 'The vault', role: null })
    expect(await refusals(admin)).toEqual(['not_found'])
  })

  it('are written down by what changed, not by what was written', async () => {
    await change({ name: 'Attic', topic: 'Old things', slowModeSeconds: 30 })
    await change({ name: 'Attic', guests: false, closed: true, listed: false })
    await change({ visibility: 'public', archived: true })
    await change({ topic: 'Old things' })
    const { items } = await t.chat.moderation.audit(owner, room.id, { limit: 10 })
    expect(items.filter(({ action }) => action === 'room-changed').map(({ detail }) => detail)).toEqual(['public, archived', 'unlisted, closed, no guests', 'name, topic, slow mode 30 s'])
  })
})

describe('writing', () => {
  it('in a closed room is for its moderators', async () => {
    await join(ann, 'sesame')
    await change({ closed: true })
    expect(await refused(say(ann))).toBe('forbidden')
    await say(owner)
    await change({ closed: false })
    await say(ann)
  })

  it('in slow mode waits between two messages, and says for how long', async () => {
    await join(ann, 'sesame')
    await change({ slowModeSeconds: 30 })
    await say(ann)
    t.ports.clock.pass(10_000)
    await expect(say(ann)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 20_000 })
    for (let i = 0; i < 2; i++) await say(owner)
    t.ports.clock.pass(20_000)
    await say(ann)
  })

  it('is refused to the muted until their time is over', async () => {
    await join(ann, 'sesame')
    const { message } = await say(ann)
    await t.chat.moderation.change(owner, room.id, ann.person.id, { muteSeconds: 600 })
    expect(await t.chat.rooms.get(ann, { id: room.id })).toMatchObject({ mutedUntil: t.ports.clock.now() + 600_000 })
    await expect(say(ann)).rejects.toMatchObject({ code: 'forbidden', message: 'You have been muted here for another 10 minutes.', retryAfter: 600_000 })
    expect(await refused(t.chat.messages.edit(ann, { room: room.id, nonce: newNonce(), message, text: 'y' }))).toBe('forbidden')
    expect(await refused(t.chat.messages.react(ann, { room: room.id, nonce: newNonce(), message, emoji: '👍', on: true }))).toBe('forbidden')
    expect(await refusals(ann)).toEqual(['nothing'])
    t.ports.clock.pass(600_000)
    await say(ann)
  })

  it('a reaction, an answer or an edit reaches no message of another room', async () => {
    const { message } = await say(owner, 'secret')
    const other = (await t.chat.rooms.create(ann, { name: 'Other', topic: '' })).id
    expect(await refused(t.chat.messages.send(ann, { room: other, nonce: newNonce(), text: 'x', replyTo: message }))).toBe('not_found')
    expect(await refused(t.chat.messages.react(ann, { room: other, nonce: newNonce(), message, emoji: '👍', on: true }))).toBe('not_found')
    expect(await refused(t.chat.messages.delete(ann, { room: other, nonce: newNonce(), message }))).toBe('not_found')
    expect(await refused(t.chat.messages.edit(owner, { room: other, nonce: newNonce(), message, text: 'y' }))).toBe('not_found')
    expect(await refused(t.chat.reports.report(ann, other, { message, reason: '' }))).toBe('not_found')
  })
})
