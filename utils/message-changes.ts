import type { ChangeAnswer, OutboxItem } from './outbox'
import { setChanges } from './timeline'
import type { Change, OutboxFrame, Timeline } from './timeline-types'

const toChange = ({ frame, at, state, error }: OutboxItem): Change => ({ frame, at, error, state: state === 'failed' ? 'failed' : 'pending', answer: null })

/**
 * My own changes on the rows: those in the outbox, and those acknowledged whose event is still to come, so that nothing flickers in between.
 * `timelineOf` gives the open timeline of a room.
 */
export function createChanges(timelineOf: (room: string) => Timeline | undefined) {
  let waiting: readonly OutboxItem[] = []
  let acknowledged: Change[] = []

  function showIn(t: Timeline): void {
    acknowledged = acknowledged.filter(change => change.frame.room !== t.room || (t.position?.seq ?? 0) < (change.answer?.seq ?? 0))
    const mine = [...acknowledged, ...waiting.map(toChange)].filter(change => change.frame.room === t.room)
    if (mine.length > 0 || t.changes.length > 0) setChanges(t, mine)
  }

  return {
    showIn,
    /** The outbox is another one now. */
    show(items: readonly OutboxItem[]): void {
      const rooms = new Set([...waiting, ...items, ...acknowledged].map(item => item.frame.room))
      waiting = items
      for (const room of rooms) {
        const t = timelineOf(room)
        if (t) showIn(t)
        else acknowledged = acknowledged.filter(change => change.frame.room !== room)
      }
    },
    /** A change was acknowledged; the outbox without it follows. */
    settle(frame: OutboxFrame, at: number, answer: ChangeAnswer): void {
      acknowledged.push({ frame, at, error: null, state: 'sent', answer })
    },
    /** The changes in the outbox that a row stands for. */
    behind: (t: Timeline, key: string): OutboxItem[] => {
      const row = t.rows.find(other => other.key === key)
      return waiting.filter(({ frame }) => frame.room === t.room
        && (frame.type === 'send' ? key === `${t.me}:${frame.nonce}` : frame.message === row?.id))
    },
    /** Edits and reactions of a message that is gone. */
    about: (message: string): OutboxItem[] => waiting.filter(({ frame }) => (frame.type === 'edit' || frame.type === 'react') && frame.message === message),
    clear(): void {
      waiting = []
      acknowledged = []
    }
  }
}
