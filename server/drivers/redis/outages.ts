import type { Reason } from './reasons'

/** Says an outage once and its end once; and once each thing that somebody must change before it can end. */
export function outages(say: (line: string) => void): { down: (reason: Reason, starting: boolean) => void, up: () => void } {
  let since: number | null = null
  const said = new Set<string>()

  return {
    down({ text, settings }, starting) {
      const first = since === null
      since ??= performance.now()
      if (!first && (!settings || said.has(text))) return
      said.add(text)
      say(starting
        ? `cannot be used: ${text}. Chatly runs without it and keeps trying.`
        : `is away: ${text}. Until it is back, what other instances do is seen later.`)
    },
    up() {
      if (since !== null) say(`is back after ${((performance.now() - since) / 1000).toFixed(1)} s.`)
      since = null
      said.clear()
    }
  }
}
