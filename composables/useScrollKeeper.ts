import { useEventListener, useResizeObserver } from '@vueuse/core'
import type { ShallowRef } from 'vue'

/** Closer to the end than this many pixels counts as being there. */
const nearEnd = 40

/**
 * Holds what the reader looks at in its place while rows come and go, and follows the end while the reader is there.
 *
 * The scroller is a reversed flex column around one child: position 0 is the end and earlier is negative. So the browser itself starts at the end
 * (before any script), stays there when rows or the keyboard come, and does not move when older rows are put in front. What is left to do is to keep
 * the place when something changes *below* it. Rows carry `data-key`. `hasEnd` says whether the last row in the page is the last there is: only such
 * an end is followed.
 */
export function useScrollKeeper(scroller: Readonly<ShallowRef<HTMLElement | null>>, content: Readonly<ShallowRef<HTMLElement | null>>, hasEnd: () => boolean) {
  /** The reader sees the end. */
  const atEnd = ref(true)
  /** A row near the top of the view, and how far its lower edge is from the end of the content. */
  let anchor: { key: string, fromEnd: number } | null = null
  /** Where the view was before the rows changed. */
  let noted: number | null = null
  /** True while we take the reader somewhere: the end must not be followed on the way. */
  let held = false

  const fromEnd = (element: Element) => content.value!.getBoundingClientRect().bottom - element.getBoundingClientRect().bottom
  const isAtEnd = () => hasEnd() && (scroller.value?.scrollTop ?? 0) > -nearEnd
  const find = (key: string) => content.value?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null

  /** Remembers the first row that reaches into the view. Rows stand in order, so halving finds it. */
  function remember(): void {
    if (!scroller.value || !content.value) return
    const top = scroller.value.getBoundingClientRect().top
    const rows = content.value.querySelectorAll<HTMLElement>('[data-key]')
    let low = 0
    let high = rows.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (rows[middle]!.getBoundingClientRect().bottom > top) high = middle
      else low = middle + 1
    }
    const row = rows[low]
    anchor = row ? { key: row.dataset.key!, fromEnd: fromEnd(row) } : null
  }

  /** Call before rows change: while they do, the browser may have to scroll, because there is too little left to show. */
  function note(): void {
    noted = scroller.value?.scrollTop ?? null
  }

  /** Puts the view back where it was after the content changed. Harmless when nothing did. */
  function settle(): void {
    if (!scroller.value || !content.value) return
    if (atEnd.value && !held) {
      scroller.value.scrollTop = 0
    } else if (anchor) {
      const row = find(anchor.key)
      if (row) scroller.value.scrollTop = (noted ?? scroller.value.scrollTop) - (fromEnd(row) - anchor.fromEnd)
    }
    noted = null
    remember()
  }

  /** The view is where the reader wants it: the end is followed again, if it is there. */
  function release(): void {
    if (!scroller.value) return
    atEnd.value = isAtEnd()
    held = false
    remember()
  }

  /** To the newest row that is here. */
  function toEnd(): void {
    held = false
    atEnd.value = true
    settle()
  }

  /** Brings a row to the middle of the view (`center`) or a little below its top (`start`). false: it is not here. */
  function toRow(key: string, block: 'center' | 'start' = 'center'): boolean {
    const row = find(key)
    if (!row || !scroller.value) return false
    hold()
    row.scrollIntoView({ block, behavior: 'instant' })
    atEnd.value = isAtEnd()
    // Where it was in view at the end nothing has moved, and no scroll will come.
    held = !atEnd.value
    remember()
    return true
  }

  /** Whether a row's upper edge can be seen. */
  function inView(key: string): boolean {
    const row = find(key)
    return row !== null && scroller.value !== null && row.getBoundingClientRect().top >= scroller.value.getBoundingClientRect().top
  }

  /** Stops following the end until the next scroll: other rows are about to come. */
  function hold(): void {
    held = true
    atEnd.value = false
  }

  /** Pixels between the view and the first and the last row that are here. */
  const room = () => {
    const { scrollHeight = 0, clientHeight = 0, scrollTop = 0 } = scroller.value ?? {}
    return { above: scrollHeight - clientHeight + scrollTop, below: -scrollTop }
  }

  useResizeObserver([scroller, content], settle)
  useEventListener(scroller, 'scroll', release, { passive: true })
  return { atEnd, note, settle, toEnd, toRow, inView, hold, release, room }
}
