import { describe, expect, it } from 'vitest'
import { beginPage, createTimeline, endPage, markUnread, readAll, receive, reset, setChanges, takePage, windowRules } from '~/utils/timeline'
import type { Change, OutboxFrame, Timeline } from '~/utils/timeline-types'
import { createHistory, room } from './history'

const texts = (t: Timeline) => t.rows.map(row => row.text)

function opened(history: ReturnType<typeof createHistory>, limit?: number, me: string | null = 'me') {
  const t = createTimeline(room, me)
  const window = beginPage(t)
  expect(takePage(t, history.page(limit), 'replace', window)).toBe('taken')
  endPage(t)
  return t
}

const mine = (frame: OutboxFrame, more: Partial<Change> = {}): Change => ({ frame, at: 5, state: 'pending', error: null, answer: null, ...more })
const send = (nonce: string, text: string): OutboxFrame => ({ type: 'send', room, nonce, text })

describe('events in order', () => {
  it('applies the next, drops what it has, and moves its position', () => {
    const h = createHistory()
    h.say('a')
    const t = opened(h)
    const b = h.say('b')
    expect(receive(t, b)).toBe('applied')
    expect(receive(t, b)).toBe('old')
    expect(t.position).toEqual({ epoch: 'epoch', seq: 2 })
    expect(texts(t)).toEqual(['text of a', 'text of b'])
  })

  it('holds what is beyond a hole, asks once, and applies it when the hole is filled', () => {
    const h = createHistory()
    const t = opened(h)
    const [a, b, c, d] = [h.say('a'), h.say('b'), h.say('c'), h.say('d')]
    expect(receive(t, c)).toBe('ask')
    expect(receive(t, d)).toBe('held')
    expect(t.rows).toEqual([])
    expect(receive(t, a)).toBe('applied')
    expect(t.asking).toBe(true)
    expect(receive(t, b)).toBe('applied')
    expect(texts(t)).toEqual(['text of a', 'text of b', 'text of c', 'text of d'])
    expect(t).toMatchObject({ asking: false, held: [] })
    const f = (h.say('e'), h.say('f'))
    expect(receive(t, f)).toBe('ask')
  })

  it('shows edits, reactions and deletions as resulting states', () => {
    const h = createHistory()
    h.say('a')
    const t = opened(h)
    receive(t, h.edit('a', 'better'))
    receive(t, h.react('a', '👍', true, 1, 'ben'))
    receive(t, h.react('a', '👍', true, 2, 'me'))
    expect(t.rows[0]).toMatchObject({ text: 'better', editedAt: 1_001, reactions: [{ emoji: '👍', count: 2, users: ['ben', 'me'], mine: true }] })
    receive(t, h.react('a', '👍', false, 1, 'me'))
    expect(t.rows[0]?.reactions).toEqual([{ emoji: '👍', count: 1, users: ['ben'], mine: false }])
    receive(t, h.erase('a'))
    expect(t.rows[0]).toMatchObject({ text: '', deletedAt: 1_005, reactions: [] })
  })
})

describe('page, then stream', () => {
  it('does not apply an event that the page already shows', () => {
    const h = createHistory()
    h.say('a')
    const t = opened(h)
    const edit = h.edit('a', 'first')
    h.edit('a', 'second')
    const window = beginPage(t)
    takePage(t, h.page(), 'before', window)
    endPage(t)
    expect(t.rows[0]?.text).toBe('second')
    expect(receive(t, edit)).toBe('applied')
    expect(t.rows[0]?.text).toBe('second')
  })

  it('remembers a change to a row that is still in flight', () => {
    const h = createHistory()
    for (const id of ['a', 'b', 'c']) h.say(id)
    const t = opened(h, 1)
    const window = beginPage(t)
    const older = h.page(2, { before: 3 })
    receive(t, h.edit('a', 'changed meanwhile'))
    receive(t, h.erase('b'))
    expect(takePage(t, older, 'before', window)).toBe('taken')
    endPage(t)
    expect(texts(t)).toEqual(['changed meanwhile', '', 'text of c'])
    expect(JSON.stringify(t)).not.toContain('text of b')
    expect(t.remembered).toEqual([])
  })

  it('adds messages that came while the first page was on its way, with what happened to them', () => {
    const h = createHistory()
    h.say('a')
    const t = opened(h)
    const window = beginPage(t)
    const page = h.page()
    receive(t, h.say('b'))
    receive(t, h.edit('b', 'b, better'))
    expect(takePage(t, page, 'replace', window)).toBe('taken')
    endPage(t)
    expect(texts(t)).toEqual(['text of a', 'b, better'])
    expect(t.position?.seq).toBe(3)
  })

  it('asks again from the page when it is older than what is remembered', () => {
    const h = createHistory()
    h.say('a')
    const old = h.page()
    h.edit('a', 'newer')
    const t = opened(h)
    expect(takePage(t, old, 'replace', beginPage(t))).toBe('ask')
    expect(t.position?.seq).toBe(1)
    for (const event of h.after(1)) receive(t, event)
    expect(texts(t)).toEqual(['newer'])
  })

  it('refuses a page of a window or an epoch that is gone', () => {
    const h = createHistory()
    for (const id of ['a', 'b', 'c']) h.say(id)
    const t = opened(h, 1)
    const window = beginPage(t)
    const older = h.page(2, { before: 3 })
    takePage(t, h.page(1), 'replace', beginPage(t))
    expect(takePage(t, older, 'before', window)).toBe('stale')
    const restored = createHistory('restored')
    restored.say('x')
    expect(takePage(t, restored.page(), 'before', t.window)).toBe('stale')
    expect(takePage(t, restored.page(), 'replace', t.window)).toBe('taken')
    expect(t.position).toEqual({ epoch: 'restored', seq: 1 })
    expect(texts(t)).toEqual(['text of x'])
  })
})

describe('a window away from the end', () => {
  it('keeps new messages outside, applies changes inside, and joins the end again', () => {
    const h = createHistory()
    for (let n = 1; n <= 20; n++) h.say(`m${n}`)
    const t = opened(h, 4)
    takePage(t, h.page(4, { around: 5 }), 'replace', beginPage(t))
    endPage(t)
    expect(t).toMatchObject({ moreAfter: true, moreBefore: true })
    expect(t.rows.map(row => row.id)).toEqual(['m4', 'm5', 'm6', 'm7'])
    receive(t, h.say('m21'))
    receive(t, h.edit('m5', 'five'))
    expect(texts(t)).toEqual(['text of m4', 'five', 'text of m6', 'text of m7'])
    const window = beginPage(t)
    const page = h.page(40, { around: 7 })
    receive(t, h.say('m23'))
    takePage(t, page, 'after', window)
    endPage(t)
    expect(t.moreAfter).toBe(false)
    expect(t.rows.at(-1)?.id).toBe('m23')
    expect(t.rows.filter(row => row.id === 'm5')).toHaveLength(1)
  })

  it('keeps at most so many rows for a reader at the end, and drops none before', () => {
    const h = createHistory()
    const t = opened(h)
    for (let n = 0; n < windowRules.atEnd + 1; n++) receive(t, h.say(`m${n}`))
    expect(t.rows).toHaveLength(windowRules.atEnd + 1)
    readAll(t)
    expect(t.rows).toHaveLength(windowRules.atEnd - windowRules.step)
    expect(Object.keys(t.truth)).toHaveLength(t.rows.length)
    expect(t.moreBefore).toBe(true)
  })
})

describe('deleted text', () => {
  it('is nowhere: not in rows, quotes, held or remembered events, nor in my edits of it', () => {
    const h = createHistory()
    h.say('a', 'secret one')
    const t = opened(h)
    setChanges(t, [mine({ type: 'edit', room, nonce: 'n', message: 'a', text: 'secret three' })])
    beginPage(t)
    receive(t, h.say('b', 'an answer', { replyTo: 'a' }))
    receive(t, h.edit('a', 'secret two'))
    h.say('lost')
    receive(t, h.edit('a', 'secret four'))
    expect(JSON.stringify(t)).toContain('secret two')
    expect(receive(t, h.erase('a'))).toBe('held')
    expect(JSON.stringify(t)).not.toContain('secret')
    expect(t.rows[1]?.quoted).toMatchObject({ id: 'a', text: '' })
  })

  it('is not in a quoted message beyond the window', () => {
    const h = createHistory()
    h.say('a', 'secret')
    h.say('b', 'an answer', { replyTo: 'a' })
    const t = opened(h, 1)
    expect(t.rows[0]?.quoted?.text).toBe('secret')
    receive(t, h.erase('a'))
    expect(JSON.stringify(t)).not.toContain('secret')
  })
})

describe('my own changes', () => {
  it('are one row under one key from the first frame to the last', () => {
    const h = createHistory()
    h.say('a')
    const t = opened(h)
    setChanges(t, [mine(send('nonce-of-mine-001', 'hello'))])
    const row = t.rows[1]
    expect(row).toMatchObject({ key: 'me:nonce-of-mine-001', state: 'pending', seq: Infinity })
    receive(t, h.say('b'))
    expect(texts(t)).toEqual(['text of a', 'text of b', 'hello'])
    setChanges(t, [mine(send('nonce-of-mine-001', 'hello'), { state: 'sent', answer: { seq: 4, at: 9, message: 'c' } })])
    expect(t.position?.seq).toBe(2)
    expect(t.rows[2]).toMatchObject({ state: 'sent', seq: 4, id: 'c' })
    receive(t, h.say('x'))
    expect(texts(t)).toEqual(['text of a', 'text of b', 'text of x', 'hello'])
    receive(t, h.say('c', 'hello', { author: 'me', nonce: 'nonce-of-mine-001' }))
    expect(t.rows).toHaveLength(4)
    expect(t.rows[3]).toBe(row)
    expect(row).toMatchObject({ key: 'me:nonce-of-mine-001', state: 'sent', id: 'c', seq: 4 })
    expect(t.changes).toEqual([])
  })

  it('are shown on a message at once, and rolled back with the reason when they fail', () => {
    const h = createHistory()
    h.say('a', 'before', { author: 'me' })
    const t = opened(h)
    const edit: OutboxFrame = { type: 'edit', room, nonce: 'n1', message: 'a', text: 'after' }
    const react: OutboxFrame = { type: 'react', room, nonce: 'n2', message: 'a', emoji: '👍', on: true }
    setChanges(t, [mine(edit), mine(react)])
    expect(t.rows[0]).toMatchObject({ state: 'pending', text: 'after', reactions: [{ emoji: '👍', count: 1, mine: true }] })
    setChanges(t, [mine(edit, { state: 'failed', error: { code: 'forbidden', message: 'No.' } })])
    expect(t.rows[0]).toMatchObject({ state: 'failed', text: 'before', reactions: [], error: { code: 'forbidden' } })
    setChanges(t, [mine(edit, { state: 'sent', answer: { seq: 2 } })])
    expect(t.rows[0]).toMatchObject({ state: 'sent', text: 'after', error: null })
    receive(t, h.edit('a', 'after', 'me'))
    expect(t.rows[0]).toMatchObject({ text: 'after', state: 'sent' })
    expect(t.changes).toEqual([])
  })

  it('are not doubled by a page that already has them, and survive a reset', () => {
    const h = createHistory()
    h.say('a', 'hello', { author: 'me', nonce: 'nonce-of-mine-001' })
    const t = createTimeline(room, 'me')
    setChanges(t, [mine(send('nonce-of-mine-001', 'hello')), mine(send('nonce-of-mine-002', 'and'))])
    takePage(t, h.page(), 'replace', beginPage(t))
    expect(texts(t)).toEqual(['hello', 'and'])
    reset(t)
    expect(t.position).toBeNull()
    expect(texts(t)).toEqual(['hello', 'and'])
  })
})

it('puts the "New" line above the first message of others that was not read', () => {
  const h = createHistory()
  h.say('a')
  h.say('b', 'mine', { author: 'me' })
  h.say('c')
  const t = opened(h)
  t.readSeq = 1
  markUnread(t)
  expect(t.firstUnreadSeq).toBe(3)
})
