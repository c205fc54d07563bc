/**
 * Keeps what people typed, or the browser filled in, before the page came alive: hydration would empty the fields. Call it in the setup of the
 * component whose root is the form; `state` has the fields' names.
 */
export function useTyped(state: Record<string, unknown>) {
  const root: unknown = getCurrentInstance()?.vnode.el
  if (!import.meta.client || !useNuxtApp().isHydrating || !(root instanceof Element)) return

  const typed = [...root.querySelectorAll('input')].filter(input => input.value && typeof state[input.name] === 'string')
    .map(input => ({ name: input.name, value: input.value }))
  onMounted(() => {
    for (const { name, value } of typed) state[name] = value
  })
}
