import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import type { Bus, Changes } from '../../../server/core/ports'
import { createRealtime, type Connection, type Realtime } from '../../../server/realtime'
import { newNonce, openTestChat, type TestChat } from '../../support/ports'
import { FakeWire, turn } from './fakes'

let test: TestChat
let ann: Identity
let room: string
let realtime: Realtime
/** What the bus calls when it is back, and storage when others committed something. */
let restored: () => void
let changed: (changes: Changes) => void
const connections: Connection[] = []
const missed: Changes = { heads: new Map(), controls: [], missed: true }

beforeAll(async () => {
  test = await openTestChat()
  ann = await test.person('Ann')
})
beforeEach(async () => {
  const onRestored = vi.spyOn(test.ports.bus, 'onRestored')
  const watch = vi.spyOn(test.ports.storage, 'watch').mockImplementation(() => {})
  realtime = createRealtime(test.chat)
  restored = onRestored.mock.lastCall![0]
  changed = watch.mock.lastCall![0]
  room = (await test.chat.rooms.create(ann, { name: 'Hall', topic: '' })).id
})
afterEach(() => {
  for (const connection of connections.splice(0)) connection.ended()
  realtime.close()
  vi.restoreAllMocks()
})
afterAll(() => test.close())

const until = (holds: () => void) => vi.waitFor(holds, { interval: 1, timeout: 8_000 })

async function reads(who: Identity, rooms = [room]): Promise<FakeWire> {
  const wire = new FakeWire()
  const connection = realtime.accept(wire, '127.0.0.1') ?? expect.fail('refused')
  connections.push(connection)
  connection.receive(JSON.stringify({ type: 'hello', protocol: 1, ticket: await test.chat.tickets.issue(who, { address: '::1' }) }))
  for (const [id, room] of rooms.entries()) connection.receive(JSON.stringify({ type: 'subscribe', id, room }))
  await until(() => expect(wire.frames.filter(({ type }) => type === 'ok' || type === 'ready')).toHaveLength(rooms.length + 1))
  return wire
}
const textsOf = ({ frames }: FakeWire) => frames.flatMap(frame => frame.type === 'event' && frame.kind === 'message' ? (frame.data as { text: string }).text : [])

/** Another instance does it, and nothing of it comes over the bus. */
async function unheard(work: () => Promise<unknown>): Promise<void> {
  const { bus } = test.ports
  const silent: Pick<Bus, 'publish' | 'control'> = { publish: () => {}, control: () => {} }
  const { publish, control } = bus
  Object.assign(bus, silent)
  await work()
  Object.assign(bus, { publish, control })
}

it.each([
  ['when the bus is back', () => restored()],
  ['when storage kept less than was done', () => changed(missed)]
])('what nobody was told of is seen %s', async (_, ring) => {
  const [here, gone] = [await reads(ann), await test.person(`Ben ${_}`)]
  const ended = await reads(gone, [])
  await unheard(async () => {
    await test.chat.messages.send(ann, { room, nonce: newNonce(), text: 'unheard' })
    await test.chat.accounts.logOut(gone)
  })
  await turn()
  expect([textsOf(here), ended.closedWith]).toEqual([[], null])
  ring()
  await until(() => expect([textsOf(here), ended.closedWith]).toEqual([['unheard'], 4401]))
  expect(here.open).toBe(true)
})
