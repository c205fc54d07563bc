import type { StoredEvent } from '../core/ports'

/**
 * The same event without the text of `message`, as storage keeps it after a deletion: what is still held back here must not leave with it.
 * Events of other messages, and those that carry no text, are returned as they are.
 */
export function withoutText(event: StoredEvent, message: string): StoredEvent {
  if (event.message !== message || (event.kind !== 'message' && event.kind !== 'edit')) return event
  return { ...event, json: JSON.stringify({ ...JSON.parse(event.json), data: { deleted: true } }) }
}

/** A stretch of events where no text stands before the event that deletes it. */
export function withoutDeleted(events: readonly StoredEvent[]): StoredEvent[] {
  let result = [...events]
  for (const { kind, message } of events) if (kind === 'delete' && message !== null) result = result.map(event => withoutText(event, message))
  return result
}
