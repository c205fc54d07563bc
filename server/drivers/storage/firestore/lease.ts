import { randomBytes } from 'node:crypto'
import type { Timestamp } from 'firebase-admin/firestore'
import { ChatError } from '#shared/errors'
import { type Client, sleep } from './client'

/** `hold`: nobody else may be here. `share`: others may, in the same way. `none`: nobody is asked. */
export type LeaseMode = 'hold' | 'share' | 'none'

/** Of times that Firestore's own clock tells; nobody's own clock is asked. `renew` and `lasts` in ms. */
export interface LeaseOptions {
  mode: LeaseMode
  renew?: number | undefined
  lasts?: number | undefined
  /** Somebody has it who may be gone: it is waited for at most so long, ms. */
  onWait: (most: number) => void
  /** Somebody else has taken it, because it could not be renewed for too long. */
  onLost: () => void
}

export interface Lease {
  /** Lets go of it, so that the next need not wait; of one that is shared, without a word to the others. */
  release: () => Promise<void>
}

/** Whose it is while several have the database together: each of them renews it for all. */
const SEVERAL = 'several'
const RENEW = 6_000
const LASTS = 15_000
/** How often it is looked whether whoever has it is alive, ms. */
const LOOK = 1_000
const FAREWELL = 2_000

const refused = (project: string) => new ChatError('conflict',
  `Another Chatly already uses this database (of the project ${project}). Stop it first; set REDIS_URL for all of them to run several, or CHATLY_SINGLE_INSTANCE=1 if you are sure that it is gone.`)

/**
 * Comes into the database, which a process without Redis has for itself, and those with Redis have together. Where the others have it and renew it, this rejects
 * with `conflict`; the lease of those that were killed is waited for.
 */
export async function enterDatabase(client: Client, { mode, renew = RENEW, lasts = LASTS, onWait, onLost }: LeaseOptions, project: string): Promise<Lease> {
  if (mode === 'none') return { release: async () => {} }
  const { lease } = client.at
  const holder = mode === 'share' ? SEVERAL : randomBytes(9).toString('base64url')
  /** Younger than this it need not be renewed. Whoever alone renews it finds it older every time. */
  const fresh = mode === 'share' ? renew * 0.9 : 0
  let released = false

  /** Takes it, or renews it. null: it is ours; else since when another's holds, and for how long it still does. */
  const claim = () => client.transaction(async (tx) => {
    const found = await tx.get(lease)
    const there = found.data()
    const age = there ? found.readTime.toMillis() - there.renewed.toMillis() : Infinity
    if (there && there.holder !== holder && age < lasts) return { renewed: there.renewed.toMillis(), left: lasts - age }
    if (!released && !(there?.holder === holder && age < fresh)) tx.set(lease, { holder, renewed: client.serverTime() as unknown as Timestamp })
    return null
  })

  for (let seen: number | null = null, other; (other = await claim()); seen = other.renewed) {
    // It was renewed while we looked: somebody is alive.
    if (seen !== null && other.renewed !== seen) throw refused(project)
    if (seen === null) onWait(other.left)
    await sleep(Math.min(other.left, LOOK))
  }

  let timer: NodeJS.Timeout
  const next = () => {
    timer = setTimeout(() => void renewOnce(), renew).unref()
  }
  async function renewOnce(): Promise<void> {
    // An outage is told where it is met; while it lasts nobody else can take it either.
    const other = await claim().catch(() => null)
    if (released) return
    if (other) onLost()
    else next()
  }
  next()

  return {
    async release() {
      released = true
      clearTimeout(timer)
      // Others may still be there.
      if (mode === 'share') return
      await client.attempt(async (tx) => {
        if ((await tx.get(lease)).data()?.holder === holder) tx.delete(lease)
      }, FAREWELL).catch(() => {})
    }
  }
}
