import type { ErrorBody } from '#shared/errors'
import type { Message, Page, Position, RoomEvent } from '#shared/types'
import { after, applyToMessage, messageOf, place, redraw, rowOf, waitingRow, wipe } from './timeline-rows'
import type { Change, Row, Timeline } from './timeline-types'

/**
 * A room's timeline: pages and events in, rows out. Framework-free; it works on plain data, which the store makes reactive.
 *
 *     history   ........[==== window ====]........ head
 *                 moreBefore          moreAfter: events change what is in the window, and new messages stay outside
 */

/** Rows kept: beyond `atEnd`, the oldest go while the reader is at the end, in steps of `step`; beyond `most`, the end goes from a reader who is elsewhere. */
export const windowRules = { atEnd: 1_000, step: 300, most: 10_000, remembered: 2_000, held: 1_000 } as const

export const createTimeline = (room: string, me: string | null): Timeline => ({
  room, me, status: 'idle', error: null, position: null, rows: [], truth: {}, quotes: {}, changes: [], held: [], asking: false,
  pages: 0, remembered: [], rememberedAfter: 0, window: 0, moreBefore: false, moreAfter: false, loadingOlder: false, loadingNewer: false,
  readSeq: 0, firstUnreadSeq: null, missed: { upTo: 0, readSeq: 0 }, unquoted: []
})

const sentRows = (t: Timeline): Row[] => t.rows.slice(0, after(t.rows, Number.MAX_SAFE_INTEGER))
/** The first and the last confirmed message of the window. */
export const edges = (t: Timeline): { first: number | null, last: number | null } => {
  const last = t.rows[after(t.rows, Number.MAX_SAFE_INTEGER) - 1]
  return last ? { first: t.rows[0]?.seq ?? null, last: last.seq } : { first: null, last: null }
}

/* ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────── */

/** A deletion takes the text out of everything that still holds it, whatever is missing before it. */
function forgetText(t: Timeline, id: string, at: number): void {
  for (const message of [t.truth[id], t.quotes[id]]) if (message) wipe(message, at)
  for (const list of [t.held, t.remembered]) {
    for (const event of list) if ((event.kind === 'message' || event.kind === 'edit') && event.message === id) event.data = { deleted: true }
  }
  t.changes = t.changes.filter(({ frame }) => frame.type !== 'edit' || frame.message !== id)
  redraw(t, id)
}

/** Lets go of rows that left the window; what rows in it quote stays known. */
function drop(t: Timeline, gone: readonly Row[]): void {
  const quoted = new Set(t.rows.map(row => row.replyTo))
  for (const { id } of gone) {
    const message = t.truth[id]
    if (message && quoted.has(id)) t.quotes[id] = message
    Reflect.deleteProperty(t.truth, id)
  }
}

/** The reader is at the end and sees it: read up to there, and the oldest of very many rows may go. Gives the seq that is read. */
export function readAll(t: Timeline): number {
  if (!t.moreAfter && t.rows.length > windowRules.atEnd) {
    drop(t, t.rows.splice(0, t.rows.length - windowRules.atEnd + windowRules.step))
    t.moreBefore = true
  }
  t.readSeq = Math.max(t.readSeq, edges(t).last ?? 0)
  return t.readSeq
}

function addMessage(t: Timeline, event: RoomEvent & { kind: 'message' }): void {
  const { first } = edges(t)
  if (t.truth[event.message] || t.moreAfter || (t.moreBefore && first !== null && event.seq < first)) return
  if (t.rows.length >= windowRules.most) return void (t.moreAfter = true)
  const message = messageOf(event)
  t.truth[message.id] = message
  const row = rowOf(t, message)
  if (message.replyTo !== null && !row.quoted) t.unquoted.push(message.seq)
  place(t, row)
}

function apply(t: Timeline, position: Position, event: RoomEvent): void {
  position.seq = event.seq
  if (t.pages > 0) {
    t.remembered.push(event)
    if (t.remembered.length > windowRules.remembered) t.rememberedAfter = t.remembered.shift()?.seq ?? event.seq
  }
  if (event.kind === 'message') addMessage(t, event)
  else if ('message' in event) touch(t, event)
  dropConfirmed(t, event)
}

function touch(t: Timeline, event: RoomEvent & { message: string }): void {
  for (const message of [t.truth[event.message], t.quotes[event.message]]) if (message) applyToMessage(message, event, t.me)
  redraw(t, event.message, event.kind !== 'react')
}

function drain(t: Timeline, position: Position): void {
  while (t.held[0] && t.held[0].seq <= position.seq + 1) {
    const event = t.held.shift()
    if (event && event.seq === position.seq + 1) apply(t, position, event)
  }
  if (t.held.length === 0) t.asking = false
}

function hold(t: Timeline, event: RoomEvent): void {
  const at = t.held.findLastIndex(other => other.seq <= event.seq)
  if (t.held[at]?.seq === event.seq) return
  t.held.splice(at + 1, 0, event)
  // What no longer fits comes again with the new subscribe.
  if (t.held.length > windowRules.held) t.held.pop()
}

/** Takes an event from the line. `ask`: events before it are missing; subscribe again from the position, once. */
export function receive(t: Timeline, event: RoomEvent): 'applied' | 'old' | 'held' | 'ask' {
  if (event.kind === 'delete') forgetText(t, event.message, event.at)
  if (!t.position) {
    hold(t, event)
    return 'held'
  }
  if (event.seq <= t.position.seq) return 'old'
  if (event.seq > t.position.seq + 1) {
    hold(t, event)
    if (t.asking) return 'held'
    t.asking = true
    return 'ask'
  }
  apply(t, t.position, event)
  drain(t, t.position)
  return 'applied'
}

/* ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────── */

/** Call before asking for a page; give what it returns to `takePage` or `endPage`. */
export function beginPage(t: Timeline): number {
  if (t.pages++ === 0) {
    t.remembered = []
    t.rememberedAfter = t.position?.seq ?? 0
  }
  return t.window
}

/** A page will not come, or has come. */
export function endPage(t: Timeline): void {
  t.pages = Math.max(0, t.pages - 1)
  if (t.pages === 0) t.remembered = []
}

function adopt(t: Timeline, message: Message): void {
  const known = t.truth[message.id]
  if (known && known.rev >= message.rev) return
  t.truth[message.id] = message
}

function clearRows(t: Timeline): void {
  t.rows = []
  t.truth = {}
  t.quotes = {}
}

/**
 * Takes a page. `replace`: it is the window now; `before` and `after`: it continues the window at that side. `stale`: it does not fit (the window or the
 * history is another one by now). `ask`: it is taken, and a new subscribe from the position is due.
 */
export function takePage(t: Timeline, page: Page, how: 'replace' | 'before' | 'after', window: number): 'taken' | 'ask' | 'stale' {
  const other = t.position !== null && t.position.epoch !== page.asOf.epoch
  if (how !== 'replace' && (window !== t.window || other)) return 'stale'
  if (how === 'replace') {
    clearRows(t)
    t.window++
    if (!t.position || other || t.position.seq < page.asOf.seq) t.position = { ...page.asOf }
    if (other) t.held = []
  }
  for (const message of page.quoted) if (!t.truth[message.id]) t.quotes[message.id] = { ...message }
  for (const message of page.messages) adopt(t, { ...message })
  if (how !== 'after') t.moreBefore = page.more.before
  if (how !== 'before') t.moreAfter = page.more.after
  rebuild(t)
  // What came while the page was on its way, in order; `rev` keeps it from being applied twice.
  for (const event of t.remembered) {
    if (event.kind === 'message') {
      if (how !== 'before' && event.seq > page.asOf.seq) addMessage(t, event)
    } else if ('message' in event) touch(t, event)
  }
  shrink(t, how)
  return catchUp(t, page, other)
}

/** Where the page is older than the events remembered, they are asked for again; what rows already show is not applied twice. */
function catchUp(t: Timeline, page: Page, other: boolean): 'taken' | 'ask' {
  const position = t.position ?? { ...page.asOf }
  const gap = !other && page.asOf.seq < position.seq && page.asOf.seq < t.rememberedAfter
  if (gap) position.seq = page.asOf.seq
  t.position = position
  drain(t, position)
  if (gap || t.held.length > 0) t.asking = true
  return t.asking ? 'ask' : 'taken'
}

/** Bounded: at the side that the reader is moving away from. */
function shrink(t: Timeline, how: 'replace' | 'before' | 'after'): void {
  const extra = sentRows(t).length - windowRules.most
  if (extra <= 0) return
  const gone = how === 'before' ? t.rows.splice(windowRules.most, extra) : t.rows.splice(0, extra)
  drop(t, gone)
  if (how === 'before') t.moreAfter = true
  else t.moreBefore = true
}

/** Takes the messages that rows answer out of a page around one of them; `beginPage` came before it. */
export function takeQuotes(t: Timeline, page: Page): void {
  for (const message of [...page.quoted, ...page.messages]) if (!t.truth[message.id]) t.quotes[message.id] = { ...message }
  for (const event of t.remembered) if ('message' in event && event.kind !== 'message') touch(t, event)
  for (const message of page.quoted) redraw(t, message.id)
}

/** Draws all rows from the truth and my changes; rows that stay keep their identity. */
function rebuild(t: Timeline): void {
  const known = new Map(t.rows.map(row => [row.key, row]))
  const keep = (row: Row): Row => {
    const same = known.get(row.key)
    return same ? Object.assign(same, row) : row
  }
  t.rows = Object.values(t.truth).sort((a, b) => a.seq - b.seq).map(message => keep(rowOf(t, message)))
  showWaiting(t, keep)
}

/* ── My own changes ──────────────────────────────────────────────────────────────────────────────────────────────── */

const isConfirmed = (t: Timeline, { answer }: Change) => answer !== null && t.position !== null && answer.seq <= t.position.seq
const isSend = (change: Change): change is Change & { frame: { type: 'send' } } => change.frame.type === 'send'

function showWaiting(t: Timeline, keep: (row: Row) => Row): void {
  const me = t.me
  if (me === null) return
  const confirmed = new Set<string>()
  for (const row of t.rows) if (row.author === me && t.truth[row.id]) confirmed.add(row.key)
  for (const change of t.changes) {
    if (isSend(change) && !confirmed.has(`${me}:${change.frame.nonce}`)) place(t, keep(waitingRow(t, change, me)))
  }
}

/** The event of a change of mine has come: the change itself is no longer shown. */
function dropConfirmed(t: Timeline, event: RoomEvent): void {
  const gone = t.changes.filter(change => isConfirmed(t, change) || (event.author === t.me && event.nonce === change.frame.nonce))
  if (gone.length > 0) setChanges(t, t.changes.filter(change => !gone.includes(change)))
}

/** Shows these changes of mine (in order) on the rows, instead of those shown before. */
export function setChanges(t: Timeline, changes: readonly Change[]): void {
  const touched = [...t.changes, ...changes].flatMap(({ frame }) => frame.type === 'send' ? [] : [frame.message])
  t.changes = changes.filter(change => !isConfirmed(t, change))
  for (const id of new Set(touched)) redraw(t, id)
  const waiting = new Map(t.rows.filter(row => !t.truth[row.id]).map(row => [row.key, row]))
  if (waiting.size > 0) t.rows = t.rows.filter(row => t.truth[row.id])
  showWaiting(t, (row) => {
    const same = waiting.get(row.key)
    return same ? Object.assign(same, row) : row
  })
}

/* ── The line "New", and the end ─────────────────────────────────────────────────────────────────────────────────── */

/** A message by somebody else. Where the reader does not see it come, away or without a line, the "New" line is above the first of those. */
export function noteNews(t: Timeline, seq: number, away: boolean): void {
  const isMissed = seq <= t.missed.upTo
  if (!away && !isMissed) return
  const read = isMissed ? t.missed.readSeq : t.readSeq
  if (t.firstUnreadSeq === null || t.firstUnreadSeq <= read) t.firstUnreadSeq = seq
}

/** Where the "New" line is: above the first message of others after what had been read; the top of the window if that is further up. */
export function markUnread(t: Timeline): void {
  t.firstUnreadSeq = sentRows(t).find(row => row.seq > t.readSeq && row.author !== t.me && row.deletedAt === null)?.seq ?? null
}

/** Forgets the window (the history is another one, or access is gone). My own changes stay. */
export function reset(t: Timeline, error: ErrorBody | null = null): void {
  clearRows(t)
  Object.assign(t, { position: null, held: [], asking: false, remembered: [], window: t.window + 1, moreBefore: false, moreAfter: false, firstUnreadSeq: null, error })
  rebuild(t)
}
