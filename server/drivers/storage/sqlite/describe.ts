import type { EventBody, RoomSettings } from '#shared/types'
import type { EffectOf } from './effects'
import type { Head, Heads } from './heads'

const settingsOf = ({ name, topic, visibility, listed, locked, closedAt, slowModeSeconds, guests, archivedAt }: Head): RoomSettings =>
  ({ name, topic, visibility, listed: listed === 1, locked: locked === 1, closedAt, slowModeSeconds, guests: guests === 1, archivedAt })

const since = (on: boolean | undefined, before: number | null, at: number) => on === undefined ? before : on ? before ?? at : null
const flag = (on: boolean | undefined, before: 0 | 1): 0 | 1 => on === undefined ? before : on ? 1 : 0

/** Changes what is decided about a room; the body of its event, or null where all of it was so already. */
export function describe(heads: Heads, head: Head, effect: EffectOf<'describe'>, at: number): EventBody | null {
  const { name = head.name, topic = head.topic, visibility = head.visibility, slowModeSeconds = head.slowModeSeconds } = effect
  // A public room has none, also when one is given with the change.
  const password = visibility === 'public' ? null : effect.passwordHash
  const changes: Partial<Head> = {
    name, topic, visibility, slowModeSeconds, listed: flag(effect.listed, head.listed), guests: flag(effect.guests, head.guests),
    locked: password === undefined ? head.locked : password === null ? 0 : 1, passwordVersion: head.passwordVersion + (password ? 1 : 0),
    closedAt: since(effect.closed, head.closedAt, at), archivedAt: since(effect.archived, head.archivedAt, at)
  }
  const before: Head = { ...head }
  if (Object.entries(changes).every(([key, value]) => before[key as keyof Head] === value)) return null
  heads.settle(head, changes, password ?? null)
  const recheck = (before.visibility === 'public' && visibility === 'private') || head.passwordVersion > before.passwordVersion || head.guests < before.guests
  return { kind: 'room', data: { ...settingsOf(head), recheck } }
}
