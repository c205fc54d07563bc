import { errorCodes, type ErrorBody } from '#shared/errors'
import { isDoor } from '~/utils/doors'
import { asChatError } from './useApi'

/**
 * The room behind a link with its messages: loaded on the server with the last page, live in the browser for as long as the component is there.
 * `problem` says why there is none, and `lost` is the room that the reader was in until a moment ago; `reload` tries again. `room` follows changes, and is null once the room is deleted or lost; of a private room that
 * one may not enter it is the door (isDoor), without messages. Await `loaded` in the page's
 * setup: on the server it waits for all of it, in the browser for nothing.
 */
export function useRoom(slug: string) {
  const rooms = useRoomsStore()
  const messages = useMessagesStore()
  const event = useRequestEvent()
  const text = useText().room
  const room = computed(() => Object.values(rooms.byId).find(candidate => candidate.slug === slug) ?? null)

  const lost = computed(() => room.value ? null : rooms.lost.find(other => other.slug === slug) ?? null)

  /** Its id, while there is more to see than its door. */
  const readable = computed(() => room.value && !isDoor(room.value) ? room.value.id : null)

  async function load(): Promise<{ problem: ErrorBody | null }> {
    try {
      // The list beside the conversation; on the server both at once.
      const list = rooms.shown.length === 0 || rooms.query.search ? rooms.load() : undefined
      const opened = await rooms.open(slug)
      if (import.meta.server && !isDoor(opened)) await messages.open(opened)
      await list
      return { problem: null }
    } catch (error) {
      const problem = asChatError(error).toJSON()
      if (event) setResponseStatus(event, errorCodes[problem.code].status)
      return { problem }
    }
  }

  const loaded = useAsyncData(`room ${slug}`, load, { lazy: true, getCachedData: (key, app) => app.isHydrating ? app.payload.data[key] : undefined })
  const { data, status, refresh } = loaded
  const problem = computed<ErrorBody | null>(() => {
    if (room.value) return null
    if (lost.value) return { code: lost.value.how === 'deleted' ? 'not_found' : 'forbidden', message: text.lost[lost.value.how] }
    return data.value?.problem ?? (status.value === 'success' ? { code: 'not_found', message: '' } : null)
  })

  useWhenBack(() => data.value?.problem?.code === 'unavailable' && !room.value, refresh)
  onMounted(() => {
    watch(readable, (id, before) => {
      if (before) messages.close(before)
      if (room.value && id) void messages.open(room.value)
    }, { immediate: true })
  })
  onBeforeUnmount(() => {
    if (readable.value) messages.close(readable.value)
  })
  return { room, lost, problem, loaded, reload: refresh }
}
