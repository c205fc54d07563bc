import { computed, reactive, watch } from 'vue'

/**
 * What somebody chooses in a form, before it is saved: `state`, and whether it is `changed` from what holds, which `current` says.
 * Only where that becomes different is the choice undone, not where the same is told again.
 */
export function useChoice<T extends object>(current: () => T) {
  const state = reactive(current())
  const told = computed(() => JSON.stringify(current()))
  watch(told, () => Object.assign(state, current()))
  return { state, changed: computed(() => JSON.stringify(state) !== told.value) }
}
