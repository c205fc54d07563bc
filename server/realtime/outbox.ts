import type { StoredEvent } from '../core/ports'
import { limits } from '#shared/limits'
import { Batch } from './frames'
import type { Wire } from './wire'

/** A room that flushed within this many milliseconds is hot: its next flush waits until they are over … */
const HOT = 20
/** … or longer where writing to all takes long: a room spends at most one part in so many of the time on it, up to this pause in ms. */
const SHARE = 6
const LONGEST = 100
/** So many sockets are written to in one turn of the event loop; the others wait for the next. */
const SLICE = 500

/** Where an outbox writes. */
export interface Reader {
  readonly wire: Wire
  /** It does not read what was written: it must go, and resume from its position. */
  tooSlow: () => void
}

export interface Flush { events: readonly StoredEvent[], batch: Batch }

export interface OutboxOptions {
  /** Those who get the same stream. */
  readers: ReadonlySet<Reader>
  /** Called for each flush, before anything is written, for those who are on their way in. */
  flushed: (flush: Flush) => void
  written: (sockets: number, frames: number) => void
}

/**
 * What a room sends to all of its readers alike: at the end of the event loop's turn when calm, at most every 20 ms when hot (less often where it has
 * very many readers); one encoding, and one write per reader, for everything that came together by then.
 */
export class Outbox {
  #events: StoredEvent[] = []
  /** Frames that may be lost: typing, presence. */
  #passing: string[] = []
  #scheduled = false
  #closed = false
  #last = -HOT
  /** What the current flush, or the last one, took to write, ms. */
  #spent = 0
  #rest: Iterator<Reader> | null = null
  #current: { all: Batch, lasting: Batch, frames: number } | null = null

  constructor(private readonly options: OutboxOptions) {}

  event(event: StoredEvent): void {
    this.#events.push(event)
    this.#schedule()
  }

  passing(frame: string): void {
    if (this.options.readers.size === 0) return
    this.#passing.push(frame)
    this.#schedule()
  }

  /** Replaces what has not left yet. */
  replace(change: (event: StoredEvent) => StoredEvent): void {
    this.#events = this.#events.map(change)
  }

  /** Everything that is here leaves now, to everybody. */
  flush(): void {
    this.#finish()
    this.#begin()
    this.#finish()
  }

  close(): void {
    this.#closed = true
    this.#events = []
    this.#passing = []
    this.#rest = null
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    const pause = Math.min(LONGEST, Math.max(HOT, this.#spent * SHARE))
    const wait = pause - (performance.now() - this.#last)
    if (wait > 0) setTimeout(this.#run, wait)
    else setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    if (!this.#rest) this.#begin()
    this.#slice(SLICE)
    if (this.#rest) {
      this.#scheduled = true
      setImmediate(this.#run)
    } else if (this.#events.length + this.#passing.length > 0) {
      this.#schedule()
    }
  }

  #begin(): void {
    const events = this.#events
    const passing = this.#passing
    if (events.length + passing.length === 0) return
    this.#events = []
    this.#passing = []
    this.#last = performance.now()
    this.#spent = 0
    const texts = events.map(event => event.json)
    const lasting = new Batch(texts)
    const all = passing.length === 0 ? lasting : new Batch([...texts, ...passing])
    this.options.flushed({ events, batch: lasting })
    this.#current = { all, lasting, frames: all.texts.length }
    const { readers } = this.options
    // What is written in several turns goes to those who are there now.
    this.#rest = (readers.size >= SLICE ? [...readers] : readers)[Symbol.iterator]()
  }

  #finish(): void {
    this.#slice(Number.POSITIVE_INFINITY)
  }

  #slice(size: number): void {
    if (!this.#rest || !this.#current) return
    const { all, lasting, frames } = this.#current
    const started = performance.now()
    let sockets = 0
    for (; sockets < size; sockets++) {
      const next = this.#rest.next()
      if (next.done) {
        this.#rest = null
        this.#current = null
        break
      }
      if (this.options.readers.has(next.value)) deliver(next.value, all, lasting)
    }
    this.#spent += performance.now() - started
    this.options.written(sockets, frames)
  }
}

/** Writes to one reader what its backlog allows: all of it, only what lasts, or nothing any more. */
export function deliver(reader: Reader, all: Batch, lasting: Batch = all): void {
  const { wire } = reader
  if (!wire.open) return
  const { backlog } = wire
  if (backlog > limits.socketDeadBytes) reader.tooSlow()
  else wire.write(backlog > limits.socketSlowBytes ? lasting : all)
}
