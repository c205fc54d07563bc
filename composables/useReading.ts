import { useDocumentVisibility, useWindowFocus } from '@vueuse/core'

/** Marks the room read while its end is in view and somebody is there to see it. */
export function useReading({ room, me, timeline }: Conversation, seesEnd: () => boolean) {
  const messages = useMessagesStore()
  const visibility = useDocumentVisibility()
  const focused = useWindowFocus()

  const reading = computed(() => seesEnd() && focused.value && visibility.value === 'visible' && me.value !== null
    && timeline.value.status === 'ready' && !timeline.value.moreAfter)
  const last = computed(() => timeline.value.rows.findLast(row => Number.isFinite(row.seq))?.seq ?? 0)
  onMounted(() => watch([reading, last, () => room.value.id], () => {
    if (reading.value && last.value > 0) messages.markRead(room.value.id)
  }, { immediate: true }))
}
