/** Calls `act` at most once in `ms` for each key: the first at once, the last of the others at the end. */
export function createThrottle(ms: number, act: (key: string) => void) {
  const open = new Map<string, { timer: ReturnType<typeof setTimeout>, again: boolean }>()

  function run(key: string): void {
    const timer = setTimeout(() => {
      const entry = open.get(key)
      open.delete(key)
      if (entry?.again) run(key)
    }, ms)
    open.set(key, { timer, again: false })
    act(key)
  }

  /** What is still to be done for a key, at once. */
  function flush(key: string): void {
    const entry = open.get(key)
    if (!entry) return
    clearTimeout(entry.timer)
    open.delete(key)
    if (entry.again) act(key)
  }

  return {
    call(key: string): void {
      const entry = open.get(key)
      if (entry) entry.again = true
      else run(key)
    },
    flush,
    /** The same for every key. */
    flushAll(): void {
      for (const key of [...open.keys()]) flush(key)
    },
    clear(): void {
      for (const { timer } of open.values()) clearTimeout(timer)
      open.clear()
    }
  }
}
