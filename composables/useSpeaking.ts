import type { RoomSummary } from '#shared/types'
import type { Row } from '~/utils/timeline-types'

/** Why one can't write in a room at the moment. */
export type Silence = 'visitor' | 'archived' | 'closed' | 'muted'

/** Whether the reader may write here now, and in how many seconds they will; the server decides. `rows` are those of the conversation. */
export function useSpeaking(room: () => RoomSummary, rows: () => readonly Row[]) {
  const session = useSessionStore()
  const runsIt = computed(() => room().role === 'owner' || room().role === 'moderator')
  const muteLeft = useCountdown(() => room().mutedUntil)

  /** The message that slow mode counts from. */
  const last = computed(() => room().slowModeSeconds === 0 || runsIt.value ? undefined : rows().findLast(row => row.author === session.me?.id && row.state !== 'failed'))
  const since = ref(0)
  // Once for each message, not at each news of the room: a clock that is behind would begin the wait anew each time.
  watch(() => `${last.value?.key} ${last.value?.at}`, () => { since.value = Math.min(last.value?.at ?? 0, Date.now()) }, { immediate: true, flush: 'sync' })
  /** When slow mode lets the reader write again. A clock that is wrong makes nobody wait longer than the rule. */
  const pace = computed(() => last.value ? since.value + room().slowModeSeconds * 1000 : null)
  const paceLeft = useCountdown(() => pace.value)

  const silence = computed<Silence | null>(() => {
    if (!session.me) return 'visitor'
    if (room().archivedAt !== null) return 'archived'
    if (muteLeft.value > 0) return 'muted'
    return room().closedAt !== null && !runsIt.value ? 'closed' : null
  })
  return { silence, paceLeft, muteLeft }
}
