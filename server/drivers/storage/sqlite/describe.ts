import type { EventBody, RoomSettings } from '#shared/types'
import { decide } from '../../../core/rules'
import type { EffectOf } from './effects'
import type { Head, Heads } from './heads'

const settingsOf = ({ name, topic, visibility, listed, locked, closedAt, slowModeSeconds, guests, archivedAt }: Head): RoomSettings =>
  ({ name, topic, visibility, listed: listed === 1, locked: locked === 1, closedAt, slowModeSeconds, guests: guests === 1, archivedAt })

/** Changes what is decided about a room; the body of its event, or null where all of it was so already. */
export function describe(heads: Heads, head: Head, effect: EffectOf<'describe'>, at: number): EventBody | null {
  const decided = decide({ ...settingsOf(head), passwordVersion: head.passwordVersion }, effect, at)
  if (!decided) return null
  const { listed, locked, guests, ...after } = decided.after
  heads.settle(head, { ...after, listed: listed ? 1 : 0, locked: locked ? 1 : 0, guests: guests ? 1 : 0 }, effect.passwordHash ?? null)
  return { kind: 'room', data: { ...settingsOf(head), recheck: decided.recheck } }
}
