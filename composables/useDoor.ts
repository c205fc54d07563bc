import { asChatError } from '~/composables/useApi'

/** How often a door is looked at again while it is in sight, in ms: nothing is told of a room to those who are not in it. */
const lookEvery = 30_000

/** Before a private room: its password is tried by `join`, which gives when the next try is of use; what becomes of the room meanwhile is seen. */
export function useDoor(id: () => string) {
  const rooms = useRoomsStore()
  const connection = useConnection()
  let looking: AbortController | null = null
  let joining = false

  function look(): void {
    if (joining || looking || document.visibilityState === 'hidden') return
    // A door that could not be looked at stays as it was; the next look will tell.
    const mine = looking = new AbortController()
    rooms.check(id(), mine.signal).catch(() => {}).finally(() => { if (looking === mine) looking = null })
  }

  async function join(password?: string): Promise<number | null> {
    joining = true
    // Its answer would shut the door behind who goes in.
    looking?.abort()
    try {
      await rooms.join(id(), password)
      return null
    } catch (cause) {
      const { code, retryAfter } = asChatError(cause)
      if (code !== 'rate_limited' || !retryAfter) throw cause
      return Date.now() + retryAfter
    } finally {
      joining = false
    }
  }

  let timer: ReturnType<typeof setInterval>
  onMounted(() => {
    timer = setInterval(look, lookEvery)
    document.addEventListener('visibilitychange', look)
    window.addEventListener('focus', look)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
    window.removeEventListener('focus', look)
  })
  watch(() => connection.state, (state) => { if (state === 'open') look() })

  return { join }
}
