import { afterAll, beforeAll, expect, it } from 'vitest'
import { createChat, type Chat, type Identity } from '../../../server/core/chat'
import type { Ports } from '../../../server/core/ports'
import { newNonce, openTestChat, SECRET, type TestChat } from '../../support/ports'
import { waysToARoom } from '../../support/unlisted'

/** What is asked of the ports for an unlisted room, and for one that is not there, must be the same: what takes another way takes another time. */

let t: TestChat
let counted: Chat
let ann: Identity
let hidden: string
let link: string
const codes = { revoked: '', expired: '', used: '', unknown: 'A'.repeat(43) }
let asked: string[] = []
let addresses = 0
const elsewhere = () => `10.30.${addresses >> 8}.${addresses++ & 255}`

/** Notes each call by the port's and the method's name. */
const noting = <T extends object>(name: string, port: T): T => new Proxy(port, {
  get(target, key) {
    const value: unknown = Reflect.get(target, key, target)
    if (typeof value !== 'function') return value
    return (...input: unknown[]) => {
      asked.push(`${name}.${String(key)}`)
      return Reflect.apply(value, target, input) as unknown
    }
  }
})

beforeAll(async () => {
  t = await openTestChat()
  const owner = await t.person('Owner')
  ann = await t.person('Ann')
  const { id, slug } = await t.chat.rooms.create(owner, { name: 'Hidden', topic: '', visibility: 'private', listed: false, password: 'open sesame' })
  hidden = id
  link = slug
  for (let n = 0; n < 20; n++) await t.chat.messages.send(owner, { room: id, nonce: newNonce(), text: `${n}` })
  const make = (more: object = {}) => t.chat.invites.make(owner, id, { role: 'member', days: 1, uses: 1, ...more })
  codes.expired = (await make()).code
  t.ports.clock.pass(25 * 3_600_000)
  const [revoked, used] = [await make(), await make()]
  await t.chat.invites.revoke(owner, id, revoked.invite.id)
  await t.chat.invites.accept(await t.person('Bob'), used.code, elsewhere())
  Object.assign(codes, { revoked: revoked.code, used: used.code })
  const { storage, bus, coordination, accounts, clock } = t.ports
  const ports: Ports = { storage: noting('storage', storage), bus: noting('bus', bus), coordination: noting('coordination', coordination), accounts: noting('accounts', accounts), clock }
  counted = createChat(ports, { secret: SECRET, signup: 'open', public: false, guests: true })
})
afterAll(() => t.close())

async function callsOf(act: () => Promise<unknown>): Promise<string[]> {
  asked = []
  await expect(act()).rejects.toMatchObject({ code: 'not_found' })
  return asked
}

it.each(waysToARoom)('%s asks as much of an unlisted room as of none', async (_, ask) => {
  const by = { chat: counted, who: ann, epoch: t.ports.storage.epoch }
  const calls = await callsOf(() => ask({ ...by, id: hidden, slug: link, address: elsewhere() }))
  expect(calls.length).toBeGreaterThan(0)
  expect(await callsOf(() => ask({ ...by, id: 'no-such-room', slug: 'absent', address: elsewhere() }))).toEqual(calls)
  expect(calls.join(), 'no password is hashed').not.toMatch(/accounts\./)
})

it('an invite that no longer holds asks as much as one that nobody made', async () => {
  const calls = await callsOf(() => counted.invites.preview(ann, codes.unknown, elsewhere()))
  for (const code of Object.values(codes)) {
    expect(await callsOf(() => counted.invites.preview(ann, code, elsewhere()))).toEqual(calls)
    expect(await callsOf(() => counted.invites.preview(null, code, elsewhere()))).toEqual(calls)
    expect(await callsOf(() => counted.invites.accept(ann, code, elsewhere()))).toEqual(calls)
  }
})

it('what is not for somebody is not read', async () => {
  const { storage } = t.ports
  expect(await storage.page(hidden, ann.person.id, { limit: 10 }, () => false)).toMatchObject({ messages: [], quoted: [], more: { before: false, after: false } })
  expect(await storage.replay(hidden, ann.person.id, 0, { events: 10, bytes: 10_000 }, () => false)).toMatchObject({ events: [] })
})

it('a new room of its name gets the link that it would get without it', async () => {
  expect(link).toMatch(/^hidden-[0-9a-f]{16}$/)
  expect(await t.chat.rooms.create(ann, { name: 'Hidden', topic: '', visibility: 'public' })).toMatchObject({ slug: 'hidden' })
  expect(await t.chat.rooms.create(ann, { name: 'Hidden', topic: '', visibility: 'private', listed: false })).not.toMatchObject({ slug: link })
})

it('who is banned from it is told by no door that it is there, by an invite neither', async () => {
  const [owner, bea] = [await t.person('Olga'), await t.person('Bea')]
  const { id, slug } = await t.chat.rooms.create(owner, { name: 'Den', topic: '', visibility: 'private', listed: false, password: 'sesame' })
  const { code } = await t.chat.invites.make(owner, id, { role: 'member', days: 1, uses: 5 })
  await t.chat.invites.accept(bea, code, elsewhere())
  const { message } = await t.chat.messages.send(bea, { room: id, nonce: newNonce(), text: 'mine' })
  await t.chat.moderation.remove(owner, id, bea.person.id, true)
  const doors = [
    () => t.chat.messages.send(bea, { room: id, nonce: newNonce(), text: 'x' }), () => t.chat.messages.edit(bea, { room: id, nonce: newNonce(), message, text: 'x' }),
    () => t.chat.messages.react(bea, { room: id, nonce: newNonce(), message, emoji: '👍', on: true }), () => t.chat.messages.delete(bea, { room: id, nonce: newNonce(), message }),
    () => t.chat.rooms.get(bea, { slug }), () => t.chat.rooms.join(bea, id, { password: 'sesame' }, { address: elsewhere() }), () => t.chat.messages.page(bea, id, { limit: 5 }),
    () => t.chat.invites.preview(bea, code, elsewhere()), () => t.chat.invites.accept(bea, code, elsewhere())
  ]
  for (const door of doors) await expect(door(), String(door)).rejects.toMatchObject({ code: 'not_found' })
})
