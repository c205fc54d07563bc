import type { RoomSummary } from '#shared/types'

/** Into a public room that one reads, without writing in it. */
export function useJoin(room: () => RoomSummary) {
  const rooms = useRoomsStore()
  const text = useText().room
  const { attempt } = useDone()
  const { pending, run } = useAction(() => attempt(() => rooms.join(room().id), text.joined(room().name)))

  async function join(): Promise<void> {
    await run()
    await nextTick()
    // The button that was pressed is gone now.
    if (document.activeElement === document.body) document.getElementById('content')?.focus()
  }
  return { pending, join }
}
