import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { limits, rates } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import { openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let owner: Identity
let ann: Identity
let room: string
beforeEach(async () => {
  t = await openTestChat({ public: true })
  owner = await t.person('Owner')
  ann = await t.person('Ann')
  room = (await t.chat.rooms.create(owner, { name: 'Square', topic: '' })).id
})
afterEach(() => t.close())

const everything = { search: '', sort: 'activity', archived: false, limit: 1 } as const
const [here, elsewhere] = [{ address: '10.2.0.1' }, { address: '10.2.0.2' }]

describe('lists', () => {
  it('of rooms, of who is in one and of sessions are limited together, per person; so are those of who looks after a room, and of the admin', async () => {
    const lists = [
      () => t.chat.rooms.list(ann, everything, here), () => t.chat.rooms.members(ann, room, { limit: 1 }, here),
      () => t.chat.rooms.members(ann, room, { limit: 1, ids: [owner.person.id] }, here), () => t.chat.accounts.sessions(ann)
    ]
    for (let n = 0; n < rates.list.points; n++) await lists[n % lists.length]!()
    for (const list of lists) await expect(list()).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.rooms.list(ann, { ...everything, search: 'squ' }, here)
    const query = { limit: 1 }
    const owners = [
      () => t.chat.moderation.audit(owner, room, query), () => t.chat.moderation.bans(owner, room, query), () => t.chat.invites.list(owner, room), () => t.chat.reports.list(owner, { closed: false }),
      () => t.chat.admin.people(owner, { search: '' }), () => t.chat.admin.rooms(owner, { search: '' }), () => t.chat.admin.settings(owner), () => t.chat.admin.audit(owner, {}),
      () => t.chat.rooms.list(owner, everything, here)
    ]
    for (let n = 0; n < rates.list.points; n++) await owners[n % owners.length]!()
    for (const list of owners) await expect(list(), String(list)).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('and per address of visitors, of whom a class behind one may each ask ten times in a minute', async () => {
    expect(rates.list.points / rates.list.seconds * 60).toBeGreaterThanOrEqual(40 * 10)
    for (let n = 0; n < rates.list.points; n++) await (n % 2 ? t.chat.rooms.list(null, everything, here) : t.chat.rooms.members(null, room, { limit: 1 }, here))
    await expect(t.chat.rooms.list(null, everything, here)).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(t.chat.rooms.members(null, room, { limit: 1 }, here)).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.rooms.list(null, everything, elsewhere)
  })
})

describe('single rooms and names', () => {
  const looks = (who: Identity | null, from: { address: string }) => [
    () => t.chat.rooms.get(who, { id: room }, from), () => t.chat.rooms.get(who, { slug: 'square' }, from), () => t.chat.rooms.people(who, [owner.person.id], from)
  ]

  it('are limited together, per person, wherever they are', async () => {
    for (let n = 0; n < rates.look.points; n++) await looks(ann, n % 2 ? here : elsewhere)[n % 3]!()
    for (const look of looks(ann, here)) await expect(look()).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.rooms.list(ann, everything, here)
    await looks(owner, here)[0]!()
  })

  it('and per address of visitors: all that one may have come back at once, with what each asks for then', async () => {
    expect(rates.look.points / rates.look.seconds * 60).toBeGreaterThanOrEqual(limits.visitorSocketsPerAddress * 20)
    for (let n = 0; n < rates.look.points; n++) await looks(null, here)[n % 3]!()
    for (const look of looks(null, here)) await expect(look()).rejects.toMatchObject({ code: 'rate_limited' })
    await looks(null, elsewhere)[2]!()
    await looks(ann, here)[2]!()
  })

  it('one may look at all rooms that a socket may read, and still at the names of thousands', () => {
    expect(rates.look.points / rates.look.seconds * 60).toBeGreaterThanOrEqual(5 * limits.subscriptionsPerSocket + 100)
  })
})
