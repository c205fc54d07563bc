import { randomBytes } from 'node:crypto'
import type { Timestamp, Transaction } from 'firebase-admin/firestore'
import type { Changes, Control } from '../../../core/ports'
import { type Client, findDocs } from './client'
import type { ControlDoc } from './layout'

/** Leaves controls for other processes, in the same transaction as what they speak of. */
export type Note = (tx: Transaction, controls: readonly Control[]) => void

export interface Watcher {
  note: Note
  /** This process among the others. */
  origin: string
  watch: (listen: (changes: Changes) => void) => void
  close: () => Promise<void>
}

/** How often the others' commits are looked for, ms. */
const EVERY = 2_000
/** The time that a change carries is when the server took it up; it may be seen a little later. So much is looked at again. */
const OVERLAP = 6_000
/** Controls are kept so long; a process that looks later is told that it missed some. */
const KEEP = 10 * 60_000
const TIDY_EVERY = 5 * 60_000
const AT_ONCE = 500

/**
 * Looks for what other processes committed: rooms by the time of their last change, what people have read by the time of that, and the rest in `controls`.
 * Whatever is told may have been told before. `several`: whether there can be other processes at all.
 */
export async function createWatcher(client: Client, { several, every = EVERY }: { several: boolean, every?: number | undefined }): Promise<Watcher> {
  const { at, serverTime, timestamp } = client
  const origin = randomBytes(9).toString('base64url')
  const listeners: ((changes: Changes) => void)[] = []
  // The server's clock, not ours.
  let since = several ? (await client.call(() => at.site.get())).readTime.toMillis() - OVERLAP : 0
  let looked = Date.now()
  let tidied = Date.now()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | null = null
  const told = { heads: new Map<string, number>(), controls: new Set<string>() }

  /** Told for the first time; remembered for as long as it can be found again. */
  function fresh(key: string, seen: Set<string>): boolean {
    seen.add(key)
    return !told.controls.has(key)
  }

  async function look(): Promise<void> {
    const from = timestamp(since)
    const [rooms, read, controls] = await client.snapshot(async tx => [
      await tx.get(at.rooms.where('touched', '>', from).orderBy('touched')),
      await tx.get(at.everywhere.where('readAt', '>', from).orderBy('readAt').limit(AT_ONCE)),
      await tx.get(at.controls.where('at', '>', from).orderBy('at').limit(AT_ONCE))
    ] as const)
    const heads = new Map<string, number>()
    const known = new Map<string, number>()
    for (const { id, seq } of rooms.docs.map(found => found.data())) {
      known.set(id, seq)
      if (told.heads.get(id) !== seq) heads.set(id, seq)
    }
    const seen = new Set<string>()
    const heard: Control[] = []
    for (const { room, user, readSeq, readOf } of read.docs.map(found => found.data())) {
      if (fresh(`${room} ${user} ${readSeq}`, seen) && readOf !== origin) heard.push({ kind: 'read', room, user, readSeq })
    }
    for (const found of controls.docs) {
      const { of, json } = found.data()
      if (fresh(found.id, seen) && of !== origin) heard.push(JSON.parse(json))
    }
    // More than was asked for: the next look goes on behind the last of these, and nothing else is skipped meanwhile.
    const full = [read.size >= AT_ONCE ? read.docs.at(-1)?.data().readAt : undefined, controls.size >= AT_ONCE ? controls.docs.at(-1)?.data().at : undefined]
      .filter(time => time !== undefined).map(time => time.toMillis() - 1)
    const missed = Date.now() - looked > KEEP
    since = Math.max(since, Math.min(controls.readTime.toMillis() - OVERLAP, ...full))
    looked = Date.now()
    told.heads = known
    told.controls = seen
    if (heads.size > 0 || heard.length > 0 || missed) for (const listen of listeners) listen({ heads, controls: heard, missed })
  }

  async function tidy(): Promise<void> {
    if (Date.now() - tidied < TIDY_EVERY) return
    tidied = Date.now()
    const old = await findDocs(null, at.controls.where('at', '<', timestamp(since - KEEP)).orderBy('at').limit(AT_ONCE))
    const batch = client.db.batch()
    for (const { ref } of old) batch.delete(ref)
    if (old.length > 0) await batch.commit()
  }

  function next(): void {
    timer = setTimeout(() => {
      // An outage is told where it is met; the next look covers this one's time too.
      looking = look().then(tidy).catch(() => {}).finally(() => { if (timer !== undefined) next() })
    }, every).unref()
  }

  return {
    origin,
    note(tx, controls) {
      if (!several) return
      for (const control of controls) {
        tx.create(at.controls.doc(), {
          at: serverTime() as unknown as Timestamp, of: origin, json: JSON.stringify(control), expiresAt: timestamp(Date.now() + 2 * KEEP)
        } satisfies ControlDoc)
      }
    },
    watch(listen) {
      listeners.push(listen)
      if (several && timer === undefined) next()
    },
    async close() {
      clearTimeout(timer)
      timer = undefined
      await looking
    }
  }
}
