import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RoomEvent } from '#shared/types'
import { beginPage, createTimeline, endPage, receive, takePage } from '~/utils/timeline'
import type { Timeline } from '~/utils/timeline-types'
import { createHistory, room } from './history'

/** What happens next: the history grows, the line delivers, loses, repeats or swaps frames, breaks and comes back, or a page is read. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), reply: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('edit' as const, 'erase' as const, 'react' as const), pick: fc.nat() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('deliver' as const, 'lose' as const, 'repeat' as const), pick: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reconnect' as const, 'page' as const, 'answer' as const) }) }
)

const seen = (t: Timeline) => t.rows.map(({ id, seq, rev, author, text, deletedAt, editedAt, reactions, quoted }) =>
  ({ id, seq, rev, author, text, deletedAt, editedAt, reactions, quoted: quoted && { id: quoted.id, text: quoted.text } }))

it('ends in the same rows as applying the events in order, whatever the line does', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (steps, limit) => {
    const h = createHistory()
    for (let n = 0; n < 3; n++) h.say(`start${n}`)
    const t = createTimeline(room, 'me')
    takePage(t, h.page(limit), 'replace', beginPage(t))
    endPage(t)
    let line: RoomEvent[] = []
    let flight: { page: ReturnType<typeof h.page>, window: number } | null = null
    const heads = () => Object.keys(t.truth)
    const subscribe = () => { line = h.after(t.position?.seq ?? 0) }
    const hear = (event: RoomEvent | undefined) => { if (event && receive(t, structuredClone(event)) === 'ask') subscribe() }
    const land = () => {
      if (flight && takePage(t, flight.page, 'before', flight.window) === 'ask') subscribe()
      if (flight) endPage(t)
      flight = null
    }

    for (const s of steps) {
      const all = h.messages()
      const target = 'pick' in s ? all[s.pick % all.length]?.id ?? '' : ''
      const alive = all.some(message => message.id === target && message.deletedAt === null)
      if (s.do === 'say') line.push(h.say(`m${h.head()}`, `text ${h.head()}`, { author: h.head() % 3 ? 'ann' : 'me', ...(s.reply && { replyTo: heads()[0] }) }))
      if (s.do === 'edit' && alive) line.push(h.edit(target, `edit ${h.head()}`))
      if (s.do === 'erase' && alive) line.push(h.erase(target))
      if (s.do === 'react' && alive) line.push(h.react(target, '👍', true, 1 + s.pick % 3, 'ben'))
      if (s.do === 'deliver') hear(line.splice(s.pick % Math.max(1, line.length), 1)[0])
      if (s.do === 'lose') line.splice(s.pick % Math.max(1, line.length), 1)
      if (s.do === 'repeat') hear(line[s.pick % Math.max(1, line.length)])
      if (s.do === 'reconnect') {
        t.asking = false
        subscribe()
      }
      const first = t.rows[0]?.seq
      if (s.do === 'page' && !flight && t.moreBefore && first) flight = { window: beginPage(t), page: h.page(limit, { before: first }) }
      if (s.do === 'answer') land()
    }
    land()
    t.asking = false
    subscribe()
    while (line.length > 0) hear(line.shift())

    const plain = createTimeline(room, 'me')
    plain.position = { epoch: 'epoch', seq: 0 }
    for (const event of h.after(0)) receive(plain, event)
    const first = t.rows[0]?.seq ?? 0
    expect(seen(t)).toEqual(seen(plain).filter(row => row.seq >= first))
    expect(t).toMatchObject({ position: { seq: h.head() }, held: [], remembered: [] })
    const kept = JSON.stringify(t)
    for (const message of h.messages()) if (message.deletedAt !== null) expect(kept).not.toContain(`"text of ${message.id}"`)
  }), { numRuns: 300 })
})
