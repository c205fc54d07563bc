import { computed, reactive, watch } from 'vue'

/**
 * What somebody chooses in a form, before it is saved: `state`, and whether it is `changed` from what holds, which `current` says. `undo` gives it up.
 * Only where that becomes different is the choice undone, not where the same is told again; of `typed` fields only those that nobody has touched.
 */
export function useChoice<T extends object>(current: () => T, { typed = false } = {}) {
  // Of its own: what holds may be an object that others keep, and would follow each choice at once.
  const state = reactive({ ...current() })
  const told = computed(() => JSON.stringify(current()))
  const undo = () => Object.assign(state, current())
  watch(told, (_, before) => {
    const was = JSON.parse(before) as Record<string, unknown>
    const follow = Object.entries(current()).filter(([name]) => !typed || Reflect.get(state, name) === was[name])
    Object.assign(state, Object.fromEntries(follow))
  })
  return { state, changed: computed(() => JSON.stringify(state) !== told.value), undo }
}
