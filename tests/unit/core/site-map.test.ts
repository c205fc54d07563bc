import { afterEach, beforeEach, expect, it, type MockInstance, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import type { Identity } from '../../../server/core/chat'
import type { Storage } from '../../../server/core/ports'
import { openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let admin: Identity
let reads: MockInstance<Storage['rooms']>
beforeEach(async () => {
  t = await openTestChat({ public: true })
  admin = await t.person('Admin')
  reads = vi.spyOn(t.ports.storage, 'rooms')
})
afterEach(() => t.close())

const create = (name: string) => t.chat.rooms.create(admin, { name, topic: '' })
const slugs = async () => (await t.chat.siteMap())?.map(room => room.slug).sort() ?? null

it('names the public rooms, and no others', async () => {
  await create('Garden')
  await t.chat.rooms.create(admin, { name: 'Cellar', topic: '', visibility: 'private' })
  expect(await slugs()).toEqual(['garden', 'lobby'])
})

it('is read once a minute, whoever asks and however many at once', async () => {
  await Promise.all(Array.from({ length: 1_000 }, slugs))
  t.ports.clock.pass(59_999)
  expect(await slugs()).toEqual(['lobby'])
  expect(reads).toHaveBeenCalledTimes(1)
  t.ports.clock.pass(1)
  await slugs()
  expect(reads).toHaveBeenCalledTimes(2)
})

it('is nothing as soon as the site is closed, and read anew when it is open again', async () => {
  await slugs()
  await t.chat.site.update(admin, { public: false })
  expect(await slugs()).toBeNull()
  await create('Garden')
  await t.chat.site.update(admin, { public: true })
  expect(await slugs()).toEqual(['garden', 'lobby'])
})

it('does not name a room any more that was hidden or deleted', async () => {
  const [garden, pond] = [await create('Garden'), await create('Pond')]
  expect(await slugs()).toEqual(['garden', 'lobby', 'pond'])
  await t.chat.rooms.update(admin, garden.id, { visibility: 'private' })
  expect(await slugs()).toEqual(['lobby', 'pond'])
  await t.chat.rooms.remove(admin, pond.id)
  expect(await slugs()).toEqual(['lobby'])
})

it('does not remember a failure', async () => {
  reads.mockRejectedValueOnce(new ChatError('unavailable', 'No storage.'))
  await expect(slugs()).rejects.toMatchObject({ code: 'unavailable' })
  expect(await slugs()).toEqual(['lobby'])
})
