import { randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { ChatError } from '#shared/errors'
import { derive as deriveKey } from './hashers'

/** scrypt's N as its logarithm, block size and parallelism. */
interface Cost { ln: number, r: number, p: number }

export interface ScryptOptions {
  /** 32 MiB and a few tenths of a second: dear to guess, yet a flood of log-ins is no outage. */
  cost?: Cost
  /** Hashes made at once (two; one where there are only two processors), and how many may wait for their turn. */
  concurrency?: number
  waiting?: number
}

const SALT_BYTES = 16
const KEY_BYTES = 32
const RETRY_AFTER = 2_000
const ENCODED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

interface Scrypt {
  /** `$scrypt$ln=…,r=…,p=…$salt$key`, with a salt of its own. */
  hash: (password: string) => Promise<string>
  /** Whether the password made this hash. null, for nobody's, costs as much and is never right. */
  verify: (password: string, encoded: string | null) => Promise<boolean>
  /** Whether a hash was made at the present cost. */
  current: (encoded: string) => boolean
}

/** Hashing behind a short queue: beyond it, `unavailable` with a wait. */
export function createScrypt({ cost = { ln: 15, r: 8, p: 3 }, concurrency = availableParallelism() > 2 ? 2 : 1, waiting = 50 }: ScryptOptions = {}): Scrypt {
  const inTurn = createTurns(concurrency, waiting)
  const prefix = `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$`
  const nobody = { cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) }

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      const key = await inTurn(() => derive(password, salt, cost))
      return `${prefix}${base64(salt)}$${base64(key)}`
    },

    async verify(password, encoded) {
      const known = encoded === null ? nobody : decode(encoded)
      const key = await inTurn(() => derive(password, known.salt, known.cost))
      return timingSafeEqual(key, known.key) && encoded !== null
    },

    current: encoded => encoded.startsWith(prefix)
  }
}

// Unicode can write one password in several ways, depending on the keyboard.
const derive = (password: string, salt: Buffer, { ln, r, p }: Cost) => deriveKey({ password: password.normalize('NFKC'), salt, bytes: KEY_BYTES, N: 2 ** ln, r, p })

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

function decode(encoded: string): { cost: Cost, salt: Buffer, key: Buffer } {
  const [, ln, r, p, salt = '', key = ''] = ENCODED.exec(encoded) ?? []
  if (key === '') throw new Error('A stored password hash is of an unknown form.')
  return { cost: { ln: Number(ln), r: Number(r), p: Number(p) }, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') }
}

function createTurns(concurrency: number, waiting: number) {
  const queue: (() => void)[] = []
  let running = 0

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (queue.length >= waiting) throw new ChatError('unavailable', 'Too many people are signing in at once. Try again in a moment.', RETRY_AFTER)
      // The turn is handed over, not given back: `running` stays as it is.
      await new Promise<void>((resolve) => { queue.push(resolve) })
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running--
    }
  }
}
