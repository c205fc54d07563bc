import { limits } from '#shared/limits'
import type { StoredEvent } from '../core/ports'

/** How long a hole may fill itself (instances overtake one another) before storage is asked, ms. */
const PATIENCE = 20
/** How long to wait after storage could not be asked, ms. */
const RETRY = 500

export interface SequenceOptions {
  /** Committed events after a seq, from storage. */
  read: (after: number, limit: number) => Promise<StoredEvent[]>
  /** Called once per event, contiguously. */
  emit: (event: StoredEvent) => void
  /** An event of a hole that is too long to fill: nobody is sent it, but it may have changed who may read what follows. */
  pass: (event: StoredEvent) => void
  /** A hole was too long to fill and has been passed over; it goes on from `head`. */
  skip: (head: number) => void
  failed: (error: unknown) => void
}

/** The contiguous consumer of one room's events: never n + 1 before n, nothing twice. A hole is filled from storage, once, whoever waits for it. */
export class Sequence {
  /** Last seq emitted; null until somebody knows where to begin. */
  head: number | null = null
  readonly #held = new Map<number, StoredEvent>()
  #expected = 0
  #timer: NodeJS.Timeout | null = null
  #filling = false
  /** Nothing goes out while a long hole is passed over. */
  #passing = false
  #closed = false

  constructor(private readonly options: SequenceOptions) {}

  /** Begins after `head`, where it has not begun yet. */
  start(head: number): void {
    if (this.head !== null) return
    this.head = head
    for (const seq of this.#held.keys()) if (seq <= head) this.#held.delete(seq)
    this.#release()
  }

  /** Moves on without what lies between: nobody is there to read it. */
  jump(head: number): void {
    if (this.head !== null && head <= this.head) return
    this.head = head
    for (const seq of this.#held.keys()) if (seq <= head) this.#held.delete(seq)
    this.#release()
  }

  /** An event in whatever order and however often the bus brings it. */
  take(event: StoredEvent): void {
    if (this.#closed) return
    if (this.head !== null && event.seq <= this.head) return
    if (!this.#passing && this.head !== null && event.seq === this.head + 1) {
      this.#emit(event)
      this.#release()
    } else {
      // What does not fit comes from storage when its turn has come.
      if (this.#held.size < limits.replayEvents) this.#held.set(event.seq, event)
      this.expect(event.seq)
    }
  }

  /** Storage is known to have events up to `seq`. */
  expect(seq: number): void {
    this.#expected = Math.max(this.#expected, seq)
    this.#mindTheGap(PATIENCE)
  }

  /** Replaces what is held back. */
  replace(change: (event: StoredEvent) => StoredEvent): void {
    for (const [seq, event] of this.#held) this.#held.set(seq, change(event))
  }

  close(): void {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#held.clear()
  }

  #emit(event: StoredEvent): void {
    this.head = event.seq
    this.options.emit(event)
  }

  #release(): void {
    if (this.#passing) return
    for (let next; this.head !== null && (next = this.#held.get(this.head + 1));) {
      this.#held.delete(next.seq)
      this.#emit(next)
    }
    if (this.#held.size > 0) this.#mindTheGap(PATIENCE)
  }

  /** Goes past everything that storage has, from `events` on. */
  async #pass(events: StoredEvent[]): Promise<void> {
    this.#passing = true
    try {
      for (let some = events; some.length > 0 && !this.#closed;) {
        for (const event of some) {
          if (event.seq <= (this.head ?? 0)) continue
          this.head = event.seq
          this.options.pass(event)
        }
        if (some.length <= limits.replayEvents) break
        some = await this.options.read(this.head ?? 0, limits.replayEvents + 1)
      }
    } finally {
      this.#passing = false
      if (!this.#closed) {
        const head = this.head ?? 0
        this.options.skip(head)
        for (const seq of this.#held.keys()) if (seq <= head) this.#held.delete(seq)
        this.#release()
      }
    }
  }

  #mindTheGap(wait: number): void {
    if (this.#closed || this.#timer || this.#filling || this.head === null || this.head >= this.#expected) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.head !== null && this.head < this.#expected) void this.#fill(this.head)
    }, wait)
  }

  async #fill(after: number): Promise<void> {
    this.#filling = true
    let wait = PATIENCE
    try {
      const events = await this.options.read(after, limits.replayEvents + 1)
      if (this.#closed) return
      if (events.length > limits.replayEvents) await this.#pass(events)
      else for (const event of events) this.take(event)
      if (events.length === 0) wait = RETRY
    } catch (error) {
      wait = RETRY
      this.options.failed(error)
    } finally {
      this.#filling = false
      this.#mindTheGap(wait)
    }
  }
}
