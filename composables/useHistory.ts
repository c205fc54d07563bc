import type { ShallowRef } from 'vue'
import { useEventListener } from '@vueuse/core'

/** Pages are asked for when less than this many pixels are left before the edge. */
const ahead = 1_000

/** Moving through a conversation: pages beyond the edges, jumps, and what has come since the reader left the end. */
export function useHistory(conversation: Conversation, keeper: ReturnType<typeof useScrollKeeper>, scroller: Readonly<ShallowRef<HTMLElement | null>>) {
  const { room, timeline, me, mark, attempt } = conversation
  const messages = useMessagesStore()
  const olderFailed = ref(false)
  /** Seq of the last row when the reader was at the end. */
  const seenSeq = ref(0)

  const lastSeq = () => timeline.value.rows.findLast(row => Number.isFinite(row.seq))?.seq ?? 0
  const unseen = computed(() => keeper.atEnd.value && !timeline.value.moreAfter
    ? 0
    : timeline.value.rows.filter(row => Number.isFinite(row.seq) && row.seq > seenSeq.value && row.author !== me.value?.id && row.deletedAt === null).length)
  watch([keeper.atEnd, lastSeq], () => {
    if (keeper.atEnd.value && !timeline.value.moreAfter) seenSeq.value = lastSeq()
  }, { immediate: true })

  async function loadOlder(): Promise<void> {
    olderFailed.value = false
    try {
      await messages.older(room.value.id)
    } catch { // shown where the rows would be, with a way to try again
      olderFailed.value = true
    }
  }

  /** Asks for pages near the edges; again after each, until the view is full. */
  function fill(): void {
    const { status, moreBefore, moreAfter, loadingOlder } = timeline.value
    if (status !== 'ready' || !scroller.value) return
    const { above, below } = keeper.room()
    if (above < ahead && moreBefore && !loadingOlder && !olderFailed.value) void loadOlder()
    if (below < ahead && moreAfter) void attempt(() => messages.newer(room.value.id))
  }

  async function toEnd(): Promise<void> {
    if (timeline.value.moreAfter) await attempt(() => messages.latest(room.value.id))
    await nextTick()
    keeper.toEnd()
  }

  /** Shows the message with this seq, wherever it is, and marks it for a moment. */
  async function jump(seq: number): Promise<void> {
    const find = () => timeline.value.rows.find(row => row.seq === seq)
    if (!find()) {
      keeper.hold()
      await attempt(() => messages.around(room.value.id, seq))
      await nextTick()
    }
    const row = find()
    if (row && keeper.toRow(row.key)) mark(row.key)
  }

  useEventListener(scroller, 'scroll', fill, { passive: true })
  watch(() => [timeline.value.status, timeline.value.rows.length, timeline.value.loadingOlder, room.value.id], fill, { flush: 'post' })
  onMounted(async () => {
    await nextTick()
    showFirstUnread()
    fill()
  })

  /** Opening a room with more unread than fits: begin where the reader stopped. */
  function showFirstUnread(): void {
    const { firstUnreadSeq, rows } = timeline.value
    const first = firstUnreadSeq === null ? undefined : rows.find(row => row.seq >= firstUnreadSeq)
    if (first && !keeper.inView(first.key)) keeper.toRow(first.key, 'start')
  }

  return { unseen, jump, toEnd, olderFailed, retryOlder: loadOlder }
}
