import { expect, it } from 'vitest'
import type { RoomEvent } from '../../../shared/types'
import type { Entry, Happening, Stored } from '../../chaos/log'
import { check, type Rule } from '../../chaos/rules'

const room = 'hall'
const [ann, bob] = [{ device: 'a', person: 'ann', room }, { device: 'b', person: 'bob', room }]
const message = (seq: number, author = 'ann'): RoomEvent =>
  ({ room, seq, at: 0, author, nonce: `n${seq}`, kind: 'message', message: `m${seq}`, data: { text: `text ${seq}`, replyTo: null } })
const left = (seq: number, person = 'bob'): RoomEvent => ({ room, seq, at: 0, author: person, nonce: null, kind: 'leave', data: {} })
const banned = (seq: number): RoomEvent => ({ room, seq, at: 0, author: 'ann', nonce: null, kind: 'member', data: { user: 'bob', role: null, banned: true, mutedUntil: null } })
const joined = (seq: number): RoomEvent => ({ room, seq, at: 0, author: 'bob', nonce: null, kind: 'join', data: { role: 'member', cameBy: 'self' } })
const madePrivate = (seq: number): RoomEvent => ({
  room, seq, at: 0, author: 'ann', nonce: null, kind: 'room',
  data: { name: 'Hall', topic: '', visibility: 'private', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null, recheck: true }
})

const ok = (seq: number, nonce = `n${seq}`): Happening => ({ what: 'ok', ...ann, nonce, seq })
const page = (seq: number, who = bob): Happening => ({ what: 'page', ...who, seq })
const applied = (seq: number, change: Partial<Extract<Happening, { what: 'applied' }>['event']> = {}, who = bob): Happening =>
  ({ what: 'applied', ...who, event: { seq, kind: 'message', author: 'ann', nonce: `n${seq}`, message: `m${seq}`, ...change } })
const received = (seq: number): Happening => ({ what: 'received', ...bob, line: 1, seq })
const subscribe = (request: number): Happening => ({ what: 'subscribe', ...bob, line: 1, request })
const subscribed = (request: number, head: number): Happening => ({ what: 'subscribed', ...bob, line: 1, request, head })
const expectHead = (head: number): Happening => ({ what: 'expect', why: 'test', within: 100, heads: { [room]: head }, devices: [bob] })
const rung: Happening = { what: 'rung', room, within: 15, devices: ['a', 'b'] }
const stopped = (code: number | null, took = 5): Happening => ({ what: 'stopped', instance: 0, code, took })
const locked = (over: boolean): Happening => ({ what: 'fault', name: 'locked', part: 'storage', over })
const hanging = (over: boolean): Happening => ({ what: 'fault', name: 'hanging', part: 'redis', over })
const reset: Happening = { what: 'reset', ...bob, reason: 'too-old' }
const shown = (rows: Stored['messages'], waiting = 0): Happening => ({ what: 'shown', ...bob, seq: 9, rows, waiting })
const row = (seq: number) => ({ key: `ann:n${seq}`, id: `m${seq}`, seq, text: `text ${seq}`, deleted: false, reactions: '' })

/** One happening every 10 ms. */
function rulesOf(happenings: Happening[], events: RoomEvent[] = [message(1), message(2), message(3)]): Rule[] {
  const log: Entry[] = happenings.map((happening, index) => ({ at: index * 10, ...happening }))
  const messages = events.filter(event => event.kind === 'message').map(event => row(event.seq))
  return [...new Set(check({ log, stored: new Map([[room, { events, messages }]]) }).map(({ rule }) => rule))]
}

it.each<[string, Rule[], Happening[], RoomEvent[]?]>([
  ['all is well', [], [ok(1), ok(2), page(0), applied(1), applied(2), applied(3), expectHead(3), shown([row(1), row(2), row(3)])]],
  ['a retry gets the same answer', [], [ok(2), ok(2)]],
  ['an acknowledged change is not stored', ['acknowledged-loss'], [ok(4)]],
  ['an acknowledgement names another seq', ['honest-ok'], [ok(3, 'n2')]],
  ['two acknowledgements of one change differ', ['honest-ok'], [ok(2), ok(1, 'n2')]],
  ['two changes have one seq', ['honest-ok', 'order'], [ok(2), ok(2, 'n1')]],
  ['what was applied is not stored', ['phantom'], [page(3), applied(4)]],
  ['what was applied is stored otherwise', ['phantom'], [page(0), applied(1, { author: 'bob' })]],
  ['two devices see another event', ['phantom', 'order'], [page(0), page(0, ann), applied(1, {}, ann), applied(1, { nonce: 'x' })]],
  ['an event is applied twice', ['duplicate'], [page(0), applied(1), applied(2), applied(1)]],
  ['what a page had is applied again', ['order'], [page(2), applied(1)]],
  ['a page starts over', [], [page(0), applied(1), applied(2), page(0), applied(1)]],
  ['a seq is passed over', ['skip'], [page(0), applied(1), applied(3)]],
  ['what one wrote is told to the other at once', [], [page(0, ann), page(0), applied(1, {}, ann), applied(1), applied(2, {}, ann), applied(2), rung]],
  ['it is told only later', ['doorbell'], [page(0, ann), page(0), applied(1, {}, ann), applied(2, {}, ann), applied(3, {}, ann), applied(1), applied(2), applied(3), rung]],
  ['it is never told', ['doorbell'], [page(0, ann), page(0), applied(1, {}, ann), applied(2, {}, ann), rung]],
  ['nobody wrote', ['doorbell'], [rung]],
  ['an instance stops when it is told to', [], [stopped(0)]],
  ['an instance does not stop in time', ['stop'], [stopped(0), stopped(1)]],
  ['storage is broken until an instance gives up', [], [locked(false), stopped(1, 9_005)]],
  ['storage was broken for a while, and an instance gives up', [], [locked(false), locked(true), stopped(1, 9_005)]],
  ['storage is broken, and an instance gives up before its time', ['stop'], [locked(false), stopped(1, 8_000)]],
  ['storage is broken only afterwards', ['stop'], [stopped(1, 9_005), locked(false)]],
  ['Redis is broken, and an instance gives up', ['stop'], [hanging(false), stopped(1, 9_005)]],
  ['an instance is killed before it has stopped', ['stop'], [stopped(null)]],
  ['a reset without a page', ['skip', 'resets'], [page(0), applied(1), reset, applied(3)]],
  ['a reset with a page', [], [page(0), applied(1), reset, page(2), applied(3)]],
  ['resets without an end', ['resets'], [reset, page(1), reset, page(1), reset, page(1), reset, page(1)]],
  ['storage has a hole', ['order'], [], [message(1), message(3)]],
  ['storage has a nonce twice', ['duplicate'], [], [message(1), { ...message(2), nonce: 'n1' }]],
  ['changes are stored in another order', ['author-order'], [{ what: 'queued', ...ann, nonce: 'n2', kind: 'send' }, { what: 'queued', ...ann, nonce: 'n1', kind: 'send' }]],
  ['someone banned hears more', ['non-member'], [subscribe(1), subscribed(1, 0), received(1), received(3)], [message(1), banned(2), message(3)]],
  ['someone banned subscribes and hears more', ['non-member'], [received(2), subscribe(1), received(3)], [message(1), banned(2), message(3)]],
  ['a room became private, and someone who was not in it hears more', ['non-member'], [subscribe(1), subscribed(1, 0), received(2), received(3)], [message(1), madePrivate(2), message(3)]],
  ['a room became private, and its members hear on', [], [subscribe(1), subscribed(1, 0), received(3)], [joined(1), madePrivate(2), message(3)]],
  ['someone who left hears more', ['non-member'], [subscribe(1), subscribed(1, 0), received(1), received(2), received(3)], [message(1), left(2), message(3)]],
  ['someone who left has subscribed again', [], [subscribe(1), subscribed(1, 0), received(2), subscribe(2), subscribed(2, 2), received(3)], [message(1), left(2), message(3)]],
  ['someone who left before subscribing', [], [subscribe(1), subscribed(1, 2), received(2), received(3)], [message(1), left(2), message(3)]],
  ['someone who left has asked again already', [], [subscribe(1), subscribed(1, 0), subscribe(2), received(2), received(3)], [message(1), left(2), message(3)]],
  ['the head is reached in time', [], [page(0), expectHead(2), applied(1), applied(2)]],
  ['the head was reached before', [], [page(2), expectHead(2)]],
  ['the head was reached before, and reset since', ['late'], [page(2), reset, page(1), expectHead(2)]],
  ['the head is reached too late', ['late'], [page(0), expectHead(2), ...Array.from({ length: 11 }, () => received(1)), applied(1), applied(2)]],
  ['the head is never reached', ['late'], [page(0), expectHead(2), applied(1)]],
  ['a session lives on', ['ended-session'], [{ what: 'session-ended', person: 'bob', within: 5 }, received(1)]],
  ['a session ends in time', [], [{ what: 'session-ended', person: 'bob', within: 15 }, received(1), { what: 'line', ...bob, line: 1, state: 'lost' }]],
  ['a change waits for ever', ['unanswered'], [shown([row(1), row(2), row(3)], 1)]],
  ['a row is missing', ['diverged'], [shown([row(1), row(3)])]],
  ['a row is shown twice', ['duplicate'], [shown([row(1), row(2), row(2), row(3)])]],
  ['a row has another text', ['diverged'], [shown([row(1), { ...row(2), text: 'else' }, row(3)])]],
  ['a row is of nobody', ['diverged'], [shown([row(1), row(2), row(3), row(4)])]],
  ['a window begins later', [], [shown([row(2), row(3)])]]
])('%s: %j', (_, rules, happenings, events) => {
  expect(rulesOf(happenings, events).sort()).toEqual([...rules].sort())
})
