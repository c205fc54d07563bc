import type { Rate } from '#shared/limits'

/** How many there are of each key. */
export class Tally {
  readonly #counts = new Map<string, number>()

  of(key: string): number { return this.#counts.get(key) ?? 0 }

  add(key: string): void { this.#counts.set(key, this.of(key) + 1) }

  remove(key: string): void {
    const left = this.of(key) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
  }
}

/** A rate that one socket keeps for itself: there is nothing to look up, and a new socket needs a ticket, which is limited for all of them together. */
export class OwnRate {
  #left = 0
  #until = 0

  constructor(readonly rate: Rate) {}

  /** Takes a point; gives 0, or how long to wait, ms. */
  take(now = performance.now()): number {
    if (now >= this.#until) {
      this.#left = this.rate.points
      this.#until = now + this.rate.seconds * 1000
    }
    if (this.#left === 0) return Math.ceil(this.#until - now)
    this.#left--
    return 0
  }
}
