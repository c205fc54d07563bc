import { useEventListener } from '@vueuse/core'
import type { ShallowRef } from 'vue'

const pressMs = 450
/** A finger that moves further than this scrolls. */
const slack = 10

/**
 * Calls `onPress` with the element under a finger that stays for 450 ms. Only touch and pen: a mouse has hover and its own menu. The browser's own
 * long-press menu is kept away, except on links, which people press to copy them.
 */
export function useLongPress(target: Readonly<ShallowRef<HTMLElement | null>>, onPress: (element: Element) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let start = { x: 0, y: 0 }
  let touching = false
  let pressed = false

  const cancel = () => clearTimeout(timer)
  const isLink = (event: Event) => event.target instanceof Element && event.target.closest('a, button') !== null

  useEventListener(target, 'pointerdown', (event: PointerEvent) => {
    cancel()
    pressed = false
    touching = event.pointerType !== 'mouse'
    const element = event.target
    if (!touching || isLink(event) || !(element instanceof Element)) return
    start = { x: event.clientX, y: event.clientY }
    timer = setTimeout(() => {
      pressed = true
      onPress(element)
    }, pressMs)
  })
  useEventListener(target, 'pointermove', (event: PointerEvent) => {
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > slack) cancel()
  }, { passive: true })
  useEventListener(target, ['pointerup', 'pointercancel', 'pointerleave'], cancel)
  // Lifted soon, it would still count as a tap, on what has just opened under the finger, and close it.
  useEventListener(target, 'touchend', (event: TouchEvent) => { if (pressed && event.cancelable) event.preventDefault() }, { passive: false })
  useEventListener(target, 'contextmenu', (event) => {
    if (touching && !isLink(event)) event.preventDefault()
  })
  onScopeDispose(cancel)
}
