import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { limits } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import type { Append } from '../../../server/core/ports'
import { openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let ann: Identity
const at = (seq: number) => ({ epoch: t.ports.storage.epoch, seq })

beforeAll(async () => {
  t = await openTestChat()
  ann = await t.person('Ann')
})
afterAll(() => t.close())

async function roomWith(count: number, text = 'x'): Promise<{ room: string, head: number }> {
  await t.ports.coordination.forget(`room-create:${ann.person.id}`)
  const { id: room } = await t.chat.rooms.create(ann, { name: 'A room', topic: '' })
  await t.ports.storage.append(Array.from({ length: count }, (_, i): Append => ({
    room, author: ann.person.id, nonce: null, at: 0, requires: [], effects: [{ do: 'post', message: `${room}-${i}`, text, replyTo: null }]
  })))
  return { room, head: (await t.chat.rooms.get(ann, { id: room })).seq }
}

describe('a replay', () => {
  it('without a position gives the head and no events', async () => {
    const { room, head } = await roomWith(3)
    expect(await t.chat.replay(ann, room)).toEqual({ head, events: [], reset: null })
  })

  it('gives what came after the position, in order and without a gap', async () => {
    const { room, head } = await roomWith(5)
    const { events, reset, head: to } = await t.chat.replay(ann, room, at(head - 3))
    expect([events.map(event => event.seq), reset, to]).toEqual([[head - 2, head - 1, head], null, head])
    expect(await t.chat.replay(ann, room, at(head))).toEqual({ head, events: [], reset: null })
  })

  it('of another history is a reset', async () => {
    const { room, head } = await roomWith(1)
    expect(await t.chat.replay(ann, room, { epoch: 'another', seq: head })).toEqual({ head, events: [], reset: 'epoch' })
  })

  it('from beyond the head is a reset', async () => {
    const { room, head } = await roomWith(1)
    expect(await t.chat.replay(ann, room, at(head + 1))).toEqual({ head, events: [], reset: 'ahead' })
  })

  it('of 500 events is given, of one more is a reset', async () => {
    const { room, head } = await roomWith(limits.replayEvents + 1)
    expect((await t.chat.replay(ann, room, at(head - limits.replayEvents))).events).toHaveLength(limits.replayEvents)
    expect(await t.chat.replay(ann, room, at(head - limits.replayEvents - 1))).toEqual({ head, events: [], reset: 'too-old' })
  })

  it('reads from storage no more than it may give: nothing, where that is too much', async () => {
    const { room, head } = await roomWith(limits.replayEvents + 1, 'x'.repeat(2_000))
    const read = vi.spyOn(t.ports.storage, 'replay')
    for (const [behind, reset] of [[limits.replayEvents + 1, 'too-old'], [limits.replayEvents, 'too-old'], [10, null]] as const) {
      expect(await t.chat.replay(ann, room, at(head - behind))).toMatchObject({ reset })
    }
    const given = await Promise.all(read.mock.results.map(async ({ value }) => (await value as { events: unknown[] }).events.length))
    read.mockRestore()
    expect(given[0]).toBe(0)
    expect(given[1]! * 2_000).toBeLessThan(limits.replayBytes + 3_000)
    expect(given[2]).toBe(10)
  })

  it('counts bytes, not characters', async () => {
    const text = '€'.repeat(2_000)
    const { room, head } = await roomWith(60, text)
    expect(60 * text.length).toBeLessThan(limits.replayBytes)
    expect(await t.chat.replay(ann, room, at(head - 60))).toEqual({ head, events: [], reset: 'too-old' })
    expect((await t.chat.replay(ann, room, at(head - 10))).events).toHaveLength(10)
  })

  it('is refused alike in a room that is not there and one that may not be read, whatever the position', async () => {
    const bob = await t.person('Bob')
    const { room, head } = await roomWith(1)
    await t.ports.storage.append([{ room, author: ann.person.id, nonce: null, at: 0, requires: [], effects: [{ do: 'remove', user: bob.person.id, ban: true }] }])
    const refused = (where: string, seq?: number) => t.chat.replay(bob, where, seq === undefined ? undefined : at(seq)).catch(error => error.toJSON())
    for (const seq of [undefined, head, head + 10]) expect(await refused(room, seq)).toEqual(await refused('nowhere', seq))
    expect(await refused(room)).toMatchObject({ code: 'not_found' })
    await expect(t.chat.replay(bob, room, { epoch: 'another', seq: 1 })).rejects.toMatchObject({ code: 'not_found' })
    await expect(t.chat.replay(null, room)).rejects.toMatchObject({ code: 'not_found' })
  })
})
