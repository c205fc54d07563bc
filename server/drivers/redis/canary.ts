/** How often it sings, ms, and how many songs may stay unheard: two seconds. */
const BEAT = 500
const PATIENCE = 4

export interface Canary { heard: () => void, stop: () => void }

/**
 * Finds a line that is open and dead: `sing` is called now and every half second; when four songs in a row were not `heard`, `lost` is called, within
 * 2.5 s. It counts songs, not time: when this process itself was late, nothing is lost.
 */
export function startCanary(sing: () => void, lost: () => void): Canary {
  let silent = 0
  const timer = setInterval(() => {
    if (++silent > PATIENCE) lost()
    else sing()
  }, BEAT)
  sing()
  return {
    heard() { silent = 0 },
    stop() { clearInterval(timer) }
  }
}
