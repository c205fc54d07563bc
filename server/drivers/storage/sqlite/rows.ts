import type { Person, Room } from '#shared/types'

/** The columns of a `Room`, from the table with this alias. */
export const roomColumns = (alias: string) =>
  ['id', 'slug', 'name', 'topic', 'visibility', 'ownerId', 'seq', 'lastMessageAt', 'createdAt', 'archivedAt'].map(column => `${alias}.${column}`).join(', ')

/** A `Room` out of a row that has more columns. */
export const roomOf = ({ id, slug, name, topic, visibility, ownerId, seq, lastMessageAt, createdAt, archivedAt }: Room): Room =>
  ({ id, slug, name, topic, visibility, ownerId, seq, lastMessageAt, createdAt, archivedAt })

export const personOf = ({ id, name, kind }: Person): Person => ({ id, name, kind })
