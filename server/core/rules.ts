import type { PersonKind, Role, RoomSettings, Visibility } from '#shared/types'
import type { Effect } from './ports'

/** What holds of rooms and people wherever it is asked: by `policy` before something is tried, and by each storage inside the commit. Pure. */

export const managers: readonly Role[] = ['owner', 'moderator']
export const isManager = (role: Role | null): boolean => role !== null && managers.includes(role)

/** Who may act on whom: only on those below. An admin, in the room or not, comes after its owner. */
export const rankOf = (role: Role | null, admin: boolean): number => role === 'owner' ? 3 : admin ? 2 : role === 'moderator' ? 1 : 0

/** Whether they may be in a room: who is in it; in a public one everybody with an account. */
export const hasAccess = (visibility: Visibility | undefined, role: Role | null, kind: PersonKind | null): boolean =>
  role !== null || (visibility === 'public' && kind !== null && kind !== 'guest')

/** Until somebody may write again, ms; 0: now. */
export const muteOf = (mutedUntil: number | null, at: number): number => Math.max(0, (mutedUntil ?? 0) - at)

/** Until slow mode lets somebody write, ms; 0: now. A time far from now is of a clock that was wrong, and holds nobody up. */
export function pauseOf({ slowModeSeconds }: Pick<RoomSettings, 'slowModeSeconds'>, role: Role | null, lastPostAt: number | null, at: number): number {
  const pause = slowModeSeconds * 1000
  if (pause === 0 || lastPostAt === null || isManager(role) || Math.abs(at - lastPostAt) >= pause) return 0
  return Math.min(pause, lastPostAt + pause - at)
}

/** `passwordVersion`: grows with each new password. Who came by an older one is out. */
export interface Decided extends RoomSettings { passwordVersion: number }

const since = (on: boolean | undefined, before: number | null, at: number) => on === undefined ? before : on ? before ?? at : null

/**
 * What is decided about a room after a change; null where all of it was so already. Where it is `locked` then, its password is the change's, or else the one before.
 * `recheck`: there may be people in it now who have no right to it any more.
 */
export function decide(before: Decided, { passwordHash, closed, archived, ...change }: Omit<Extract<Effect, { do: 'describe' }>, 'do'>, at: number): { after: Decided, recheck: boolean } | null {
  const { name = before.name, topic = before.topic, visibility = before.visibility, listed = before.listed, slowModeSeconds = before.slowModeSeconds, guests = before.guests } = change
  // A public room has none, also when one is given with the change.
  const password = visibility === 'public' ? null : passwordHash
  const after: Decided = {
    name, topic, visibility, listed, locked: password === undefined ? before.locked : password !== null, closedAt: since(closed, before.closedAt, at), slowModeSeconds, guests,
    archivedAt: since(archived, before.archivedAt, at), passwordVersion: before.passwordVersion + (password ? 1 : 0)
  }
  if ((Object.keys(after) as (keyof Decided)[]).every(key => before[key] === after[key])) return null
  const recheck = (before.visibility === 'public' && visibility === 'private') || after.passwordVersion > before.passwordVersion || (before.guests && !guests)
  return { after, recheck }
}
