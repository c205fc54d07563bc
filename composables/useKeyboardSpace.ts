import { useEventListener } from '@vueuse/core'

/** Less than this is a browser's bar coming or going, not a keyboard. */
const keyboardAtLeast = 120

/**
 * The height of an on-screen keyboard that lies *over* the page, in pixels; 0 where the browser makes the page smaller instead (`interactive-widget`).
 * Safari on phones also pushes the page up; it is put back, because what is needed is visible without.
 */
export function useKeyboardSpace() {
  const space = ref(0)
  const viewport = import.meta.client ? window.visualViewport : null

  function measure(): void {
    if (!viewport || viewport.scale > 1.01) return
    const covered = window.innerHeight - viewport.height
    space.value = covered >= keyboardAtLeast ? covered : 0
    if (space.value > 0) window.scrollTo(0, 0)
  }

  if (viewport) useEventListener(viewport, ['resize', 'scroll'], measure)
  return { space }
}
