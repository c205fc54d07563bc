import type { PersonKind, Role } from '#shared/types'
import type { Db } from './database'

/** All that checks ask about a person in a room. */
export interface Standing {
  /** Whether the account exists and is not disabled. */
  readonly active: boolean
  readonly kind: PersonKind | null
  readonly admin: boolean
  readonly role: Role | null
  readonly banned: boolean
  readonly mutedUntil: number | null
  readonly lastPostAt: number | null
}

const kinds: readonly PersonKind[] = ['member', 'guest', 'bot']
const roles: readonly (Role | null)[] = [null, 'owner', 'moderator', 'member', 'guest']
const indexOf = (column: string, values: readonly (string | null)[]) =>
  `CASE ${column} ${values.flatMap((value, index) => value === null ? [] : [`WHEN '${value}' THEN ${index}`]).join(' ')} ELSE 0 END`

const unrestrained = { mutedUntil: null, lastPostAt: null }
const nobody: Standing = { active: false, kind: null, admin: false, role: null, banned: false, ...unrestrained }

/**
 * Reads how people stand in rooms, inside the current transaction: once for all checks and effects of an item, until it is told to forget.
 * Every send asks for it, and one number costs half of what a row does, hence the packing.
 */
export function createStandings(db: Db) {
  const select = db.prepare<[string, string, string, string], number>(`SELECT (u.disabledAt IS NULL) + 2 * (u.admin AND u.disabledAt IS NULL)
      + 4 * (b.user IS NOT NULL) + 8 * (x.user IS NOT NULL) + 16 * ${indexOf('u.kind', kinds)} + 64 * ${indexOf('s.role', roles)}
    FROM users u LEFT JOIN standings s ON s.room = ? AND s.user = u.id LEFT JOIN bans b ON b.room = ? AND b.user = u.id
    LEFT JOIN restraints x ON x.room = ? AND x.user = u.id WHERE u.id = ?`).pluck()
  const restraints = db.prepare<[string, string], Pick<Standing, 'mutedUntil' | 'lastPostAt'>>('SELECT mutedUntil, lastPostAt FROM restraints WHERE room = ? AND user = ?')
  const unpacked: Standing[] = []
  let last: { room: string, user: string, standing: Standing } | null = null

  const unpack = (flags: number): Standing => unpacked[flags] ??= {
    active: (flags & 1) !== 0, admin: (flags & 2) !== 0, banned: (flags & 4) !== 0, kind: kinds[flags >> 4 & 3] ?? null, role: roles[flags >> 6] ?? null, ...unrestrained
  }

  function read(room: string, user: string): Standing {
    const flags = select.get(room, room, room, user)
    if (flags === undefined) return nobody
    return (flags & 8) === 0 ? unpack(flags) : { ...unpack(flags), ...restraints.get(room, user) }
  }

  return {
    of(room: string, user: string): Standing {
      if (last?.room !== room || last.user !== user) last = { room, user, standing: read(room, user) }
      return last.standing
    },
    /** After anything that may have changed it. */
    forget(): void { last = null }
  }
}

export type Standings = ReturnType<typeof createStandings>
