import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let ann: Identity & { token: string }
const from = { address: '10.1.1.1' }
const refused = { code: 'unauthenticated', message: 'This ticket can\'t be used. Get a new one.' }

beforeAll(async () => {
  t = await openTestChat()
  ann = await t.person('Ann')
})
afterAll(() => t.close())

describe('a ticket', () => {
  it('says who it is for, once', async () => {
    const ticket = await t.chat.tickets.issue(ann, from)
    expect(await t.chat.tickets.redeem(ticket)).toMatchObject({ session: ann.session, person: ann.person, admin: true })
    await expect(t.chat.tickets.redeem(ticket)).rejects.toMatchObject(refused)
  })

  it('lets one in among 50 at the same time', async () => {
    const ticket = await t.chat.tickets.issue(ann, from)
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => t.chat.tickets.redeem(ticket)))
    expect(results.filter(result => result.status === 'fulfilled')).toHaveLength(1)
  })

  it('is good for 30 seconds', async () => {
    const [early, late] = [await t.chat.tickets.issue(ann, from), await t.chat.tickets.issue(ann, from)]
    t.ports.clock.pass(29_999)
    await t.chat.tickets.redeem(early)
    t.ports.clock.pass(1)
    await expect(t.chat.tickets.redeem(late)).rejects.toMatchObject(refused)
  })

  it('cannot be used again when the clock goes back', async () => {
    const ticket = await t.chat.tickets.issue(ann, from)
    await t.chat.tickets.redeem(ticket)
    t.ports.clock.pass(-20_000)
    await expect(t.chat.tickets.redeem(ticket)).rejects.toMatchObject(refused)
    t.ports.clock.pass(20_000)
  })

  it('cannot be forged', async () => {
    const ticket = await t.chat.tickets.issue(ann, from)
    const [session, expiry, mark, mac] = ticket.split('.')
    const other = await openTestChat({ secret: 'another secret, also long enough' })
    const foreign = await other.chat.tickets.issue(ann, from)
    await other.close()
    const forged = [
      '', '.', '...', 'x', foreign, `${session}.${Number(expiry) + 1000}.${mark}.${mac}`, `other.${expiry}.${mark}.${mac}`,
      `.${expiry}.${mark}.${mac}`, `${session}.${expiry}.${mark}x.${mac}`, `${session}.${expiry}.${mark}.`, `${ticket}x`, ticket.slice(0, -1)
    ]
    for (const text of forged) await expect(t.chat.tickets.redeem(text), text).rejects.toMatchObject(refused)
    await t.chat.tickets.redeem(ticket)
  })

  it('is worthless when its session has ended meanwhile', async () => {
    const bob = await t.person('Bob')
    const ticket = await t.chat.tickets.issue(bob, from)
    await t.chat.accounts.logOut(bob)
    expect(t.controls.at(-1)).toEqual({ kind: 'session-ended', session: bob.session })
    await expect(t.chat.tickets.redeem(ticket)).rejects.toMatchObject(refused)
  })

  it('is limited per session', async () => {
    const eve = await t.person('Eve')
    for (let i = 0; i < 30; i++) await t.chat.tickets.issue(eve, from)
    await expect(t.chat.tickets.issue(eve, { address: '10.9.9.9' })).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.tickets.issue(ann, from)
  })

  it('is for visitors only where the site is public, and limited per address', async () => {
    await expect(t.chat.tickets.issue(null, from)).rejects.toMatchObject({ code: 'unauthenticated' })
    const site = await openTestChat({ public: true })
    expect(await site.chat.tickets.redeem(await site.chat.tickets.issue(null, from))).toBeNull()
    for (let i = 1; i < 200; i++) await site.chat.tickets.issue(null, from)
    await expect(site.chat.tickets.issue(null, from)).rejects.toMatchObject({ code: 'rate_limited' })
    await site.chat.tickets.issue(null, { address: '10.2.2.2' })
    await site.close()
  })
})
