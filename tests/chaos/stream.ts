import type { Anomaly } from './rules'

/**
 * What a line carries of one room, as the protocol allows it: from the answer to a subscribe on, each event once, in order, none left out, until a `reset` or the end of the
 * line. Only the replay for another subscribe may repeat what had come before its answer: it begins at the position that was named when it was asked for.
 */
export function createStream(who: string, room: string) {
  const anomalies: Anomaly[] = []
  let from: number | null = null
  /** The last that came; null: nothing is promised just now. */
  let last: number | null = null
  return {
    anomalies,
    /** `position`: what is known already; null: nothing, and nothing is replayed. */
    asked(position: number | null): void { from = position },
    answered(head: number): void { last = from ?? head },
    event(seq: number): void {
      if (last === null) return
      if (seq <= last) anomalies.push({ rule: 'duplicate', text: `${who} was sent ${seq} of ${room} after ${last}, on one subscription` })
      if (seq > last + 1) anomalies.push({ rule: 'skip', text: `${who} was sent ${seq} of ${room} after ${last}, without a reset` })
      last = Math.max(last, seq)
    },
    /** A reset, or the line is gone. */
    ended(): void { last = null }
  }
}
