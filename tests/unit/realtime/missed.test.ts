import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import type { Bus, Changes } from '../../../server/core/ports'
import { createRealtime, type Connection, type Realtime } from '../../../server/realtime'
import { ChatError } from '../../../shared/errors'
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
  vi.useRealTimers()
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
/** How often the rooms were compared with storage. */
const comparing = () => vi.spyOn(test.ports.storage, 'heads')
const down = () => new ChatError('unavailable', 'The storage is away.')

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

it('what could not be compared is tried again until it has been, and holds up nothing else', async () => {
  const [here, ben, cid] = [await reads(ann), await test.person('Ben'), await test.person('Cid')]
  const [bens, cids] = [await reads(ben, []), await reads(cid, [])]
  await unheard(async () => {
    await test.chat.messages.send(ann, { room, nonce: newNonce(), text: 'unheard' })
    for (const one of [ben, cid]) await test.chat.accounts.logOut(one)
  })
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const heads = comparing().mockRejectedValueOnce(down())
  const { storage } = test.ports
  const known = storage.session.bind(storage)
  const looked = vi.spyOn(storage, 'session').mockImplementation(async (id) => {
    if (id === ben.session) throw down()
    return known(id)
  })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  restored()
  await until(() => expect([cids.closedWith, log.mock.calls.length]).toEqual([4401, 1]))
  vi.advanceTimersByTime(60_000)
  await until(() => expect(textsOf(here)).toEqual(['unheard']))
  await until(() => expect(log.mock.calls.length).toBeGreaterThan(1))
  expect([bens.closedWith, here.open]).toEqual([null, true])
  looked.mockImplementation(known)
  vi.advanceTimersByTime(60_000)
  await until(() => expect(bens.closedWith).toBe(4401))
  await turn()
  const calls = () => [heads, looked, log].map(({ mock }) => mock.calls.length)
  const before = calls()
  vi.advanceTimersByTime(60_000)
  await turn()
  expect(calls(), 'it has gone through').toEqual(before)
})

it('what is missed while it is compared is compared after it, and never beside it', async () => {
  const here = await reads(ann)
  let goOn = () => {}
  const heads = comparing()
  heads.mockImplementationOnce(() => new Promise((resolve) => { goOn = () => resolve(new Map([[room, 1]])) }))
  restored()
  restored()
  changed(missed)
  await turn()
  expect(heads).toHaveBeenCalledTimes(1)
  await unheard(() => test.chat.messages.send(ann, { room, nonce: newNonce(), text: 'meanwhile' }))
  goOn()
  await until(() => expect(textsOf(here)).toEqual(['meanwhile']))
  expect(heads).toHaveBeenCalledTimes(2)
})

it('nothing is compared any more once it is closed', async () => {
  await reads(ann)
  await reads(await test.person('Dan'), [])
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const looked = vi.spyOn(test.ports.storage, 'session')
  const heads = comparing().mockRejectedValueOnce(down())
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  restored()
  await until(() => expect(log).toHaveBeenCalled())
  let goOn = () => {}
  looked.mockClear().mockImplementationOnce(() => new Promise((resolve) => { goOn = () => resolve(null) }))
  restored()
  await until(() => expect(looked).toHaveBeenCalled())
  heads.mockClear()
  realtime.close()
  goOn()
  await turn()
  vi.advanceTimersByTime(60_000)
  restored()
  await turn()
  expect([looked.mock.calls.length, heads.mock.calls.length]).toEqual([1, 0])
})
