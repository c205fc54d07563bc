import { setImmediate as afterTurn } from 'node:timers'
import { ChatError } from '#shared/errors'
import type { FromWriter, Outcome, Request, ToWriter, WriteName, WriteTypes } from './requests'
import { unavailable } from './database'

/** What the queue needs of a worker thread. */
export interface Writer {
  postMessage: (message: ToWriter) => void
  on: ((event: 'message', listen: (message: FromWriter) => void) => unknown) & ((event: 'error', listen: (error: unknown) => void) => unknown)
    & ((event: 'exit', listen: (code: number) => void) => unknown)
}

export interface WriteQueue {
  write: <K extends WriteName>(name: K, input: WriteTypes[K]['in']) => Promise<WriteTypes[K]['out']>
  /** Finishes what was begun, calls `release`, then ends the writer: the last to close the database tidies it up. */
  close: (release: () => void) => Promise<void>
}

interface Waiting { request: Request, bytes: number, settle: (outcome: Outcome) => void }

const bounds = { items: 10_000, bytes: 32 * 1024 * 1024, group: 2_000, restarts: 5 }

const lost: Outcome = { ok: false, outage: true, message: 'the writer ended' }

/** About how much a request holds in memory. */
function weigh(request: Request): number {
  if (request.name !== 'append') return 256
  return request.input.reduce((sum, { effects }) => effects.reduce((size, effect) => size + 128 + ('text' in effect ? effect.text.length * 2 : 0), sum + 256), 0)
}

/**
 * The main thread's end of the writer. One group is on its way at a time; whatever is asked for meanwhile is the next group. A writer that dies
 * takes its group and all that waits with it (`unavailable`: the caller may repeat), and is started again, but not for ever.
 */
export function createWriteQueue(start: () => Writer, onTrouble: (error: unknown) => void): WriteQueue {
  let waiting: Waiting[] = []
  let group: Waiting[] = []
  let bytes = 0
  let items = 0
  let scheduled = false
  let deaths = 0
  let failed: unknown
  let closing: Promise<void> | null = null
  let onClosed: (() => void) | null = null
  let end: (() => void) | null = null
  let state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting'
  let writer = launch()

  function launch(): Writer {
    const next = start()
    next.on('message', receive)
    next.on('error', (error) => { failed = error })
    next.on('exit', ended)
    return next
  }

  function receive(message: FromWriter): void {
    state = 'idle'
    if (message === 'ready') return send()
    deaths = 0
    const done = group
    group = []
    done.forEach((one, index) => settle(one, message[index] ?? lost))
    send()
  }

  function settle(one: Waiting, outcome: Outcome): void {
    bytes -= one.bytes
    items--
    one.settle(outcome)
  }

  function send(): void {
    scheduled = false
    if (state !== 'idle') return
    if (waiting.length === 0) {
      end?.()
      return
    }
    state = 'busy'
    group = waiting.splice(0, bounds.group)
    writer.postMessage(group.map(one => one.request))
  }

  function ended(): void {
    state = 'gone'
    const abandoned = [...group, ...waiting]
    group = []
    waiting = []
    for (const one of abandoned) settle(one, lost)
    if (onClosed) return onClosed()
    onTrouble(failed ?? new Error('the storage writer ended'))
    if (++deaths > bounds.restarts) return
    state = 'starting'
    writer = launch()
  }

  function write<K extends WriteName>(name: K, input: WriteTypes[K]['in']): Promise<WriteTypes[K]['out']> {
    if (onClosed || state === 'gone') return Promise.reject(unavailable())
    // A union can't be built from a generic name and its input; WriteTypes pairs them.
    const request = { name, input } as Request
    const size = weigh(request)
    if (items >= bounds.items || bytes + size > bounds.bytes) return Promise.reject(new ChatError('unavailable', 'Chatly is busy. Try again in a moment.', 1_000))
    items++
    bytes += size
    return new Promise((resolve, reject) => {
      waiting.push({
        request, bytes: size,
        // The other end of the thread answers each name with its type.
        settle: outcome => outcome.ok ? resolve(outcome.value as WriteTypes[K]['out']) : reject(outcome.outage ? unavailable(outcome.message) : new Error(`storage: ${outcome.message}`))
      })
      if (scheduled) return
      scheduled = true
      // At the end of the turn, so that what arrives together is committed together.
      afterTurn(send)
    })
  }

  return {
    write,
    close: release => closing ??= new Promise<void>((resolve) => {
      onClosed = resolve
      end = () => {
        end = null
        release()
        writer.postMessage('close')
      }
      if (state !== 'gone') return send()
      release()
      resolve()
    })
  }
}
