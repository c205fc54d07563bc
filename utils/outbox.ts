import { ChatError, type ErrorBody } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Answers } from '#shared/protocol'
import { createLeader, type Leader } from './leader'
import { newNonce } from './nonce'
import { createSender } from './outbox-sender'
import type { OutboxStore } from './outbox-store'
import type { OutboxFrame } from './timeline-types'

export type ChangeAnswer = Answers[OutboxFrame['type']]

/** A change of mine that no server has acknowledged. `waiting`: it will be sent, again and again, with the same nonce. `failed`: the person decides. */
export interface OutboxItem {
  /** Its place in line; Infinity while it is not kept yet. */
  order: number
  user: string
  frame: OutboxFrame
  state: 'waiting' | 'failed'
  at: number
  error: ErrorBody | null
  /** How often the line broke while this was on it. */
  breaks: number
}

/** What tabs say to each other. */
type Word = { kind: 'changed', user: string } | { kind: 'settled', user: string, nonce: string, answer: ChangeAnswer }
/** A way to the other tabs of this browser. */
export interface TabChannel { say: (word: Word) => void, listen: (hear: (data: unknown) => void) => void }

export interface OutboxOptions {
  store: () => Promise<OutboxStore>
  request: (frame: OutboxFrame) => Promise<ChangeAnswer>
  isLineOpen: () => boolean
  channel: TabChannel | null
  locks?: Pick<LockManager, 'request'>
  now?: () => number
  random?: () => number
  /** Milliseconds; see takeOverAfter. */
  takeOver?: number
}

/** A tab with a line that sees a change wait so long (ms) takes over from a leader that may be asleep. */
export const takeOverAfter = 3_000

export type Outbox = ReturnType<typeof createOutbox>

const size = (frame: OutboxFrame) => new TextEncoder().encode(JSON.stringify({ ...frame, id: Number.MAX_SAFE_INTEGER })).length

const isWord = (data: unknown): data is Word => typeof data === 'object' && data !== null && 'kind' in data && 'user' in data

/** The changes of one person that wait for their acknowledgement. They survive a reload, and all tabs of a browser share them; one tab sends. */
export function createOutbox({ store: open, request, isLineOpen, channel, locks, now = Date.now, random = Math.random, takeOver = takeOverAfter }: OutboxOptions) {
  const tab = newNonce()
  const changed = new Set<(items: readonly OutboxItem[]) => void>()
  const settled = new Set<(item: OutboxItem, answer: ChangeAnswer) => void>()
  let user: string | null = null
  let store: Promise<OutboxStore> | null = null
  let leader: Leader | null = null
  let kept: OutboxItem[] = []
  let entering: OutboxItem[] = []
  /** Grows with every change in this tab, so that an older reading of the store is not taken for the newer. */
  let version = 0
  let watching: ReturnType<typeof setTimeout> | undefined

  const items = () => [...kept, ...entering]
  const say = (word: Word) => channel?.say(word)
  const disk = () => store ??= open()
  const emit = () => { for (const listen of changed) listen(items()) }
  const byNonce = (nonce: string) => kept.find(item => item.frame.nonce === nonce)

  const sender = createSender({
    items: () => kept, request, now, random,
    maySend: () => user !== null && isLineOpen() && (leader?.leads ?? false),
    async onAnswer(item, answer) {
      if (!byNonce(item.frame.nonce)) return
      for (const listen of settled) listen(item, answer)
      say({ kind: 'settled', user: item.user, nonce: item.frame.nonce, answer })
      await remove([item.frame.nonce])
    },
    onFact: (item, fact) => update(item.frame.nonce, fact),
    onNeedless: item => remove([item.frame.nonce])
  })

  /** The change is shown at once; the disk follows. */
  async function write(action: (disk: OutboxStore) => Promise<unknown>): Promise<void> {
    version++
    emit()
    watchLeader()
    await action(await disk())
    if (user) say({ kind: 'changed', user })
  }

  async function remove(nonces: readonly string[]): Promise<void> {
    const gone = kept.filter(item => nonces.includes(item.frame.nonce))
    if (gone.length === 0) return
    kept = kept.filter(item => !gone.includes(item))
    await write(disk => disk.remove(gone.map(item => item.order)))
  }

  async function update(nonce: string, fact: Partial<Omit<OutboxItem, 'order' | 'user'>>): Promise<void> {
    const item = byNonce(nonce)
    if (!item) return
    const next = { ...item, ...fact }
    kept = kept.map(other => other === item ? next : other)
    await write(disk => disk.put(next))
  }

  async function reload(): Promise<void> {
    const [mine, before] = [user, version]
    if (mine === null) return
    const found = await (await disk()).all(mine)
    if (mine !== user) return
    if (before !== version) return reload()
    kept = found
    emit()
    watchLeader()
    sender.pump()
  }

  function watchLeader(): void {
    clearTimeout(watching)
    // One with an error is being tried by somebody.
    if (leader?.leads || !kept.some(item => item.state === 'waiting' && !item.error)) return
    watching = setTimeout(() => {
      if (isLineOpen()) leader?.take()
      watchLeader()
    }, takeOver)
  }

  const warn = (error: unknown) => console.warn('The outbox could not be read.', error)

  function hear(data: unknown): void {
    if (!isWord(data) || data.user !== user) return
    if (data.kind === 'changed') return void reload().catch(warn)
    const item = byNonce(data.nonce)
    if (!item) return
    kept = kept.filter(other => other !== item)
    version++
    for (const listen of settled) listen(item, data.answer)
    emit()
  }
  channel?.listen(hear)

  function stop(): void {
    leader?.stop()
    clearTimeout(watching)
    leader = user = null
    kept = entering = []
    version++
    emit()
  }

  return {
    items,

    /** Begins with a person's changes. */
    async start(person: string): Promise<void> {
      stop()
      user = person
      const opened = await disk()
      if (user !== person) return
      leader = createLeader({ store: opened, user: person, tab, now, locks, onChange: () => {
        watchLeader()
        sender.pump()
      } })
      await reload()
    },
    /** Lets go of them; they stay on the disk. */
    stop,

    /** Resolves when the change is kept. Rejects with `too_large` (it would never be taken), or `unavailable` when this browser can't keep it. */
    async queue(frame: OutboxFrame): Promise<void> {
      if (user === null) throw new ChatError('unauthenticated', 'Sign in to take part.')
      if (size(frame) > limits.frameBytes) throw new ChatError('too_large', 'This is too large to be sent.')
      const fresh = { user, frame, state: 'waiting' as const, at: now(), error: null, breaks: 0 }
      const item: OutboxItem = { ...fresh, order: Infinity }
      entering = [...entering, item]
      emit()
      try {
        const order = await (await disk()).add(fresh)
        if (user === item.user) kept = [...kept, { ...item, order }].sort((a, b) => a.order - b.order)
      } catch (error) {
        console.warn('A change could not be kept.', error)
        throw new ChatError('unavailable', error instanceof DOMException && error.name === 'QuotaExceededError'
          ? 'This browser has no room left to keep this. Free some and try again.'
          : 'This browser could not keep this. Try again, or reload the page.')
      } finally {
        entering = entering.filter(other => other !== item)
        version++
        emit()
        watchLeader()
      }
      say({ kind: 'changed', user: item.user })
      sender.pump()
    },

    /** Sends a failed change again: under the same nonce, unless that one was used for something else. */
    async retry(nonce: string): Promise<void> {
      const item = byNonce(nonce)
      if (item?.state !== 'failed') return
      const frame = item.error?.code === 'conflict' ? { ...item.frame, nonce: newNonce() } : item.frame
      await update(nonce, { frame, state: 'waiting', error: null, breaks: 0 })
      sender.pump()
    },

    /** Gives changes up. */
    discard: remove,

    /** These are known to be committed: what is not on the line right now needs no sending. */
    confirm: (nonces: readonly string[]) => remove(kept.filter(item => nonces.includes(item.frame.nonce) && !sender.isBusy(item)).map(item => item.frame.nonce)),

    /** The line is up again. */
    resume: () => sender.fresh(),

    pendingCount: () => kept.length + entering.length,

    /** Removes all of this person's changes from this browser. */
    async clear(): Promise<void> {
      const person = user
      if (person === null) return
      kept = entering = []
      await write(async disk => disk.remove((await disk.all(person)).map(item => item.order)))
    },

    onChange(listen: (items: readonly OutboxItem[]) => void): () => void {
      changed.add(listen)
      return () => changed.delete(listen)
    },
    /** Calls `listen` when a change is acknowledged, before it leaves the items. */
    onSettled(listen: (item: OutboxItem, answer: ChangeAnswer) => void): () => void {
      settled.add(listen)
      return () => settled.delete(listen)
    }
  }
}
