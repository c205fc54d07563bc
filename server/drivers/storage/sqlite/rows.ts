import type { Person, Room } from '#shared/types'

type Flags = 'listed' | 'locked' | 'guests'
/** A `Room` as it is selected. */
export type RoomRow = Omit<Room, Flags> & Record<Flags, 0 | 1>

const columns = [
  'id', 'slug', 'name', 'topic', 'visibility', 'listed', 'closedAt', 'slowModeSeconds', 'guests', 'ownerId', 'seq', 'lastMessageAt', 'createdAt', 'archivedAt'
]

/** The columns of a `Room`, from the table with this alias. */
export const roomColumns = (alias: string) => [...columns.map(column => `${alias}.${column}`), `${alias}.passwordHash IS NOT NULL AS locked`].join(', ')

/** A `Room` out of a row that has more columns. */
export const roomOf = ({ id, slug, name, topic, visibility, listed, locked, closedAt, slowModeSeconds, guests, ownerId, seq, lastMessageAt, createdAt, archivedAt }: RoomRow): Room => ({
  id, slug, name, topic, visibility, listed: listed === 1, locked: locked === 1, closedAt, slowModeSeconds, guests: guests === 1, ownerId, seq, lastMessageAt, createdAt, archivedAt
})

export const personOf = ({ id, name, kind }: Person): Person => ({ id, name, kind })

/** Somebody's id, with the name that is joined to it under this prefix; of an account that is not there, none. */
export const someoneOf = (id: string, name: string | null, kind: Person['kind'] | null): Person => ({ id, name: name ?? '', kind: kind ?? 'member' })
