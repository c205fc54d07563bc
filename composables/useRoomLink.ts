import type { RoomSummary } from '#shared/types'

/** Copies a room's link. Where the browser does not let us, it is in `link`, to be copied by hand. */
export function useRoomLink(room: () => RoomSummary) {
  const text = useText().room
  const toast = useToast()
  const link = ref('')

  async function copyLink(): Promise<void> {
    const address = `${location.origin}/rooms/${encodeURIComponent(room().slug)}`
    try {
      await copyText(address)
      toast.add({ title: text.linkCopied, icon: 'i-lucide-check', duration: 2_000 })
    } catch { // not allowed here: by hand, then
      link.value = address
    }
  }
  return { link, copyLink }
}
