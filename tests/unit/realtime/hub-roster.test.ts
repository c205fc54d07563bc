import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../../server/realtime/room'
import { event, FakeDevice, turn } from './fakes'
import { eachWithHub, fake, hub, next, people, reader, snapshot } from './hub.fixture'

eachWithHub()

describe('the roster', () => {
  const here = (device: FakeDevice, id = 'ben') => people.add({ id, name: id, kind: 'member' }, device)

  const ends = (seq: number) => [
    ['leaves', event(seq, { kind: 'leave', author: 'ben', data: {} })],
    ['is removed', event(seq, { kind: 'member', data: { user: 'ben', role: null, banned: false } })],
    ['is banned', event(seq, { kind: 'member', data: { user: 'ben', role: 'member', banned: true } })]
  ] as const

  it.each(ends(2))('sends nothing beyond to one who %s', async (_, gone) => {
    const [ann, ben] = [await reader(0), await reader(0)]
    hub.watch(here(ben), 'hall', 0)
    for (const some of [event(1), gone, event(3)]) fake.publish(some)
    await next(() => ann.seqs.length === 3)
    expect(ben.seqs).toEqual([1, 2])
    expect(ben.drops).toEqual(['hall access'])
    expect(ben.said.at(-1)).toEqual({ type: 'room', room: 'hall', change: 'removed' })
  })

  it('says nothing of a room to one who is banned from it, and let in again, without ever having been inside', async () => {
    const [ann, eve] = [await reader(0), new FakeDevice()]
    here(eve, 'eve')
    for (const [seq, banned] of [[1, true], [2, false]] as const) fake.publish(event(seq, { kind: 'member', data: { user: 'eve', role: null, banned } }))
    await next(() => ann.seqs.length === 2)
    expect(eve.said).toEqual([])
  })

  it('keeps one whose role changes', async () => {
    const ben = await reader(0)
    here(ben)
    fake.publish(event(1, { kind: 'member', data: { user: 'ben', role: 'moderator', banned: false } }))
    fake.publish(event(2))
    await turn()
    expect(ben.seqs).toEqual([1, 2])
  })

  it.each(ends(1))('asks again for the right of one who %s while coming in', async (_, gone) => {
    await reader(0)
    const ben = new FakeDevice()
    here(ben)
    const reads: ((_: Snapshot) => void)[] = []
    const entering = hub.subscribe(ben, 'hall', () => new Promise((resolve, reject) => {
      if (reads.push(resolve) === 2) reject(new Error('not there'))
    }), () => { throw new Error('it was let in') })
    await turn()
    fake.publish(gone)
    await turn()
    reads[0]!({ head: 0, events: [], reset: null })
    await expect(entering).rejects.toThrow('not there')
    fake.publish(event(2))
    await turn()
    expect(ben.seqs).toEqual([])
  })

  it('does not take out one whose snapshot is of after they came back', async () => {
    await reader(0)
    const ben = await reader(3)
    here(ben)
    for (const some of [event(1, { kind: 'leave', author: 'ben', data: {} }), event(2, { kind: 'join', author: 'ben', data: { role: 'member' } }), event(3), event(4)]) fake.publish(some)
    await next(() => ben.seqs.length > 0)
    expect(ben.seqs).toEqual([4])
    expect(ben.drops).toEqual([])
  })

  it('tells readers and watchers of a deleted room once', async () => {
    const [ben, cat] = [await reader(0), new FakeDevice()]
    hub.watch(here(ben), 'hall', 0)
    hub.watch(here(cat, 'cat'), 'hall', 0)
    hub.control({ kind: 'room-deleted', room: 'hall' })
    await turn()
    expect(ben.drops).toEqual(['hall deleted'])
    expect(ben.said.filter(frame => frame.type === 'room')).toEqual([])
    expect(cat.said).toEqual([{ type: 'room', room: 'hall', change: 'deleted' }])
    expect(fake.subscribed('hall')).toBe(false)
  })
})

describe('a room whose settings may end the right to read', () => {
  const described = (seq: number, recheck: boolean) => event(seq, { kind: 'room', data: { name: 'Hall', recheck } })

  it('sends nothing beyond to one whose right is not read again', async () => {
    const ann = await reader(0)
    fake.publish(described(1, true))
    fake.publish(event(2))
    await turn()
    expect(ann.rechecks).toEqual(['hall 1'])
    expect(ann.seqs).toEqual([1])
  })

  it('goes on without a hole for one who may still read', async () => {
    const ann = await reader(0)
    let allowed = () => {}
    const asked = new Promise<void>((resolve) => { allowed = resolve })
    ann.recheck = (_room, seq) => void hub.subscribe(ann, 'hall', async () => {
      await asked
      return { head: 2, events: [event(2)], reset: null }
    }, (_, { events }) => ann.send(JSON.stringify({ after: seq, again: events.map(event => event.seq) })))
    fake.publish(described(1, true))
    fake.publish(event(2))
    fake.publish(event(3))
    await turn()
    expect(ann.seqs).toEqual([1])
    allowed()
    await next(() => ann.said.length === 2)
    expect(ann.said[1]).toEqual({ after: 1, again: [2, 3] })
    fake.publish(event(4))
    await next(() => ann.seqs.length === 2)
    expect(ann.seqs).toEqual([1, 4])
  })

  it('reads the right of one who is just coming in once more', async () => {
    await reader(0)
    let reads = 0
    const device = new FakeDevice()
    const coming = hub.subscribe(device, 'hall', async () => {
      if (reads++ === 0) fake.publish(described(1, true))
      await turn()
      return { head: 1, events: [], reset: null }
    }, () => {})
    await coming
    expect(reads).toBe(2)
  })

  it('leaves everybody in peace where nobody can have lost it', async () => {
    const ann = await reader(0)
    fake.publish(described(1, false))
    fake.publish(event(2, { kind: 'room', data: { name: 'Hall', topic: '', archivedAt: null } }))
    fake.publish(event(3))
    await next(() => ann.seqs.length === 3)
    expect(ann.rechecks).toEqual([])
  })

  it('tells one who has joined and stands there no longer, and counts nothing more for them', async () => {
    const device = new FakeDevice()
    const here = people.add({ id: 'ben', name: 'Ben', kind: 'member' }, device)
    hub.watch(here, 'hall', 0)
    fake.standing.delete('ben')
    fake.publish(described(1, true))
    await next(() => device.said.some(frame => frame.change === 'removed'))
    expect(here.rooms.has('hall')).toBe(false)
  })

  it('lets one who asks for it themselves meanwhile in once', async () => {
    const ann = await reader(0)
    const answers: string[] = []
    const first = hub.subscribe(ann, 'hall', snapshot(0), () => answers.push('first')).catch(() => answers.push('refused'))
    const second = hub.subscribe(ann, 'hall', snapshot(0), () => answers.push('second'))
    await Promise.all([first, second])
    expect(answers).toEqual(['second', 'refused'])
    fake.publish(event(1))
    await turn()
    expect(ann.seqs).toEqual([1])
  })
})
