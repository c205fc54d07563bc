import type { EventBody, Message, Page, Position, RoomEvent } from '#shared/types'
import { applyToMessage, messageOf } from '~/utils/timeline-rows'

export const room = 'room'
export const nonceOf = (n: number) => `nonce-nonce-nonce-${n}`

/** A room's history as a server keeps it: events in, pages and replays out. Deleted text leaves the events, as in storage. */
export function createHistory(epoch = 'epoch') {
  const events: RoomEvent[] = []

  function add(body: EventBody, author = 'ann', nonce: string | null = null): RoomEvent {
    const event: RoomEvent = { ...body, room, seq: events.length + 1, at: 1_000 + events.length, author, nonce: nonce ?? nonceOf(events.length + 1) }
    if (body.kind === 'delete') {
      for (const other of events) if ((other.kind === 'message' || other.kind === 'edit') && other.message === body.message) other.data = { deleted: true }
    }
    events.push(event)
    return structuredClone(event)
  }

  function messages(): Message[] {
    const byId = new Map<string, Message>()
    for (const event of structuredClone(events)) {
      if (event.kind === 'message') byId.set(event.message, messageOf(event))
      else if ('message' in event) {
        const message = byId.get(event.message)
        if (message) applyToMessage(message, event, null)
      }
    }
    return [...byId.values()]
  }

  return {
    events,
    head: () => events.length,
    position: (): Position => ({ epoch, seq: events.length }),
    add,
    say: (message: string, text = `text of ${message}`, more: { author?: string, nonce?: string, replyTo?: string } = {}) =>
      add({ kind: 'message', message, data: { text, replyTo: more.replyTo ?? null } }, more.author, more.nonce ?? null),
    edit: (message: string, text: string, author?: string) => add({ kind: 'edit', message, data: { text } }, author),
    erase: (message: string) => add({ kind: 'delete', message, data: {} }),
    react: (message: string, emoji: string, on: boolean, count: number, author?: string) => add({ kind: 'react', message, data: { emoji, on, count } }, author),
    after: (seq: number) => structuredClone(events.slice(seq)),
    messages,
    /** The newest page, the one before a seq, or the one around it. */
    page(limit = 50, query: { before?: number, around?: number } = {}): Page {
      const all = messages()
      const { before, around } = query
      const end = before !== undefined
        ? all.filter(message => message.seq < before).length
        : around !== undefined ? Math.min(all.length, all.filter(message => message.seq <= around).length + Math.ceil(limit / 2)) : all.length
      const start = Math.max(0, end - limit)
      const shown = all.slice(start, end)
      const ids = new Set(shown.map(message => message.id))
      const quoted = all.filter(message => !ids.has(message.id) && shown.some(other => other.replyTo === message.id))
      return { asOf: { epoch, seq: events.length }, messages: shown, people: [], quoted, more: { before: start > 0, after: end < all.length } }
    }
  }
}
