import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rates } from '#shared/limits'
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
  it('of rooms, of who is in one and of sessions are limited together, per person', async () => {
    const lists = [
      () => t.chat.rooms.list(ann, everything, here), () => t.chat.rooms.members(ann, room, { limit: 1 }, here),
      () => t.chat.rooms.members(ann, room, { limit: 1, ids: [owner.person.id] }, here), () => t.chat.accounts.sessions(ann)
    ]
    for (let n = 0; n < rates.list.points; n++) await lists[n % lists.length]!()
    for (const list of lists) await expect(list()).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.rooms.list(ann, { ...everything, search: 'squ' }, here)
    await t.chat.rooms.list(owner, everything, here)
  })

  it('and per address of visitors, of whom a class behind one may each ask ten times in a minute', async () => {
    expect(rates.list.points / rates.list.seconds * 60).toBeGreaterThanOrEqual(40 * 10)
    for (let n = 0; n < rates.list.points; n++) await (n % 2 ? t.chat.rooms.list(null, everything, here) : t.chat.rooms.members(null, room, { limit: 1 }, here))
    await expect(t.chat.rooms.list(null, everything, here)).rejects.toMatchObject({ code: 'rate_limited' })
    await expect(t.chat.rooms.members(null, room, { limit: 1 }, here)).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.rooms.list(null, everything, elsewhere)
  })
})
