/**
 * What people typed, or the browser filled in, before the page came alive, by the names of the fields: hydration would empty them. Call it in the
 * setup of the component whose root has the fields in it. Nothing where the page was alive before.
 */
export function typedBefore(): Record<string, string> {
  const root: unknown = getCurrentInstance()?.vnode.el
  if (!import.meta.client || !useNuxtApp().isHydrating || !(root instanceof Element)) return {}
  const fields = [...root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input[name], textarea[name]')]
  return Object.fromEntries(fields.filter(field => field.value !== '').map(field => [field.name, field.value]))
}

/** Keeps that in `state`, which has the fields' names. */
export function useTyped(state: Record<string, unknown>) {
  const typed = Object.entries(typedBefore()).filter(([name]) => typeof state[name] === 'string')
  onMounted(() => Object.assign(state, Object.fromEntries(typed)))
}
