/** Milliseconds. For the first 20 s a restart is likely: every try comes within 2 s. Then the wait doubles up to half a minute. */
export const backoffRules = { eager: 20_000, first: 2_000, most: 30_000 } as const

export interface Backoff {
  /** The wait before the next try, in ms: full jitter. */
  next: () => number
  /** Start over: the line was good. */
  reset: () => void
}

/** Waits between tries. `now` in ms, `random` in [0, 1). */
export function createBackoff({ now, random }: { now: () => number, random: () => number }): Backoff {
  let since: number | null = null
  let cap: number = backoffRules.first
  return {
    next() {
      since ??= now()
      if (now() - since >= backoffRules.eager) cap = Math.min(cap * 2, backoffRules.most)
      return random() * cap
    },
    reset() {
      since = null
      cap = backoffRules.first
    }
  }
}
