import { afterEach, beforeEach, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import { emailOf, openTestChat, passwordOf, type TestChat } from '../../support/ports'

/** What somebody may do only so often in an hour: once more is refused, to them alone. */

let t: TestChat
beforeEach(async () => { t = await openTestChat() })
afterEach(() => t.close())

const tooOften = { code: 'rate_limited' }

it('invites are made thirty times by one person, wherever', async () => {
  const [owner, other] = [await t.person('Owner'), await t.person('Other')]
  const [one, two] = [await t.chat.rooms.create(owner, { name: 'One', topic: '' }), await t.chat.rooms.create(owner, { name: 'Two', topic: '' })]
  const theirs = await t.chat.rooms.create(other, { name: 'Theirs', topic: '' })
  const make = (who: Identity, room: string) => t.chat.invites.make(who, room, { role: 'member', days: 1, uses: 1 })
  for (let n = 0; n < rates.inviteMake.points; n++) await make(owner, n % 2 ? one.id : two.id)
  await expect(make(owner, one.id)).rejects.toMatchObject(tooOften)
  expect(await t.chat.invites.list(owner, one.id)).toHaveLength(rates.inviteMake.points / 2)
  await make(other, theirs.id)
})

it('passwords of rooms are set twenty times by one person, for new rooms and for old ones together', async () => {
  const owner = await t.person('Owner')
  const { id } = await t.chat.rooms.create(owner, { name: 'Den', topic: '', visibility: 'private', password: 'password 0' })
  for (let n = 1; n < rates.roomPasswordSet.points; n++) await t.chat.rooms.update(owner, id, { password: `password ${n}` })
  await expect(t.chat.rooms.update(owner, id, { password: 'one more' })).rejects.toMatchObject(tooOften)
  await expect(t.chat.rooms.create(owner, { name: 'New', topic: '', visibility: 'private', password: 'one more' })).rejects.toMatchObject(tooOften)
  await t.chat.rooms.update(owner, id, { password: null })
})

it('the set-up link is tried twenty times from one address, and is not used up from another', async () => {
  const setUp = (token: string, address = '10.5.5.5') =>
    t.chat.accounts.setUp({ name: 'Ann', email: emailOf('Ann'), password: passwordOf('Ann'), remember: false, token }, { address, agent: 'test', loopback: false })
  for (let n = 0; n < rates.setup.points; n++) await expect(setUp(`guess ${n}`)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(setUp(t.chat.accounts.setUpToken())).rejects.toMatchObject(tooOften)
  expect((await setUp(t.chat.accounts.setUpToken(), '10.6.6.6')).me.admin).toBe(true)
})
