import { describe, expect, it, vi } from 'vitest'
import type { Online } from '../../../server/core/ports'
import type { Snapshot } from '../../../server/realtime/room'
import { event, FakeDevice, turn } from './fakes'
import { eachWithHub, fake, hub, next, people, reader } from './hub.fixture'

eachWithHub()

describe('order', () => {
  it('delivers what comes, in order, to every reader', async () => {
    const [ann, ben] = [await reader(0), await reader(0)]
    fake.publish(event(1))
    fake.publish(event(2))
    await turn()
    expect(ann.seqs).toEqual([1, 2])
    expect(ben.seqs).toEqual([1, 2])
  })

  it('writes once per reader per flush, and the same bytes to all', async () => {
    const [ann, ben] = [await reader(0), await reader(0)]
    for (let seq = 1; seq <= 50; seq++) fake.publish(event(seq))
    await turn()
    expect(ann.wire.writes.length).toBe(1)
    expect(ben.wire.writes[0]).toBe(ann.wire.writes[0])
    expect(hub.stats).toMatchObject({ flushes: 1, writes: 2, deliveries: 100 })
  })

  it('waits out the rest of 20 ms after a flush', async () => {
    const ann = await reader(0)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    fake.publish(event(1))
    await turn()
    fake.publish(event(2))
    await turn()
    fake.publish(event(3))
    vi.advanceTimersByTime(19)
    await turn()
    expect(ann.seqs).toEqual([1])
    vi.advanceTimersByTime(1)
    await turn()
    expect(ann.seqs).toEqual([1, 2, 3])
    expect(ann.wire.writes.length).toBe(2)
    vi.useRealTimers()
  })

  it('waits longer where writing to everybody takes long', async () => {
    const ann = await reader(0)
    let written = 0
    ann.wire.write = () => {
      written++
      for (const end = performance.now() + 12; performance.now() < end;);
    }
    const asked = performance.now()
    fake.publish(event(1))
    await turn()
    fake.publish(event(2))
    await next(() => written === 2)
    // The first took 12 of them.
    expect(performance.now() - asked).toBeGreaterThan(52)
  })

  it('drops the echo of what it has had', async () => {
    const ann = await reader(3)
    for (const seq of [2, 3, 4, 4]) fake.publish(event(seq))
    await turn()
    expect(ann.seqs).toEqual([4])
  })

  it('never delivers n + 1 before n', async () => {
    const ann = await reader(0)
    // It never gets late: storage is not asked yet.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    fake.publish(event(2))
    fake.publish(event(3))
    await turn()
    expect(ann.seqs).toEqual([])
    fake.publish(event(1))
    await turn()
    expect(ann.seqs).toEqual([1, 2, 3])
    expect(fake.reads).toEqual([])
    vi.useRealTimers()
  })

  it('fills a gap from storage, once, however many wait', async () => {
    const readers = await Promise.all(Array.from({ length: 5 }, () => reader(0)))
    fake.stored.push(event(1), event(2), event(3))
    fake.publish(event(3))
    await next(() => readers.every(device => device.seqs.length === 3))
    expect(readers[4]!.seqs).toEqual([1, 2, 3])
    expect(fake.reads).toEqual([{ after: 0 }])
  })

  it('tells everybody to page again when the gap is too long to fill', async () => {
    const ann = await reader(0)
    for (let seq = 1; seq <= 600; seq++) fake.stored.push(event(seq))
    fake.publish(event(600))
    await next(() => ann.wire.frames.length > 0)
    expect(ann.wire.frames).toEqual([{ type: 'reset', room: 'hall', reason: 'too-old' }])
    fake.publish(event(601))
    await next(() => ann.seqs.length > 0)
    expect(ann.seqs).toEqual([601])
  })

  it('takes out who was removed in a gap that is too long to fill', async () => {
    const [ann, ben] = [await reader(0), await reader(0)]
    people.add({ id: 'ben', name: 'Ben', kind: 'member' }, ben)
    for (let seq = 1; seq <= 1_200; seq++) fake.stored.push(seq === 900 ? event(seq, { kind: 'leave', author: 'ben', data: {} }) : event(seq))
    hub.expect(new Map([['hall', 1_200]]))
    await next(() => ann.wire.frames.length > 0)
    expect(ben.drops).toEqual(['hall access'])
    fake.publish(event(1_201))
    await next(() => ann.seqs.length > 0)
    expect([ann.seqs, ben.seqs]).toEqual([[1_201], []])
    expect(ann.wire.frames[0]).toEqual({ type: 'reset', room: 'hall', reason: 'too-old' })
  })

  it('compares heads after a time in which anything may have been missed', async () => {
    const ann = await reader(0)
    fake.stored.push(event(1))
    await hub.catchUp()
    await next(() => ann.seqs.length === 1)
  })
})

describe('coming in', () => {
  it('sends what came while the snapshot was read, and nothing twice', async () => {
    await reader(0)
    const late = new FakeDevice()
    let read = (_: Snapshot) => {}
    const entering = hub.subscribe(late, 'hall', () => new Promise((resolve) => { read = resolve }), (_room, { events }) => late.send(JSON.stringify({ answered: events.map(({ seq }) => seq) })))
    await turn()
    for (const seq of [1, 2, 3]) fake.publish(event(seq))
    await turn()
    read({ head: 2, events: [event(1), event(2)], reset: null })
    await entering
    fake.publish(event(4))
    await next(() => late.seqs.length === 1)
    expect(late.said).toEqual([{ answered: [1, 2, 3] }])
    expect(late.seqs).toEqual([4])
  })

  it('has the first readers of a room miss nothing where the one with the older snapshot comes in last', async () => {
    const slow = new FakeDevice()
    const answers: Snapshot[] = []
    let head = 10
    let names = Promise.resolve()
    let named = () => {}
    const entering = hub.subscribe(slow, 'hall', async () => {
      const read = { head, events: [11, 12].filter(seq => seq <= head).map(seq => event(seq)), reset: null }
      await names
      return read
    }, (_room, answer) => answers.push(answer))
    // It is known that the room may be read, and what is in it is read now, while names are looked up.
    names = new Promise((resolve) => { named = resolve })
    await turn()
    for (const seq of [11, 12]) fake.publish(event(seq))
    head = 12
    await reader(12)
    named()
    await entering
    fake.publish(event(13))
    await next(() => slow.seqs.length > 0)
    expect([...answers.flatMap(({ events }) => events.map(({ seq }) => seq)), ...slow.seqs]).toEqual([11, 12, 13])
  })

  it('skips for one reader what only their snapshot had before the room', async () => {
    const ann = await reader(0)
    const late = await reader(2)
    for (const seq of [1, 2, 3]) fake.publish(event(seq))
    await turn()
    expect(ann.seqs).toEqual([1, 2, 3])
    expect(late.seqs).toEqual([3])
    fake.publish(event(4))
    await next(() => late.seqs.length === 2)
    expect(late.wire.writes.at(-1)).toBe(ann.wire.writes.at(-1))
  })

  it('tells what passes also to one who waits for the room to come as far as their snapshot, once', async () => {
    const ann = await reader(0)
    const late = await reader(2)
    const types = (device: FakeDevice) => device.wire.frames.map(frame => frame.type)
    fake.presence({ room: 'hall', version: 1, online: 2, joined: [], left: ['cat'] })
    fake.typing('hall', 'ben')
    await turn()
    expect([types(ann), types(late)]).toEqual([['presence', 'typing'], ['presence', 'typing']])
    for (const seq of [1, 2]) fake.publish(event(seq))
    fake.typing('hall', 'ben')
    await next(() => ann.seqs.length === 2)
    fake.publish(event(3))
    await next(() => late.seqs.length === 1)
    expect(types(late)).toEqual(['presence', 'typing', 'typing', 'event'])
  })

  it('spares one who waits and is slow what passes', async () => {
    await reader(0)
    const late = await reader(2)
    late.wire.backlog = 300 * 1024
    fake.typing('hall', 'ben')
    await turn()
    expect(late.wire.frames).toEqual([])
  })

  it('tells nothing that passes to one whose snapshot is not answered yet', async () => {
    await reader(0)
    const late = new FakeDevice()
    void hub.subscribe(late, 'hall', () => new Promise(() => {}), () => {})
    await turn()
    fake.typing('hall', 'ben')
    await turn()
    expect(late.wire.frames).toEqual([])
  })

  it('asks storage for what their snapshot had and the bus never brought', async () => {
    const ann = await reader(0)
    fake.stored.push(event(1))
    await reader(1)
    await next(() => ann.seqs.length === 1)
  })

  it('resets one who came in under more than can be held', async () => {
    await reader(0)
    const late = new FakeDevice()
    let read = (_: Snapshot) => {}
    const answers: Snapshot[] = []
    const entering = hub.subscribe(late, 'hall', () => new Promise((resolve) => { read = resolve }), (_room, answer) => answers.push(answer))
    await turn()
    for (let seq = 1; seq <= 600; seq++) fake.publish(event(seq))
    await turn()
    read({ head: 0, events: [], reset: null })
    await entering
    expect(answers).toMatchObject([{ head: 600, events: [], reset: 'too-old' }])
    fake.publish(event(601))
    await next(() => late.seqs.length === 1)
    expect(late.seqs).toEqual([601])
  })

  it('asks the bus for no room that somebody is refused', async () => {
    const device = new FakeDevice()
    await expect(hub.subscribe(device, 'hall', () => Promise.reject(new Error('no')), () => {})).rejects.toThrow('no')
    await turn()
    expect(hub.size).toBe(0)
    expect(fake.asked).toEqual([])
  })

  it('reads once more what it read before the bus brought the room', async () => {
    const [device, reads] = [new FakeDevice(), [0, 1]]
    await hub.subscribe(device, 'hall', async () => ({ head: reads.shift()!, events: [], reset: null }), (_room, { head }) => device.send(JSON.stringify({ head })))
    expect(device.said).toEqual([{ head: 1 }])
  })

  it('refuses without a second look where others read the room already', async () => {
    await reader(0)
    let reads = 0
    await expect(hub.subscribe(new FakeDevice(), 'hall', () => Promise.reject(new Error(`no ${++reads}`)), () => {})).rejects.toThrow('no 1')
  })
})

describe('deletion', () => {
  const text = (device: FakeDevice) => JSON.stringify(device.wire.frames)

  it('never sends a text that is deleted in the same flush', async () => {
    const ann = await reader(0)
    fake.publish(event(1, { message: 'm1', data: { text: 'a secret', replyTo: null } }))
    fake.publish(event(2, { kind: 'edit', message: 'm1', data: { text: 'a secret, mended' } }))
    fake.publish(event(3, { kind: 'delete', message: 'm1', data: {} }))
    await turn()
    expect(ann.seqs).toEqual([1, 2, 3])
    expect(text(ann)).not.toContain('secret')
    expect(ann.wire.frames[0]!.data).toEqual({ deleted: true })
  })

  it('does not wait for a gap to be filled with that', async () => {
    const ann = await reader(0)
    fake.publish(event(1, { message: 'm1', data: { text: 'a secret', replyTo: null } }))
    fake.publish(event(3, { kind: 'delete', message: 'm1', data: {} }))
    await turn()
    expect(ann.seqs).toEqual([1])
    expect(text(ann)).not.toContain('secret')
  })

  it('takes it out of what a newcomer is told, too', async () => {
    await reader(0)
    const late = new FakeDevice()
    let read = (_: Snapshot) => {}
    const answers: Snapshot[] = []
    const entering = hub.subscribe(late, 'hall', () => new Promise((resolve) => { read = resolve }), (_room, answer) => answers.push(answer))
    await turn()
    const secret = event(1, { message: 'm1', data: { text: 'a secret', replyTo: null } })
    fake.publish(secret)
    await turn()
    fake.publish(event(2, { kind: 'delete', message: 'm1', data: {} }))
    await new Promise(resolve => setTimeout(resolve, 25))
    read({ head: 1, events: [secret], reset: null })
    await entering
    expect(answers[0]!.events.map(({ seq }) => seq)).toEqual([1, 2])
    expect(JSON.stringify(answers)).not.toContain('secret')
  })
})

describe('beside the stream', () => {
  it('counts what is unread for those who look elsewhere, not for readers', async () => {
    const [ben, cat] = [await reader(0), new FakeDevice()]
    ben.subscribed.add('hall')
    hub.watch(people.add({ id: 'ben', name: 'Ben', kind: 'member' }, ben), 'hall', 0)
    hub.watch(people.add({ id: 'cat', name: 'Cat', kind: 'member' }, cat), 'hall', 0)
    for (const seq of [1, 2, 3]) fake.publish(event(seq))
    await next(() => cat.said.length > 0)
    expect(cat.said).toEqual([{ type: 'room', room: 'hall', change: 'unread', unread: 3, readSeq: 1, head: 3, lastMessageAt: 3 }])
    expect(fake.unreadAsked).toEqual([['cat']])
    expect(ben.said.filter(frame => frame.type === 'room')).toEqual([])
  })

  it('says of no time where the last that happened was a deletion', async () => {
    const cat = new FakeDevice()
    hub.watch(people.add({ id: 'cat', name: 'Cat', kind: 'member' }, cat), 'hall', 0)
    fake.publish(event(1, { kind: 'delete', message: 'old', data: {} }))
    await next(() => cat.said.length > 0)
    expect(cat.said).toEqual([{ type: 'room', room: 'hall', change: 'unread', unread: 3, readSeq: 1, head: 1 }])
  })

  it('tells readers of a change, too, where no event does', async () => {
    const ben = await reader(0)
    ben.subscribed.add('hall')
    hub.watch(people.add({ id: 'ben', name: 'Ben', kind: 'member' }, ben), 'hall', 0)
    hub.control({ kind: 'room-changed', room: 'hall' })
    expect(ben.said.filter(frame => frame.type === 'room')).toEqual([])
    hub.control({ kind: 'room-changed', room: 'hall', silent: true })
    expect(ben.said.at(-1)).toEqual({ type: 'room', room: 'hall', change: 'renamed' })
  })

  it('does not count again and again for one who was told that there is more than is ever counted', async () => {
    const cat = new FakeDevice()
    fake.unread = 100
    hub.watch(people.add({ id: 'cat', name: 'Cat', kind: 'member' }, cat), 'hall', 0)
    vi.useFakeTimers()
    try {
      fake.publish(event(1))
      await vi.advanceTimersByTimeAsync(1_100)
      for (let seq = 2; seq < 6; seq++) {
        fake.publish(event(seq))
        await vi.advanceTimersByTimeAsync(1_100)
      }
      expect(cat.said).toHaveLength(1)
      hub.control({ kind: 'read', room: 'hall', user: 'cat', readSeq: 5 })
      fake.publish(event(6))
      await vi.advanceTimersByTimeAsync(1_100)
      expect(cat.said).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('tells of a room that somebody joins', async () => {
    const ben = await reader(0)
    people.add({ id: 'ben', name: 'Ben', kind: 'member' }, ben)
    fake.publish(event(1, { kind: 'join', author: 'ben', data: { role: 'member' } }))
    expect(ben.said.at(-1)).toEqual({ type: 'room', room: 'hall', change: 'added' })
  })

  it('spares a slow reader what passes, and ends one that does not read', async () => {
    const [ann, slow, dead] = [await reader(0), await reader(0), await reader(0)]
    slow.wire.backlog = 300 * 1024
    dead.wire.backlog = 2 * 1024 * 1024
    fake.publish(event(1))
    fake.typing('hall', 'cat')
    await turn()
    expect(ann.wire.frames.map(frame => frame.type)).toEqual(['event', 'typing'])
    expect(slow.wire.frames.map(frame => frame.type)).toEqual(['event'])
    expect(dead.wire.frames).toEqual([])
    expect([ann.slow, slow.slow, dead.slow]).toEqual([false, false, true])
  })

  it('names the people who come', async () => {
    const ann = await reader(0)
    fake.presence({ room: 'hall', version: 1, online: 2, joined: ['cat'], left: [] })
    await next(() => ann.wire.frames.length === 2)
    expect(ann.wire.frames).toEqual([
      { type: 'presence', room: 'hall', version: 1, online: 2, joined: ['cat'], left: [] },
      { type: 'people', users: [{ id: 'cat', name: 'cat', kind: 'member' }] }
    ])
  })

  it('names everybody when a room is small enough for names again, and from then on whoever comes and goes', async () => {
    const ann = await reader(0)
    const seen = () => ann.wire.frames.filter(frame => frame.type === 'presence')
    const users = Array.from({ length: 100 }, (_, n) => `user${n}`)
    fake.presence({ room: 'hall', version: 1, online: 101, joined: ['late'], left: [] })
    await next(() => seen().length === 1)
    expect(seen()[0]).toEqual({ type: 'presence', room: 'hall', version: 1, online: 101 })
    Object.assign(fake.online, { version: 2, online: 100, users })
    fake.presence({ room: 'hall', version: 2, online: 100, joined: [], left: ['late'] })
    await next(() => seen().length === 2)
    expect(seen()[1]).toEqual({ type: 'presence', room: 'hall', version: 2, online: 100, users })
    expect(ann.wire.frames.find(frame => frame.type === 'people')).toMatchObject({ users: users.map(id => ({ id })) })
    fake.presence({ room: 'hall', version: 3, online: 99, joined: [], left: ['user0'] })
    await next(() => seen().length === 3)
    expect(seen()[2]).toEqual({ type: 'presence', room: 'hall', version: 3, online: 99, joined: [], left: ['user0'] })
  })

  it('tells no older names of a room after newer ones', async () => {
    const ann = await reader(0)
    const seen = () => ann.wire.frames.filter(frame => frame.type === 'presence')
    fake.presence({ room: 'hall', version: 1, online: 101, joined: [], left: [] })
    let read = (_: Online) => {}
    fake.ports.coordination.online = () => new Promise((resolve) => { read = resolve })
    fake.presence({ room: 'hall', version: 2, online: 100, joined: [], left: ['cat'] })
    fake.presence({ room: 'hall', version: 3, online: 101, joined: ['cat'], left: [] })
    read({ version: 2, online: 100, users: ['ann'] })
    await next(() => seen().length === 2)
    await turn()
    fake.typing('hall', 'cat')
    await next(() => ann.wire.frames.some(frame => frame.type === 'typing'))
    expect(seen().map(({ version }) => version)).toEqual([1, 3])
  })

  it('keeps the bus for a while after the last one left', async () => {
    const ann = await reader(0)
    hub.leave(ann, hub.get('hall')!)
    hub.sweep(performance.now() + 9_000)
    expect(fake.subscribed('hall')).toBe(true)
    hub.sweep(performance.now() + 11_000)
    await turn()
    expect(fake.subscribed('hall')).toBe(false)
  })

  it('reaches thousands in slices, and everybody once', async () => {
    const readers = await Promise.all(Array.from({ length: 1_200 }, () => reader(0)))
    fake.publish(event(1))
    await new Promise<void>(resolve => setImmediate(resolve))
    const first = readers.filter(device => device.seqs.length > 0).length
    expect(first).toBeLessThan(1_200)
    fake.publish(event(2))
    await next(() => readers.every(device => device.seqs.length === 2))
    expect(readers.every(device => device.seqs[0] === 1)).toBe(true)
  })
})
