import { ChatError } from '#shared/errors'
import type { Rate } from '#shared/limits'
import type { Coordination } from './ports'

/** Takes one point of `rate` for `key`, or throws `rate_limited` with the wait in milliseconds. */
export async function spend(coordination: Coordination, key: string, rate: Rate): Promise<void> {
  const wait = await coordination.take(key, rate)
  if (wait > 0) throw new ChatError('rate_limited', `Too many tries in a short time. Try again in ${inWords(wait)}.`, wait)
}

function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds <= 90) return seconds === 1 ? 'a second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}
