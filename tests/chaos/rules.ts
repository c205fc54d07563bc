import type { Entry, Stored } from './log'
import { acknowledgedLoss, authorOrder, honestOk, unanswered } from './rules-changes'
import { diverged, doorbell, endedSession, late, resets, stop } from './rules-end'
import { delivery, nonMember, phantom, totalOrder } from './rules-events'

/** What must hold, whatever breaks. The closed list. */
export type Rule =
  /** What was acknowledged is in storage, at the seq that the acknowledgement named. */
  | 'acknowledged-loss'
  /** What took effect on a device is in storage, and is the same there. */
  | 'phantom'
  /** Nothing takes effect twice on a device, and no change is stored twice. To a crowd: nothing is sent twice on one subscription. */
  | 'duplicate'
  /** All devices see the same event at a room's seq, in rising order; no two changes have one seq. */
  | 'order'
  /** A device passes over no seq, unless its state was reset by a page. To a crowd: no seq is left out on one subscription. */
  | 'skip'
  /** A person's changes to a room are stored in the order in which they were written. */
  | 'author-order'
  /** All acknowledgements of one nonce name the same seq. */
  | 'honest-ok'
  /** Whoever was removed hears of no event beyond their removal, until they subscribe again; banned: never. By seq, not by time. */
  | 'non-member'
  /** The sockets of a session that was ended are closed in time. */
  | 'ended-session'
  /** An instance that is told to stop is gone in time, by itself: exit code 0. Where storage was broken meanwhile it may give up at its deadline. */
  | 'stop'
  /** Everybody is at the head in time, once all is healed. */
  | 'late'
  /** Where nothing is broken, what one instance stores is told on the others at once, not only when they look for it. */
  | 'doorbell'
  /** A reset is over once its page is there; they do not go on. */
  | 'resets'
  /** Every change is answered in the end. */
  | 'unanswered'
  /** What a device shows in the end is what storage holds. */
  | 'diverged'

export interface Anomaly { rule: Rule, text: string }

export interface History {
  log: readonly Entry[]
  /** By room. */
  stored: ReadonlyMap<string, Stored>
}

const rules: readonly ((history: History) => Iterable<Anomaly>)[] = [
  acknowledgedLoss, phantom, delivery, totalOrder, authorOrder, honestOk, nonMember, endedSession, stop, late, doorbell, resets, unanswered, diverged
]

/** Looks at everything that happened; gives every breach of a rule, in no order. Pure. */
export const check = (history: History): Anomaly[] => rules.flatMap(rule => [...rule(history)])

/** The entries of some kinds, typed. */
export function* only<W extends Entry['what']>(log: readonly Entry[], ...kinds: W[]): Generator<Extract<Entry, { what: W }>> {
  const isWanted = (entry: Entry): entry is Extract<Entry, { what: W }> => kinds.some(kind => kind === entry.what)
  for (const entry of log) if (isWanted(entry)) yield entry
}
