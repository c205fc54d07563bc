import { useEventListener } from '@vueuse/core'
import { onMounted, ref, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import { useSessionStore } from '~/stores/session'

const prefix = (user: string) => `chatly:draft:${user}:`

/** Storage may be missing or forbidden (private mode): a draft then lasts as long as the page. */
function storage(): Storage | null {
  try {
    return globalThis.localStorage ?? null
  } catch {
    return null
  }
}

/** The saved draft of a room, '' without one. */
export const readDraft = (user: string, room: string): string => storage()?.getItem(prefix(user) + room) ?? ''

/** Keeps a draft; an empty one is removed. A full storage loses the draft's copy, never what is typed. */
export function writeDraft(user: string, room: string, text: string): void {
  try {
    if (text) storage()?.setItem(prefix(user) + room, text)
    else storage()?.removeItem(prefix(user) + room)
  } catch (error) {
    console.warn('The draft could not be kept.', error)
  }
}

/** Removes every draft of a person from this browser. */
export function clearDrafts(user: string): void {
  const kept = storage()
  if (!kept) return
  for (const key of Array.from({ length: kept.length }, (_, i) => kept.key(i))) if (key?.startsWith(prefix(user))) kept.removeItem(key)
}

/** The text being written in a room, kept across reloads, and the same in all tabs of a browser: where two were written, each keeps its own. Empty until mounted, so that the server's page and the browser's are the same. */
export function useDraft(room: MaybeRefOrGetter<string>): Ref<string> {
  const session = useSessionStore()
  const text = ref('')
  const place = () => [session.me?.id ?? '', toValue(room)] as const
  let [user, of] = place()
  let hearing = false
  onMounted(() => {
    text.value ||= readDraft(user, of)
    // What another tab kept is not kept once more: by now it may have more.
    watch(text, value => hearing || writeDraft(user, of, value), { flush: 'sync' })
    useEventListener(window, 'storage', ({ key, oldValue, newValue }) => {
      if (key !== prefix(user) + of || text.value !== (oldValue ?? '')) return
      hearing = true
      text.value = newValue ?? ''
      hearing = false
    })
    watch(place, (now) => {
      [user, of] = now
      text.value = user ? readDraft(user, of) : ''
    })
  })
  return text
}
