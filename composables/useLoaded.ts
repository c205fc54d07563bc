import type { ErrorBody } from '#shared/errors'
import { asChatError } from './useApi'

/**
 * What `load` gives, for a component to show: the server loads it first. `problem` says why the last try failed, and goes with the line's return; what was
 * loaded before stays. (An error that useAsyncData catches itself loses its code and its words.)
 */
export function useLoaded<T>(key: string, load: () => Promise<T>) {
  const loaded = useAsyncData(key, async (): Promise<{ problem: ErrorBody | null, value: T | null }> => {
    try {
      return { value: await load(), problem: null }
    } catch (cause) {
      return { value: loaded.data.value?.value as T ?? null, problem: asChatError(cause).toJSON() }
    }
  }, { lazy: true })
  const problem = computed(() => loaded.data.value?.problem ?? null)
  const reload = () => loaded.refresh()
  useWhenBack(() => problem.value !== null, reload)
  return { data: computed(() => loaded.data.value?.value as T | null ?? null), problem, reload }
}
