import type { ErrorBody } from '#shared/errors'
import type { Paged } from '#shared/types'
import { asChatError, type ApiOptions } from './useApi'

/** A cursor-paged list as a component shows it. */
export interface PagedList<T> {
  items: T[]
  next: string | null
  loading: boolean
  error: ErrorBody | null
  reload: () => Promise<void>
  more: () => Promise<void>
  /** Changes an item that is shown, or (null) takes it out. */
  put: (id: string | number, item: T | null) => void
}

/** The list at `path`, loaded in the browser and again whenever `path` or `query` change; an older answer of a former one is void. */
export function usePaged<T extends { id: string | number }>(path: () => string, query: () => NonNullable<ApiOptions['query']> = () => ({})): PagedList<T> {
  const api = useApi()
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  const loading = ref(true)
  const error = ref<ErrorBody | null>(null)
  let turn = 0
  /** Of the page that could not be loaded. */
  let failed: string | undefined

  async function load(cursor?: string): Promise<void> {
    const mine = ++turn
    loading.value = true
    error.value = null
    try {
      const page = await api<Paged<T>>(path(), { query: { ...query(), cursor } })
      if (mine !== turn) return
      items.value = cursor ? [...items.value, ...page.items] : page.items
      next.value = page.next
    } catch (cause) {
      if (mine !== turn) return
      error.value = asChatError(cause).toJSON()
      failed = cursor
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  useWhenBack(() => error.value !== null, () => load(failed))
  onMounted(() => watch([path, () => JSON.stringify(query())], () => void load(), { immediate: true }))

  const list = {
    items, next, loading, error,
    reload: () => load(),
    more: async () => { if (next.value && !loading.value) await load(next.value) },
    put(id: string | number, item: T | null) { items.value = items.value.flatMap(other => other.id === id ? item ?? [] : other) }
  }
  return reactive(list) as PagedList<T>
}
