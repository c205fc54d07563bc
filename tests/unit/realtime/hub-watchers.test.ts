import { describe, expect, it } from 'vitest'
import { event, FakeDevice, turn } from './fakes'
import { eachWithHub, fake, hub, next, people, reader } from './hub.fixture'

eachWithHub()

const cat = () => {
  const device = new FakeDevice()
  const here = people.add({ id: 'cat', name: 'Cat', kind: 'member' }, device)
  return { device, here }
}

describe('a room that nobody reads, but somebody here has joined', () => {
  it('is followed by its head alone: what is unread, and who is out', async () => {
    const { device, here } = cat()
    hub.watch(here, 'hall', 4)
    fake.stored.push(event(5), event(6, { kind: 'member', author: 'ann', data: { user: 'cat', role: null, banned: true } }))
    hub.expect(new Map([['hall', 5]]))
    await next(() => device.said.length > 0)
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'removed' }])
    expect([fake.reads, here.rooms.has('hall')]).toEqual([[{ after: 4 }], false])
  })

  it('tells what is unread there when only storage knows of it', async () => {
    const { device, here } = cat()
    hub.watch(here, 'hall', 0)
    fake.stored.push(event(1))
    hub.expect(new Map([['hall', 1], ['unknown', 7]]))
    await next(() => device.said.length > 0)
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'unread', unread: 3, readSeq: 1, head: 1, lastMessageAt: 1 }])
  })

  it('loses no removal that the bus did not bring', async () => {
    const { device, here } = cat()
    hub.watch(here, 'hall', 0)
    fake.stored.push(event(1, { kind: 'leave', author: 'cat', data: {} }), event(2))
    fake.publish(event(2))
    await next(() => device.said.length > 0)
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'removed' }])
  })

  it('is compared with storage after a break, and found deleted', async () => {
    const { device, here } = cat()
    hub.watch(here, 'hall', 0)
    fake.gone.add('hall')
    await hub.catchUp()
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'deleted' }])
    expect(hub.size).toBe(0)
  })

  it('costs no reads where nobody is left', async () => {
    const { here } = cat()
    hub.watch(here, 'hall', 0)
    hub.unwatch(here, 'hall')
    fake.stored.push(event(1))
    hub.expect(new Map([['hall', 1]]))
    await new Promise(resolve => setTimeout(resolve, 40))
    expect(fake.reads).toEqual([])
  })

  it('begins where its first reader comes in, and writes to all alike', async () => {
    const { here } = cat()
    hub.watch(here, 'hall', 7)
    const ann = await reader(7)
    fake.typing('hall', 'ben')
    fake.publish(event(8))
    await turn()
    expect(ann.wire.frames.map(frame => frame.type)).toEqual(['event', 'typing'])
  })

  it('is announced once, however often it is said that they joined', async () => {
    const { device, here } = cat()
    hub.joined(here, 'hall', 1)
    hub.joined(here, 'hall', 1)
    fake.publish(event(2, { kind: 'join', author: 'cat', data: { role: 'member' } }))
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'added' }])
  })
})

describe('somebody whose rooms were read while one of them went on', () => {
  const removed = (seq: number) => event(seq, { kind: 'member', data: { user: 'cat', role: null, banned: false } })
  const pass = async (...events: ReturnType<typeof event>[]) => {
    for (const event of events) {
      fake.stored.push(event)
      fake.publish(event)
    }
    await turn()
  }

  it.each([
    ['at the start of their line', hub => hub.watch],
    ['when they are said to have joined', hub => hub.joined]
  ] as [string, (of: typeof hub) => typeof hub.watch][])('hears no more of the one that they were removed from meanwhile, %s', async (_, way) => {
    const { device, here } = cat()
    await reader(0)
    await pass(removed(1))
    way(hub).call(hub, here, 'hall', 0)
    await next(() => !here.rooms.has('hall'))
    const before = device.said.length
    expect(device.said.at(-1)).toEqual({ type: 'room', room: 'hall', change: 'removed' })
    hub.control({ kind: 'room-changed', room: 'hall' })
    hub.control({ kind: 'room-deleted', room: 'hall' })
    expect(device.said).toHaveLength(before)
  })

  it('goes on hearing of it where they are still in it', async () => {
    const { device, here } = cat()
    fake.standing.add('cat')
    await reader(0)
    await pass(event(1))
    hub.watch(here, 'hall', 0)
    await turn()
    hub.control({ kind: 'room-changed', room: 'hall' })
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'renamed' }])
  })

  it('is not lost to it who came back while storage was asked', async () => {
    const { device, here } = cat()
    await reader(0)
    await pass(removed(1))
    let give = () => {}
    fake.held = new Promise((resolve) => { give = resolve })
    hub.watch(here, 'hall', 0)
    fake.standing.add('cat')
    await pass(event(2, { kind: 'join', author: 'cat', data: { role: 'member' } }))
    give()
    await turn()
    hub.control({ kind: 'room-changed', room: 'hall' })
    expect(device.said).toEqual([{ type: 'room', room: 'hall', change: 'renamed' }])
  })
})
