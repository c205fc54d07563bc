import { toLeaveForGood } from './policy'
import type { Ports } from './ports'

/** What one sweep does: pieces that are looked through, and about how many may leave. The next goes on from there. */
const PIECES = 20
const LEAVING = 200

/**
 * Takes guests who came `before` and whom nothing lets back in out of their rooms: a guest has no way to sign in but the session that has ended. Their accounts stay, so that
 * what they wrote keeps a name. Whoever is found by two instances leaves once, and whoever signs up meanwhile stays.
 */
export function createGuestSweep({ storage, bus, clock }: Pick<Ports, 'storage' | 'bus' | 'clock'>): (before: number) => Promise<void> {
  let cursor: string | undefined

  async function leave(room: string, user: string): Promise<void> {
    const [result] = await storage.append([{ room, author: user, nonce: null, at: clock.now(), requires: toLeaveForGood(user), effects: [{ do: 'leave', user, forGood: true }] }])
    if (result?.ok) for (const event of result.events) bus.publish(event)
  }

  return async (before) => {
    let left = 0
    for (let piece = 0; piece < PIECES && left < LEAVING; piece++) {
      const { items, next } = await storage.goneGuests(before, cursor)
      // One after the other: nobody waits for it, and nobody should wait behind it.
      for (const { room, user } of items) await leave(room, user)
      left += items.length
      cursor = next ?? undefined
      if (next === null) return
    }
  }
}
