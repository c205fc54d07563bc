import type { Ref, ShallowRef } from 'vue'
import type { ConversationItem } from '~/utils/conversation'
import type { Row } from '~/utils/timeline-types'

const steps: Record<string, (at: number, last: number) => number> = {
  ArrowUp: at => at - 1, ArrowDown: at => at + 1, Home: () => 0, End: (_, last) => last
}

/**
 * Which row shows its toolbar: the one under the mouse or the keyboard's focus. The list is one stop of the Tab key (its last row at first); arrow keys,
 * Home and End move between rows. While `pinned` (a menu of the row is open) it stays.
 */
export function useActiveRow(content: Readonly<ShallowRef<HTMLElement | null>>, items: Readonly<Ref<ConversationItem<Row>[]>>, pinned: Readonly<Ref<boolean>>) {
  const active = ref<string | null>(null)
  const visited = ref<string | null>(null)
  const rowOf = (target: EventTarget | null) => target instanceof Element ? target.closest<HTMLElement>('[data-key]') : null

  const tabStop = computed(() => {
    const rows = items.value
    if (visited.value !== null && rows.some(item => item.key === visited.value)) return visited.value
    return rows.at(-1)?.key ?? null
  })

  /** Fingers have no hover: they press long. */
  function onPointer(event: PointerEvent): void {
    if (pinned.value || event.pointerType !== 'mouse') return
    active.value = event.type === 'pointerleave' ? null : rowOf(event.target)?.dataset.key ?? null
  }

  function onFocus(event: FocusEvent): void {
    if (pinned.value) return
    const row = rowOf(event.type === 'focusout' ? event.relatedTarget : event.target)
    if (event.type === 'focusout') {
      if (!row) active.value = null
    } else if (row && event.target instanceof Element && event.target.matches(':focus-visible')) {
      visited.value = active.value = row.dataset.key ?? null
    }
  }

  function onKey(event: KeyboardEvent): void {
    const step = steps[event.key]
    const row = rowOf(event.target)
    // Inside a row the keys belong to what has the focus there.
    if (!step || row !== event.target || !content.value) return
    const rows = [...content.value.querySelectorAll<HTMLElement>('[data-key]')]
    const next = rows[step(rows.indexOf(row as HTMLElement), rows.length - 1)]
    if (!next) return
    event.preventDefault()
    next.focus()
  }

  return { active, onPointer, onFocus, onKey, isTabStop: (key: string) => key === tabStop.value }
}
