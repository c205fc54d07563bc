import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Identity } from '../../server/core/chat'
import openFirestore from '../../server/drivers/storage/firestore'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { newNonce, openTestChat, openTestPorts, type TestChat } from '../support/ports'
import { waysToARoom } from '../support/unlisted'

/** On Firestore nearly all time is spent on its calls: as many of them must be made for an unlisted room as for one that is not there. */
describe.skipIf(process.env.FIRESTORE_EMULATOR_JAR)('an unlisted room on Firestore', () => {
  let firestore: TestFirestore
  let project: string
  let t: TestChat
  let ann: Identity
  let hidden: { id: string, slug: string }
  let doors = 0

  beforeAll(async () => {
    firestore = await startFirestore()
    project = firestore.project()
    t = await openTestChat({}, openTestPorts(() => openFirestore({ projectId: project, several: true, every: 3_600_000 })))
    const owner = await t.person('Owner')
    ann = await t.person('Ann')
    hidden = await t.chat.rooms.create(owner, { name: 'Hidden', topic: '', visibility: 'private', listed: false, password: 'open sesame' })
    for (let n = 0; n < 5; n++) await t.chat.messages.send(owner, { room: hidden.id, nonce: newNonce(), text: `${n}` })
  }, 60_000)
  afterAll(async () => {
    await t.close()
    await firestore.stop()
  })

  it.each(waysToARoom)('%s costs as much as where there is none', async (_, ask) => {
    const costOf = async (room: { id: string, slug: string }) => {
      await firestore.forgetCounts(project)
      await expect(ask({ ...room, chat: t.chat, who: ann, epoch: t.ports.storage.epoch, address: `10.40.0.${doors++}` })).rejects.toMatchObject({ code: 'not_found' })
      return firestore.counts(project)
    }
    const cost = await costOf(hidden)
    expect(cost.reads).toBeGreaterThan(0)
    expect(await costOf({ id: 'no-such-room', slug: 'absent' })).toEqual(cost)
  })
})
