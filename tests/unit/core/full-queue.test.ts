import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import { emailOf, openTestChat, passwordOf, type TestChat } from '../../support/ports'

/** Whoever is not served because too many passwords wait has tried nothing, and pays nothing. */

let t: TestChat
beforeEach(async () => { t = await openTestChat() })
afterEach(() => t.close())

const from = { address: '10.9.9.9', agent: 'test' }
const body = (name: string) => ({ name, email: emailOf(name), password: passwordOf(name), remember: false })

/** Asks once more often than any limit allows while the queue is full, and once when it is not. */
async function refusedThenServed(most: number, act: () => Promise<unknown>): Promise<void> {
  const busy = vi.spyOn(t.ports.accounts, 'hash').mockRejectedValue(new ChatError('unavailable', 'Too many people are signing in at once.', 2_000))
  for (let n = 0; n <= most; n++) await expect(act()).rejects.toMatchObject({ code: 'unavailable' })
  busy.mockRestore()
  await act()
}

it('signs up, also by an invite', async () => {
  const owner = await t.person('Owner')
  const room = await t.chat.rooms.create(owner, { name: 'Den', topic: '', visibility: 'private', listed: false })
  const { code } = await t.chat.invites.make(owner, room.id, { role: 'member', days: 1, uses: null })
  await refusedThenServed(rates.signup.points, () => t.chat.accounts.signUp(body('Ann'), from))
  await refusedThenServed(rates.inviteUse.points, () => t.chat.accounts.signUp({ ...body('Bob'), invite: code }, from))
})

it('makes the first account', () => refusedThenServed(rates.setup.points, () => t.chat.accounts.setUp({ ...body('Ann'), token: '' }, { ...from, loopback: true })))

it('makes a room with a password, and gives one another', async () => {
  const owner: Identity = await t.person('Owner')
  await refusedThenServed(rates.roomCreate.points, () => t.chat.rooms.create(owner, { name: 'Den', topic: '', visibility: 'private', password: 'open sesame' }))
  const room = await t.chat.rooms.create(owner, { name: 'Cave', topic: '', visibility: 'private' })
  await refusedThenServed(rates.turn.points, () => t.chat.rooms.update(owner, room.id, { password: 'open sesame' }))
})
