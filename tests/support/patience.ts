import { vi } from 'vitest'

/** How long `vi.waitFor` waits where a test does not say, ms: its own second is shorter than a machine that others use may stand still. */
const PATIENCE = 10_000

const { waitFor } = vi
vi.waitFor = (callback, options) => waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE, ...options })
