import { ChatError } from '#shared/errors'

/** Hands on what is not the plain absence or refusal of Redis, which the link reports itself; the same words once a minute. */
export function createReporter(onError: (error: unknown) => void): (error: unknown) => void {
  const said = new Map<string, number>()
  return (error) => {
    if (error instanceof ChatError && error.code === 'unavailable') return
    const words = String(error)
    const now = performance.now()
    if (now - (said.get(words) ?? -Infinity) < 60_000) return
    if (said.size > 100) said.clear()
    said.set(words, now)
    onError(error)
  }
}
