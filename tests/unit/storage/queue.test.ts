import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { createWriteQueue } from '../../../server/drivers/storage/sqlite/queue'
import type { FromWriter, Outcome, Request, ToWriter } from '../../../server/drivers/storage/sqlite/requests'
import { change, post } from '../../support/storage'

/** A writer thread that does what the test says. */
class FakeWriter extends EventEmitter<{ message: [FromWriter], error: [unknown], exit: [number] }> {
  readonly groups: Request[][] = []
  closed = false
  private unread: Request[][] = []
  private wanted: ((group: Request[]) => void) | null = null

  postMessage(message: ToWriter): void {
    if (message === 'close') {
      this.closed = true
      this.emit('exit', 0)
      return
    }
    this.groups.push(message)
    if (this.wanted) this.wanted(message)
    else this.unread.push(message)
    this.wanted = null
  }

  /** The next group that is sent. */
  async group(): Promise<Request[]> {
    return this.unread.shift() ?? new Promise((resolve) => { this.wanted = resolve })
  }

  answer(...outcomes: Outcome[]): void { this.emit('message', outcomes) }
  ready(): void { this.emit('message', 'ready') }
  die(): void { this.emit('error', new Error('out of memory')); this.emit('exit', 1) }
}

function setUp() {
  const writers: FakeWriter[] = []
  const onTrouble = vi.fn()
  const queue = createWriteQueue(() => {
    const writer = new FakeWriter()
    writers.push(writer)
    return writer
  }, onTrouble)
  const [first] = writers
  if (!first) throw new Error('no writer was started')
  return { queue, writers, writer: first, onTrouble }
}

const done: Outcome = { ok: true, value: null }

describe('the write queue', () => {
  it('what is asked for in one turn is one group, what comes meanwhile is the next', async () => {
    const { queue, writer } = setUp()
    writer.ready()
    const early = [queue.write('check', null), queue.write('check', null)]
    expect(await writer.group()).toHaveLength(2)
    const late = [queue.write('check', null), queue.write('check', null), queue.write('check', null)]
    writer.answer(done, done)
    await Promise.all(early)
    expect(await writer.group()).toHaveLength(3)
    writer.answer(done, done, done)
    await Promise.all(late)
    expect(writer.groups.map(group => group.length)).toEqual([2, 3])
  })

  it('waits for a writer that is still starting', async () => {
    const { queue, writer } = setUp()
    const write = queue.write('check', null)
    await new Promise(resolve => setImmediate(resolve))
    expect(writer.groups).toEqual([])
    writer.ready()
    expect(await writer.group()).toEqual([{ name: 'check', input: null }])
    writer.answer(done)
    expect(await write).toBeNull()
  })

  it('tells an outage from a request that is at fault', async () => {
    const { queue, writer } = setUp()
    writer.ready()
    const results = Promise.allSettled([queue.write('check', null), queue.write('check', null)])
    await writer.group()
    writer.answer({ ok: false, outage: true, message: 'database or disk is full' }, { ok: false, outage: false, message: 'UNIQUE' })
    expect(await results).toMatchObject([{ reason: { code: 'unavailable' } }, { reason: { message: 'storage: UNIQUE' } }])
  })

  it('is bounded, by number and by bytes, and takes more once there is room', async () => {
    const { queue, writer } = setUp()
    const rename = () => queue.write('rename', { user: 'u', name: 'n' })
    const waiting = Array.from({ length: 10_000 }, rename)
    await expect(rename()).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1_000 })
    writer.ready()
    for (let left = waiting.length; left > 0;) {
      const group = await writer.group()
      left -= group.length
      writer.answer(...group.map(() => done))
    }
    await Promise.all(waiting)
    const big = () => queue.write('append', [change('room', 'author', [post('x'.repeat(4 * 1024 * 1024))])])
    const many = [big(), big(), big()]
    await expect(big()).rejects.toMatchObject({ code: 'unavailable' })
    writer.answer(...(await writer.group()).map(() => done))
    await Promise.all(many)
  })

  it('a writer that dies takes its group and what waits with it, and is started again', async () => {
    const { queue, writers, writer, onTrouble } = setUp()
    writer.ready()
    const sent = queue.write('check', null)
    await writer.group()
    const waiting = queue.write('check', null)
    writer.die()
    await expect(sent).rejects.toMatchObject({ code: 'unavailable' })
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
    expect(onTrouble).toHaveBeenCalledWith(new Error('out of memory'))
    const next = queue.write('check', null)
    writers[1]?.ready()
    await writers[1]?.group()
    writers[1]?.answer(done)
    expect(await next).toBeNull()
  })

  it('a writer that dies again and again is given up: writes are refused, none hangs', async () => {
    const { queue, writers } = setUp()
    for (let deaths = 0; deaths < 6; deaths++) writers.at(-1)?.die()
    expect(writers).toHaveLength(6)
    await expect(queue.write('check', null)).rejects.toMatchObject({ code: 'unavailable' })
    await queue.close(() => {})
  })

  it('closing finishes what was begun and refuses what comes later', async () => {
    const { queue, writer } = setUp()
    writer.ready()
    const begun = queue.write('check', null)
    const release = vi.fn()
    const closing = queue.close(release)
    await expect(queue.write('check', null)).rejects.toMatchObject({ code: 'unavailable' })
    await writer.group()
    expect([release.mock.calls.length, writer.closed]).toEqual([0, false])
    writer.answer(done)
    await Promise.all([begun, closing])
    expect([release.mock.calls.length, writer.closed]).toEqual([1, true])
  })
})
