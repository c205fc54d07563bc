import type { z } from 'zod'
import { ChatError } from '#shared/errors'

/** Opaque to clients: the sort key of the last row of a page. */
export const encodeCursor = (key: readonly (string | number)[]): string => Buffer.from(JSON.stringify(key)).toString('base64url')

/** The key out of a cursor; `invalid` where it is not one of ours. */
export function decodeCursor<T>(cursor: string, key: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    value = null
  }
  const parsed = key.safeParse(value)
  if (!parsed.success) throw new ChatError('invalid', 'This list has changed. Load it again from the start.')
  return parsed.data
}

/** A page of at most `limit` out of rows fetched with `limit + 1`. */
export function paged<Row, Item>(rows: Row[], limit: number, item: (row: Row) => Item, key: (row: Row) => readonly (string | number)[]) {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { items: page.map(item), next: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null }
}
