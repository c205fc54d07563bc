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

/** A rate that this process keeps by itself: there is nothing to look up. A new socket has new ones, and needs a ticket, which is limited for all of them together. */
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

  isOver(now: number): boolean { return now >= this.#until }
}

/** A rate that this process keeps for each key. */
export class OwnRates {
  readonly #byKey = new Map<string, OwnRate>()

  constructor(readonly rate: Rate) {}

  /** Takes a point; gives 0, or how long to wait, ms. */
  take(key: string): number {
    let own = this.#byKey.get(key)
    if (!own) this.#byKey.set(key, own = new OwnRate(this.rate))
    return own.take()
  }

  /** Forgets those whose time is over. */
  sweep(now: number): void {
    for (const [key, own] of this.#byKey) if (own.isOver(now)) this.#byKey.delete(key)
  }
}
