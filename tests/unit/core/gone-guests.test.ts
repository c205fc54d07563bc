import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { createGuestSweep } from '../../../server/core/gone-guests'
import { emailOf, openTestChat, passwordOf, type TestChat } from '../../support/ports'

const DAY = 24 * 60 * 60_000

let t: TestChat
let owner: Identity
let room: string
beforeEach(async () => {
  t = await openTestChat()
  owner = await t.person('Owner')
  room = (await t.chat.rooms.create(owner, { name: 'Square', topic: '' })).id
})
afterEach(() => t.close())

const logIn = () => t.chat.accounts.logIn({ email: emailOf('Owner'), password: passwordOf('Owner'), remember: true }, { address: '10.9.0.1', agent: 'test', viewer: null })
const inside = async () => (await t.ports.storage.members(room, { limit: 100 })).items.map(({ name }) => name)

async function hear(): Promise<{ kind: string, author: string }[]> {
  const heard: { kind: string, author: string }[] = []
  await t.ports.bus.subscribe(room, { event: event => heard.push(event), head: () => {}, typing: () => {} })
  return heard
}

describe('guests who can\'t come back', () => {
  it('leave their rooms when somebody signs in after their session has ended, and all who follow the room are told', async () => {
    const gone = await t.guest('Gone', owner, room)
    t.ports.clock.pass(29 * DAY)
    await t.guest('Late', owner, room)
    const heard = await hear()
    t.ports.clock.pass(DAY + 1)
    await logIn()
    await vi.waitFor(async () => expect(await inside()).toEqual(['Owner', 'Late']))
    expect(heard).toMatchObject([{ kind: 'leave', author: gone.person.id }])
    expect(await t.ports.storage.people([gone.person.id])).toMatchObject([{ name: 'Gone' }])
  })

  it('have left once where two instances look at the same time', async () => {
    for (let n = 0; n < 5; n++) await t.chat.accounts.logOut(await t.guest(`Guest ${n}`, owner, room))
    const heard = await hear()
    const before = t.ports.clock.now() + 1
    await Promise.all([createGuestSweep(t.ports)(before), createGuestSweep(t.ports)(before)])
    expect(heard).toHaveLength(5)
    expect(await inside()).toEqual(['Owner'])
  })

  it('leave some at a time, and the next sweep goes on where the last one stopped', async () => {
    const asked: (string | undefined)[] = []
    vi.spyOn(t.ports.storage, 'goneGuests').mockImplementation(async (_, cursor) => {
      asked.push(cursor)
      const piece = Number(cursor ?? 0)
      return { items: [], next: piece === 24 ? null : String(piece + 1) }
    })
    const sweep = createGuestSweep(t.ports)
    await sweep(0)
    const first = asked.length
    expect(first).toBeLessThan(25)
    await sweep(0)
    expect(asked[first]).toBe(String(first))
  })
})
