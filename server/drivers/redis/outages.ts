import type { Reason } from './reasons'

export interface Sentences {
  begins: (why: string) => string
  ends: (seconds: string) => string
}

/** Says an outage once and its end once; and once each thing that somebody must change before it can end. */
export function outages(say: (line: string) => void, { begins, ends }: Sentences): { down: (reason: Reason) => void, up: () => void } {
  let since: number | null = null
  const said = new Set<string>()

  return {
    down({ text, settings }) {
      const first = since === null
      since ??= performance.now()
      if (!first && (!settings || said.has(text))) return
      said.add(text)
      say(begins(text))
    },
    up() {
      if (since !== null) say(ends(((performance.now() - since) / 1000).toFixed(1)))
      since = null
      said.clear()
    }
  }
}
