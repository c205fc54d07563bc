const browsers: [string, RegExp][] = [['Edge', /Edg(?:e|A|iOS)?\//], ['Opera', /OPR\//], ['Samsung Internet', /SamsungBrowser/], ['Firefox', /Firefox|FxiOS/], ['Chrome', /Chrome|CriOS/], ['Safari', /Safari/]]
const systems: [string, RegExp][] = [['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['Windows', /Windows/], ['ChromeOS', /CrOS/], ['macOS', /Mac OS X|Macintosh/], ['Linux', /Linux/]]

/** A User-Agent header as two words that people know; null for what is not recognised. Good enough to tell one's own devices apart, nothing else. */
export function describeAgent(agent: string): { browser: string | null, system: string | null, phone: boolean } {
  const find = (list: [string, RegExp][]) => list.find(([, pattern]) => pattern.test(agent))?.[0] ?? null
  return { browser: find(browsers), system: find(systems), phone: /iPhone|iPad|Android|Mobile/.test(agent) }
}
