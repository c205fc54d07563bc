import { useEventListener } from '@vueuse/core'
import type { ShallowRef } from 'vue'
import { growBack, growOn, holdWindow, wholeEnd, windowAround, windowBounds, type RowWindow } from '~/utils/rowWindow'

/** Rows are added when less than this many pixels are left before the edge: two or three screens. */
const ahead = 1_500
/** Newer rows that could not be loaded are asked for again no sooner than after so many ms. */
const patience = 5_000

/**
 * Moving through a conversation. Of the timeline's rows a window is in the page (utils/rowWindow.ts); near its edges it grows, and where the timeline
 * itself ends, pages are loaded. Also: jumps, and what has come since the reader left the end.
 */
export function useHistory(conversation: Conversation, scroller: Readonly<ShallowRef<HTMLElement | null>>, content: Readonly<ShallowRef<HTMLElement | null>>) {
  const { room, timeline, me, mark, attempt } = conversation
  const messages = useMessagesStore()
  const window = shallowRef<RowWindow>(wholeEnd)
  const bounds = computed(() => windowBounds(timeline.value.rows, window.value))
  const rows = computed(() => timeline.value.rows.slice(bounds.value.from, bounds.value.to))
  const hasEnd = computed(() => bounds.value.to === timeline.value.rows.length && !timeline.value.moreAfter)
  /** Where the "New" line is; null when it is above the rows in the page. */
  const newLine = computed(() => {
    const seq = timeline.value.firstUnreadSeq
    return seq !== null && bounds.value.from > 0 && seq < (rows.value[0]?.seq ?? 0) ? null : seq
  })
  const moreBefore = computed(() => bounds.value.from > 0 || timeline.value.moreBefore)
  const olderFailed = ref(false)

  const keeper = useScrollKeeper(scroller, content, () => hasEnd.value)
  const { atEnd } = keeper

  /** The view is where it begins: what is in it from now on has been seen. */
  const placed = ref(false)
  /** Seq of the last row when the reader was at the end. */
  const seenSeq = ref(0)
  const lastSeq = computed(() => timeline.value.rows.findLast(row => Number.isFinite(row.seq))?.seq ?? 0)
  const unseen = computed(() => {
    let count = 0
    const all = timeline.value.rows
    for (let i = all.length - 1; i >= 0 && all[i]!.seq > seenSeq.value; i--) {
      const row = all[i]!
      if (Number.isFinite(row.seq) && row.author !== me.value?.id && row.deletedAt === null) count++
    }
    return atEnd.value ? 0 : count
  })
  watch([atEnd, lastSeq], () => {
    if (atEnd.value) {
      seenSeq.value = lastSeq.value
      window.value = wholeEnd
    } else {
      window.value = holdWindow(timeline.value.rows, window.value)
    }
  }, { immediate: true, flush: 'sync' })

  /** Until we know how it ended: the rows say that it is over a moment before. */
  let askingOlder = false
  async function loadOlder(): Promise<void> {
    askingOlder = true
    olderFailed.value = false
    try {
      await messages.older(room.value.id)
    } catch { // shown where the rows would be, with a way to try again
      olderFailed.value = true
    }
    askingOlder = false
    fill()
  }

  /** From when on newer rows may be asked for, ms. */
  let newerAgainAt = 0
  async function loadNewer(): Promise<void> {
    newerAgainAt = Infinity
    newerAgainAt = await attempt(() => messages.newer(room.value.id)) ? 0 : performance.now() + patience
    fill()
  }

  /** Adds rows near the edges; called again after each change until the view is full. */
  function fill(): void {
    const { status, loadingOlder, loadingNewer, moreAfter, rows: all } = timeline.value
    if (status !== 'ready' || !scroller.value || lastSeq.value === 0) return
    const { above, below } = keeper.room()
    if (above < ahead) {
      if (bounds.value.from > 0) window.value = growBack(all, window.value)
      else if (timeline.value.moreBefore && !loadingOlder && !askingOlder && !olderFailed.value) void loadOlder()
    }
    if (below < ahead && !hasEnd.value) {
      if (bounds.value.to < all.length) window.value = growOn(all, window.value)
      else if (moreAfter && !loadingNewer && performance.now() >= newerAgainAt) void loadNewer()
    }
  }

  /** To the newest message of the room. */
  async function toEnd(): Promise<void> {
    if (timeline.value.moreAfter && !await attempt(() => messages.latest(room.value.id))) return
    window.value = wholeEnd
    await nextTick()
    keeper.toEnd()
  }

  async function show(index: number, block: 'center' | 'start'): Promise<string | null> {
    const key = timeline.value.rows[index]?.key
    if (key === undefined) return null
    keeper.hold()
    if (index < bounds.value.from || index >= bounds.value.to) {
      window.value = windowAround(timeline.value.rows, index)
      await nextTick()
    }
    return keeper.toRow(key, block) ? key : null
  }

  /** Shows the message with this seq, wherever it is, and marks it for a moment. */
  async function jump(seq: number): Promise<void> {
    const find = () => timeline.value.rows.findIndex(row => row.seq === seq)
    if (find() < 0) {
      keeper.hold()
      await attempt(() => messages.around(room.value.id, seq))
    }
    const key = await show(find(), 'center')
    if (key) mark(key)
    else keeper.release()
  }

  /** Opening a room with more unread than fits: begin where the reader stopped. */
  async function showFirstUnread(): Promise<void> {
    const { firstUnreadSeq, rows: all } = timeline.value
    const index = firstUnreadSeq === null ? -1 : all.findIndex(row => row.seq >= firstUnreadSeq)
    const key = all[index]?.key
    if (key !== undefined && !keeper.inView(key)) await show(index, 'start')
  }

  const route = useRoute()
  const router = useRouter()
  /** A link to one message leads here (`?message=seq`), once: the address is the room's again, so that the same link works again. */
  async function showAsked(): Promise<boolean> {
    const seq = Number(route.query.message)
    if (!Number.isSafeInteger(seq) || seq <= 0) return false
    await router.replace({ query: {} })
    await jump(seq)
    return true
  }

  useEventListener(scroller, 'scroll', fill, { passive: true })
  useWhenBack(() => newerAgainAt > 0, () => {
    newerAgainAt = 0
    fill()
  })
  watch(rows, keeper.note, { flush: 'pre' })
  watch([rows, () => timeline.value.status, () => timeline.value.loadingOlder, () => timeline.value.loadingNewer], () => {
    keeper.settle()
    fill()
  }, { flush: 'post' })
  watch(() => route.query.message, showAsked)
  onMounted(async () => {
    await nextTick()
    if (!await showAsked()) await showFirstUnread()
    placed.value = true
    fill()
  })

  return { rows, newLine, atEnd, placed, unseen, moreBefore, jump, toEnd, olderFailed, retryOlder: loadOlder }
}
