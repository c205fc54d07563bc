/**
 * Puts the focus into the first field of the component whose setup calls this, where there is a mouse: under a finger it would open the keyboard over what one
 * has come to read. Not away from where somebody is writing, or has gone before the page came alive.
 */
export function useFirstField() {
  const own = getCurrentInstance()
  const rendered = useNuxtApp().isHydrating
  onMounted(() => {
    const root: unknown = own?.vnode.el
    const { activeElement } = document
    const busy = activeElement?.matches(rendered ? ':not(body)' : 'input, textarea, select')
    if (busy || !(root instanceof Element) || !matchMedia('(pointer: fine)').matches) return
    root.querySelector<HTMLElement>('input:not([type=hidden], [hidden]), textarea')?.focus()
  })
}
