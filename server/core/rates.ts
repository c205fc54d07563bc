import { ChatError } from '#shared/errors'
import { rates, type Rate } from '#shared/limits'
import type { Identity, Viewer } from './chat'
import { hash } from './ids'
import type { Coordination } from './ports'
import { inWords } from './words'

/** One point of `rate` for `key`. */
export interface Point { key: string, rate: Rate }

/** `wait`: in milliseconds. */
export const tooOften = (wait: number) => new ChatError('rate_limited', `Too many tries in a short time. Try again in ${inWords(wait)}.`, wait)

/** Takes one point of `rate` for `key`, or throws `rate_limited` with the wait in milliseconds. */
export async function spend(coordination: Coordination, key: string, rate: Rate): Promise<void> {
  const wait = await coordination.take(key, rate)
  if (wait > 0) throw tooOften(wait)
}

/** Gives back each of these points, once. */
export async function giveBack(coordination: Coordination, points: readonly Point[]): Promise<void> {
  await Promise.all(points.map(({ key, rate }) => coordination.giveBack(key, rate)))
}

/** Does what `points` were taken for, and gives them back where too many wait for it already (`unavailable` with a wait): nothing was tried. */
export async function tryFor<T>(coordination: Coordination, points: readonly Point[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ChatError && error.code === 'unavailable' && error.retryAfter !== undefined) await giveBack(coordination, points)
    throw error
  }
}

/** `spend` for whoever reads: a person, wherever they are, or the address of visitors. */
export const spendReader = (coordination: Coordination, what: string, viewer: Viewer, address: string, rate: Rate): Promise<void> =>
  spend(coordination, viewer ? `${what}:${viewer.person.id}` : `${what}-address:${hash(address)}`, rate)

/** For what somebody does now and then, and everybody is told of. */
export const turnOf = (user: string): Point => ({ key: `turn:${user}`, rate: rates.turn })
export const spendTurn = (coordination: Coordination, user: string): Promise<void> => spend(coordination, turnOf(user).key, rates.turn)

/** `spendReader` for a list that has a right of its own. */
export const spendList = (coordination: Coordination, identity: Identity): Promise<void> => spendReader(coordination, 'list', identity, '', rates.list)

/** A point of each tier: its key is `key` and the tier's place. */
export const pointsOf = (key: string, tiers: readonly Rate[]): Point[] => tiers.map((rate, tier) => ({ key: `${key}:${tier}`, rate }))

/** Takes all of these points at once, and throws as `spend` does, with the longest wait. */
export async function spendTiers(coordination: Coordination, points: readonly Point[]): Promise<void> {
  const waits = await Promise.all(points.map(({ key, rate }) => coordination.take(key, rate)))
  const wait = Math.max(...waits)
  if (wait > 0) throw tooOften(wait)
}

/** Gives everything that was taken for their keys back, after a success. */
export async function forgetTiers(coordination: Coordination, points: readonly Point[]): Promise<void> {
  await Promise.all(points.map(({ key }) => coordination.forget(key)))
}
