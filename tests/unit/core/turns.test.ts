import { afterEach, beforeEach, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'

/** What everybody is told of is limited, whichever of it somebody does. */

let t: TestChat
let [owner, ann]: Identity[] = []
let room: string
beforeEach(async () => {
  t = await openTestChat()
  owner = await t.person('Owner')
  ann = await t.person('Ann')
  room = (await t.chat.rooms.create(owner, { name: 'Square', topic: '' })).id
})
afterEach(() => t.close())

it('coming and going, and another name, take turns of one person, and none of another', async () => {
  for (let n = 0; n < rates.turn.points; n += 2) {
    await t.chat.rooms.join(ann!, room)
    await t.chat.rooms.leave(ann!, room)
  }
  const { seq } = await t.chat.rooms.get(owner!, { id: room })
  for (const act of [() => t.chat.rooms.join(ann!, room), () => t.chat.accounts.rename(ann!, 'Anna')]) await expect(act()).rejects.toMatchObject({ code: 'rate_limited' })
  expect((await t.chat.rooms.get(owner!, { id: room })).seq).toBe(seq)
  await t.chat.rooms.update(owner!, room, { topic: 'Quiet again' })
})

it('so does what is decided about a room, the people in it and the site', async () => {
  await t.chat.rooms.join(ann!, room)
  const { invite } = await t.chat.invites.make(owner!, room, { role: 'member', days: 1, uses: 1 })
  const { message } = await t.chat.messages.send(ann!, { room, nonce: newNonce(), text: 'rude' })
  await t.chat.reports.report(ann!, room, { message, reason: '' })
  const report = (await t.chat.reports.list(owner!, { closed: false })).items[0]!.id
  for (let n = 0; n < rates.turn.points; n += 2) {
    await t.chat.moderation.change(owner!, room, ann!.person.id, { muteSeconds: n % 4 * 30 })
    await t.chat.rooms.update(owner!, room, { topic: `${n}` })
  }
  const refused = [
    () => t.chat.moderation.change(owner!, room, ann!.person.id, { role: 'moderator' as const }), () => t.chat.moderation.remove(owner!, room, ann!.person.id, true),
    () => t.chat.moderation.unban(owner!, room, ann!.person.id), () => t.chat.rooms.update(owner!, room, { topic: 'more' }),
    () => t.chat.invites.revoke(owner!, room, invite.id), () => t.chat.reports.close(owner!, report, 'deleted'), () => t.chat.rooms.remove(owner!, room),
    () => t.chat.admin.changeAccount(owner!, ann!.person.id, { disabled: true }), () => t.chat.admin.resetLink(owner!, ann!.person.id), () => t.chat.admin.endSessions(owner!, ann!.person.id),
    () => t.chat.admin.updateSettings(owner!, { public: true })
  ]
  for (const act of refused) await expect(act(), String(act)).rejects.toMatchObject({ code: 'rate_limited' })
})
