import { outages } from './outages'
import type { Reason } from './reasons'

/** What Redis refuses although it is there: its user may not, or it has no memory left. Said once, and its end once. */
export interface Refusals {
  /** Whether the last call of any kind was refused. */
  readonly any: boolean
  refused: (what: string, reason: Reason) => void
  taken: (what: string) => void
}

export function refusals(say: (line: string) => void): Refusals {
  // By kind: where only some are refused, the others would end the outage all the time.
  const kinds = new Set<string>()
  const report = outages(say, {
    begins: why => `is there, but refuses what is needed: ${why}. Until it does not, limits, tickets and who is online are each instance's own.`,
    ends: seconds => `refuses nothing any more, after ${seconds} s.`
  })
  return {
    get any() { return kinds.size > 0 },
    refused(what, reason) {
      kinds.add(what)
      report.down(reason)
    },
    taken(what) { if (kinds.delete(what) && kinds.size === 0) report.up() }
  }
}
