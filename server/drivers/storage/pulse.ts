/**
 * A check that anybody may ask for, as often as they like: those who ask while one is under way share it, and that it went well is remembered for `keep` ms. That it
 * failed is remembered for nobody.
 */
export function createPulse(take: () => Promise<void>, keep: number, now = () => performance.now()): () => Promise<void> {
  let good = -Infinity
  let taking: Promise<void> | null = null

  async function begin(): Promise<void> {
    try {
      await take()
      good = now()
    } finally {
      taking = null
    }
  }

  return async () => {
    if (now() - good >= keep) await (taking ??= begin())
  }
}
