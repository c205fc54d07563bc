import { setTimeout as sleep } from 'node:timers/promises'

/** Not all for the same time: many that were asked at once would come back at once. */
const MS = { least: 1_000, spread: 2_000 }
/** So many may wait at once; they cost next to nothing, but not nothing. */
const MOST = 2_000
let lingering = 0

/**
 * Whoever is over a limit, or comes while too many wait, hears of it a moment later. A person hardly notices; a program that guesses, and waits for each answer
 * before the next try, comes no faster than that, and leaves the processor to others.
 */
export async function linger(): Promise<void> {
  if (lingering >= MOST) return
  lingering++
  await sleep(MS.least + Math.random() * MS.spread, undefined, { ref: false })
  lingering--
}
