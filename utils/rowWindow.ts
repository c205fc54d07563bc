/**
 * Which stretch of a long list is in the page: the list may hold thousands of rows, the page a few hundred. A window names its first and last row by
 * key, so that it stays where it is while rows come and go around it.
 */
export interface RowWindow {
  /** First row; null: as many as `base` before the end. */
  first: string | null
  /** Last row; null: the last one there is, whatever it is. */
  last: string | null
}

interface Keyed { key: string }

/** Rows in a new window, rows more at a time at an edge, and rows at most. */
export const windowRows = { base: 100, step: 30, most: 300 } as const

export const wholeEnd: RowWindow = { first: null, last: null }

/** The rows of a window: from `from`, before `to`. A named row that is gone counts as not named. */
export function windowBounds(rows: readonly Keyed[], { first, last }: RowWindow): { from: number, to: number } {
  const end = last === null ? -1 : rows.findLastIndex(row => row.key === last)
  const to = end < 0 ? rows.length : end + 1
  const start = first === null ? -1 : rows.findIndex(row => row.key === first)
  return { from: start < 0 || start >= to ? Math.max(0, to - windowRows.base) : start, to }
}

const windowOf = (rows: readonly Keyed[], from: number, to: number): RowWindow => ({
  first: rows[from]?.key ?? null, last: to >= rows.length ? null : rows[to - 1]?.key ?? null
})

/** More rows before the first; those beyond `most` leave at the end. The same window when there are none. */
export function growBack(rows: readonly Keyed[], window: RowWindow): RowWindow {
  const { from, to } = windowBounds(rows, window)
  if (from === 0) return window
  const start = Math.max(0, from - windowRows.step)
  return windowOf(rows, start, Math.min(to, start + windowRows.most))
}

/** More rows after the last; those beyond `most` leave at the beginning. The same window when there are none. */
export function growOn(rows: readonly Keyed[], window: RowWindow): RowWindow {
  const { from, to } = windowBounds(rows, window)
  if (to === rows.length) return window
  const end = Math.min(rows.length, to + windowRows.step)
  return windowOf(rows, Math.max(from, end - windowRows.most), end)
}

/** The window of a reader who is not at the end: its first row stays, and rows that come beyond `most` stay outside. */
export function holdWindow(rows: readonly Keyed[], window: RowWindow): RowWindow {
  const { from, to } = windowBounds(rows, window)
  return windowOf(rows, from, Math.min(to, from + windowRows.most))
}

/** A window with the row at `index` in its middle. */
export function windowAround(rows: readonly Keyed[], index: number): RowWindow {
  return windowOf(rows, Math.max(0, index - windowRows.base / 2), Math.min(rows.length, index + windowRows.base / 2))
}
