/** Numbers that look random and come again with the same seed. */
export interface Random {
  /** In [0, 1). */
  next: () => number
  /** A whole number from `low` up to and including `high`. */
  whole: (low: number, high: number) => number
  pick: <T>(items: readonly T[]) => T
  shuffle: <T>(items: readonly T[]) => T[]
  chance: (share: number) => boolean
  /** A generator of its own, so that what one does with it does not move the others. */
  fork: (name: string) => Random
}

/** mulberry32: small, and good enough to choose what happens. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next, whole,
    pick(items) {
      const item = items[whole(0, items.length - 1)]
      if (item === undefined) throw new Error('There is nothing to pick from.')
      return item
    },
    shuffle(items) {
      const result = [...items]
      for (let last = result.length - 1; last > 0; last--) {
        const other = whole(0, last)
        ;[result[last], result[other]] = [result[other]!, result[last]!]
      }
      return result
    },
    chance: share => next() < share,
    fork: name => createRandom([...name].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0, seed ^ 0x811c9dc5))
  }
}
