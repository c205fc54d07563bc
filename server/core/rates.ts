import { ChatError } from '#shared/errors'
import { rates, type Rate } from '#shared/limits'
import type { Viewer } from './chat'
import { hash } from './ids'
import type { Coordination } from './ports'
import { inWords } from './words'

/** `wait`: in milliseconds. */
export const tooOften = (wait: number) => new ChatError('rate_limited', `Too many tries in a short time. Try again in ${inWords(wait)}.`, wait)

/** Takes one point of `rate` for `key`, or throws `rate_limited` with the wait in milliseconds. */
export async function spend(coordination: Coordination, key: string, rate: Rate): Promise<void> {
  const wait = await coordination.take(key, rate)
  if (wait > 0) throw tooOften(wait)
}

/** The same for whoever reads: a person, wherever they are, or the address of visitors. */
export const spendReader = (coordination: Coordination, what: string, viewer: Viewer, address: string, rate: Rate): Promise<void> =>
  spend(coordination, viewer ? `${what}:${viewer.person.id}` : `${what}-address:${hash(address)}`, rate)

/** For what somebody does now and then, and everybody is told of. */
export const spendTurn = (coordination: Coordination, user: string): Promise<void> => spend(coordination, `turn:${user}`, rates.turn)

/** Takes a point of each tier (`key` and its place), and throws as `spend` does, with the longest wait. */
export async function spendTiers(coordination: Coordination, key: string, tiers: readonly Rate[]): Promise<void> {
  const waits = await Promise.all(tiers.map((rate, tier) => coordination.take(`${key}:${tier}`, rate)))
  const wait = Math.max(...waits)
  if (wait > 0) throw tooOften(wait)
}

/** Gives all of them back, after a success. */
export async function forgetTiers(coordination: Coordination, key: string, tiers: readonly Rate[]): Promise<void> {
  await Promise.all(tiers.map((_, tier) => coordination.forget(`${key}:${tier}`)))
}
