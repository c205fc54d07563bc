import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError, closeCodes } from '#shared/errors'
import { LineLost } from '~/composables/useSocket'
import { leaseRules } from '~/utils/leader'
import { createOutbox, takeOverAfter, type ChangeAnswer, type Outbox, type OutboxOptions, type TabChannel } from '~/utils/outbox'
import { mostBreaks } from '~/utils/outbox-sender'
import { memoryStore, openOutboxStore } from '~/utils/outbox-store'
import type { OutboxFrame } from '~/utils/timeline-types'

interface Asked { frame: OutboxFrame, ok: (answer?: ChangeAnswer) => void, fail: (error: Error) => void }

const message = (n: number, room = 'room', text = `text ${n}`): OutboxFrame => ({ type: 'send', room, nonce: `nonce-of-message-${n}`, text })
const nonces = (outbox: Outbox) => outbox.items().map(item => item.frame.nonce)
const outboxes: Outbox[] = []

/** Tabs of one browser: what one says, the others hear. */
function createTabs() {
  const ears: ((data: unknown) => void)[] = []
  return (): TabChannel => {
    let mine: ((data: unknown) => void) | null = null
    return {
      listen(hear) { ears.push(mine = hear) },
      say(word) { for (const hear of ears) if (hear !== mine) hear(structuredClone(word)) }
    }
  }
}

async function createTab(options: Partial<OutboxOptions> = {}) {
  const asked: Asked[] = []
  const line = { open: true }
  const outbox = createOutbox({
    store: openOutboxStore,
    request: frame => new Promise((resolve, reject) => {
      asked.push({ frame, fail: reject, ok: (answer = { message: 'm', seq: 1, at: 1 }) => resolve(answer) })
    }),
    isLineOpen: () => line.open, channel: null, random: () => 0.5, ...options
  })
  outboxes.push(outbox)
  await outbox.start('ann')
  const next = (n = 1) => vi.waitFor(() => {
    expect(asked.length).toBeGreaterThanOrEqual(n)
    return asked[n - 1]!
  })
  return { outbox, asked, line, next }
}

beforeEach(() => { vi.stubGlobal('indexedDB', new IDBFactory()) })
afterEach(() => {
  vi.restoreAllMocks()
  for (const outbox of outboxes.splice(0)) outbox.stop()
  vi.useRealTimers()
})

describe('sending', () => {
  it('keeps one in flight in each room, in order, until each is acknowledged', async () => {
    const { outbox, asked, next } = await createTab()
    for (const n of [1, 2]) await outbox.queue(message(n))
    await outbox.queue(message(3, 'other'))
    await next(2)
    expect(asked.map(({ frame }) => frame.nonce)).toEqual(['nonce-of-message-1', 'nonce-of-message-3'])
    asked[0]?.ok()
    expect((await next(3)).frame.nonce).toBe('nonce-of-message-2')
    expect(nonces(outbox)).toEqual(['nonce-of-message-2', 'nonce-of-message-3'])
    asked[1]?.ok()
    asked[2]?.ok()
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
  })

  it('goes on where the browser has let go of the database, and nothing is lost', async () => {
    const { outbox, next } = await createTab()
    for (const n of [1, 2]) {
      vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => { throw new DOMException('The database connection is closing.', 'InvalidStateError') })
      await outbox.queue(message(n))
      ;(await next(n)).ok()
    }
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
    expect(await (await openOutboxStore()).all('ann')).toEqual([])
  })

  it('sends the next where the disk can\'t forget what was acknowledged', async () => {
    const store = memoryStore()
    const { outbox, next } = await createTab({ store: () => Promise.resolve(store) })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.spyOn(store, 'remove').mockRejectedValueOnce(new Error('no disk'))
    for (const n of [1, 2]) await outbox.queue(message(n))
    ;(await next(1)).ok()
    ;(await next(2)).ok()
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
  })

  it('says that this browser is full only where it is', async () => {
    const store = memoryStore()
    const { outbox } = await createTab({ store: () => Promise.resolve(store) })
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    for (const [error, text] of [[new DOMException('full', 'QuotaExceededError'), 'no room left'], [new Error('broken'), 'could not keep']] as const) {
      vi.spyOn(store, 'add').mockRejectedValueOnce(error)
      await expect(outbox.queue(message(1))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(text) })
    }
  })

  it('shows a change at once, before it is on the disk', async () => {
    const { outbox } = await createTab({ isLineOpen: () => false })
    const queued = outbox.queue(message(1))
    expect(nonces(outbox)).toEqual(['nonce-of-message-1'])
    await queued
  })

  it('survives a reload, and is sent in the old order under the old nonces', async () => {
    const before = await createTab({ isLineOpen: () => false })
    for (const n of [1, 2, 3]) await before.outbox.queue(message(n))
    before.outbox.stop()
    const after = await createTab()
    expect(nonces(after.outbox)).toEqual([1, 2, 3].map(n => `nonce-of-message-${n}`))
    expect((await after.next()).frame).toEqual(message(1))
  })

  it('keeps each person\'s changes apart', async () => {
    const { outbox } = await createTab({ isLineOpen: () => false })
    await outbox.queue(message(1))
    await outbox.start('ben')
    expect(outbox.pendingCount()).toBe(0)
    await outbox.start('ann')
    expect(outbox.pendingCount()).toBe(1)
    await outbox.clear()
    await outbox.start('ann')
    expect(outbox.pendingCount()).toBe(0)
  })

  it('refuses what no frame can carry, and does not keep it', async () => {
    const { outbox, asked } = await createTab()
    await expect(outbox.queue(message(1, 'room', 'é'.repeat(9_000)))).rejects.toMatchObject({ code: 'too_large' })
    expect(outbox.pendingCount()).toBe(0)
    expect(asked).toEqual([])
  })

  it('works in memory where the browser keeps nothing', async () => {
    const { outbox, next } = await createTab({ store: () => Promise.resolve(memoryStore()) })
    await outbox.queue(message(1))
    ;(await next()).ok()
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
  })
})

describe('refusals and broken lines', () => {
  it('repeats a retryable refusal under the same nonce, after the wait that was asked for', async () => {
    const { outbox, asked, next } = await createTab()
    await outbox.queue(message(1))
    const first = await next()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    first.fail(new ChatError('rate_limited', 'Slower.', 5_000))
    while (!outbox.items()[0]?.error) await Promise.resolve()
    expect(outbox.items()[0]).toMatchObject({ state: 'waiting', error: { code: 'rate_limited' } })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked[1]?.frame).toEqual(message(1))
  })

  it('marks another refusal as failed, lets the next go, and keeps the text until the person decides', async () => {
    const { outbox, asked, next } = await createTab()
    await outbox.queue(message(1))
    await outbox.queue(message(2))
    ;(await next()).fail(new ChatError('forbidden', 'You are muted.'))
    ;(await next(2)).ok()
    await vi.waitFor(() => expect(outbox.items()).toHaveLength(1))
    expect(outbox.items()[0]).toMatchObject({ state: 'failed', error: { message: 'You are muted.' }, frame: message(1) })
    await outbox.retry('nonce-of-message-1')
    expect((await next(3)).frame).toEqual(message(1))
    asked[2]?.fail(new ChatError('conflict', 'Used.'))
    await vi.waitFor(() => expect(outbox.items()[0]?.state).toBe('failed'))
    await outbox.retry('nonce-of-message-1')
    const again = (await next(4)).frame
    expect(again).toMatchObject({ text: 'text 1' })
    expect(again.nonce).not.toBe('nonce-of-message-1')
    await outbox.discard([again.nonce])
    expect(outbox.pendingCount()).toBe(0)
  })

  it('leaves what slow mode refuses to the person, and waits as long as it was asked to with the rest, whatever becomes of the line', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { outbox, asked } = await createTab()
    await outbox.queue(message(1))
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    asked[0]?.fail(new ChatError('rate_limited', 'Slow mode is on here.', 30_000))
    await vi.waitFor(() => expect(outbox.items()[0]).toMatchObject({ state: 'failed', frame: { text: 'text 1' }, error: { code: 'rate_limited' } }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(1)

    await outbox.queue(message(2))
    await vi.waitFor(() => expect(asked).toHaveLength(2))
    asked[1]?.fail(new ChatError('rate_limited', 'Too fast.', 5_000))
    await vi.waitFor(() => expect(outbox.items()[1]).toMatchObject({ state: 'waiting', error: { code: 'rate_limited' } }))
    outbox.resume()
    await vi.advanceTimersByTimeAsync(4_900)
    expect(asked, 'a new line is no reason to ask again').toHaveLength(2)
    await vi.advanceTimersByTimeAsync(200)
    expect(asked).toHaveLength(3)
  })

  it.each([closeCodes.invalidUtf8, closeCodes.policy, closeCodes.tooBig])('never sends a frame again by itself after a close with %i', async (code) => {
    const { outbox, asked, next } = await createTab()
    await outbox.queue(message(1))
    ;(await next()).fail(new LineLost(true, code))
    await vi.waitFor(() => expect(outbox.items()[0]?.state).toBe('failed'))
    outbox.resume()
    await outbox.queue(message(2))
    expect((await next(2)).frame.nonce).toBe('nonce-of-message-2')
    expect(asked).toHaveLength(2)
    const reloaded = await createTab({ isLineOpen: () => false })
    expect(reloaded.outbox.items()[0]?.state).toBe('failed')
  })

  it('sends again on the next line, but not for ever when the line breaks each time', async () => {
    const { outbox, line, next, asked } = await createTab()
    await outbox.queue(message(1))
    for (let n = 1; n <= mostBreaks; n++) {
      const { fail } = await next(n)
      line.open = false
      fail(new LineLost(false, closeCodes.abnormal))
      await vi.waitFor(() => expect(outbox.items()[0]?.breaks).toBe(n))
      line.open = true
      outbox.resume()
    }
    expect(outbox.items()[0]?.state).toBe('failed')
    expect(asked).toHaveLength(mostBreaks)
  })

  it('gives up a change or a reaction to what is gone, which no row could show', async () => {
    const { outbox, next } = await createTab()
    await outbox.queue({ type: 'edit', room: 'room', nonce: 'nonce-of-an-edit-1', message: 'm', text: 'too late' })
    await outbox.queue({ type: 'react', room: 'room', nonce: 'nonce-of-reaction-1', message: 'm', emoji: '👍', on: true })
    for (const n of [1, 2]) (await next(n)).fail(new ChatError('not_found', 'Gone.'))
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
  })

  describe('an answer', () => {
    const answer: OutboxFrame = { type: 'send', room: 'room', nonce: 'nonce-of-message-1', text: 'text 1', replyTo: 'message-1' }
    const gone = () => new ChatError('not_found', 'Gone.')

    it('to a message that is gone is sent as an ordinary one, under its nonce, without asking anybody', async () => {
      const { outbox, next } = await createTab()
      const settled: OutboxFrame[] = []
      outbox.onSettled(item => settled.push(item.frame))
      await outbox.queue(answer)
      const first = await next()
      expect(first.frame).toEqual(answer)
      first.fail(gone())
      const second = await next(2)
      expect(second.frame).toStrictEqual(message(1))
      second.ok()
      await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
      expect(settled).toStrictEqual([message(1)])
    })

    it('is kept as that before it is sent, so that its nonce never stands for two things', async () => {
      const before = await createTab()
      await before.outbox.queue(answer)
      ;(await before.next()).fail(gone())
      await before.next(2)
      before.outbox.stop()
      const after = await createTab()
      expect((await after.next()).frame).toStrictEqual(message(1))
    })

    it('stays one where it is the room that is gone, or no longer theirs', async () => {
      const { outbox, asked, next } = await createTab()
      await outbox.queue(answer)
      for (const n of [1, 2]) (await next(n)).fail(new ChatError('not_found', 'No such room.'))
      await vi.waitFor(() => expect(outbox.items()).toMatchObject([{ state: 'failed', error: { message: 'No such room.' }, frame: answer }]))
      expect(asked).toHaveLength(2)
      await outbox.retry('nonce-of-message-1')
      expect((await next(3)).frame, 'they may be back').toEqual(answer)
    })

    it('that failed for this before can be tried again', async () => {
      const store = memoryStore()
      await store.add({ user: 'ann', frame: answer, state: 'failed', at: 1, error: gone().toJSON(), breaks: 0 })
      const { outbox, next } = await createTab({ store: () => Promise.resolve(store) })
      await outbox.retry('nonce-of-message-1')
      ;(await next()).fail(gone())
      ;(await next(2)).ok()
      await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
    })
  })

  it('takes a deletion of what is gone as done, and what its event confirms as sent', async () => {
    const { outbox, line, next } = await createTab()
    await outbox.queue({ type: 'delete', room: 'room', nonce: 'nonce-of-deletion-1', message: 'm' })
    ;(await next()).fail(new ChatError('not_found', 'Gone.'))
    await vi.waitFor(() => expect(outbox.pendingCount()).toBe(0))
    line.open = false
    await outbox.queue(message(1))
    await outbox.confirm(['nonce-of-message-1'])
    expect(outbox.pendingCount()).toBe(0)
  })
})

describe('two tabs', () => {
  it('send once: one leads, and the other shows what became of its change', async () => {
    const channel = createTabs()
    const [one, two] = [await createTab({ channel: channel() }), await createTab({ channel: channel() })]
    const settled = vi.fn()
    two.outbox.onSettled(settled)
    await two.outbox.queue(message(1))
    const asked = await one.next()
    expect(asked.frame.nonce).toBe('nonce-of-message-1')
    asked.ok({ message: 'm', seq: 7, at: 1 })
    await vi.waitFor(() => expect(two.outbox.pendingCount()).toBe(0))
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ frame: message(1) }), { message: 'm', seq: 7, at: 1 })
    expect(two.asked).toEqual([])
  })

  it('the other takes over when the leader sleeps', async () => {
    const sleeping = await createTab()
    await vi.waitFor(async () => expect(await (await openOutboxStore()).lease('ann', 'somebody', Date.now(), Date.now() + 1)).toBe(false))
    sleeping.line.open = false
    const awake = await createTab({ takeOver: 1 })
    expect(leaseRules.holds).toBeGreaterThan(takeOverAfter)
    await awake.outbox.queue(message(1))
    await awake.next()
    expect(sleeping.asked).toEqual([])
  })

  it('with Web Locks, the one with the lock sends, and its end hands it on', async () => {
    const queue: (() => void)[] = []
    const locks = { request: (_name: string, _options: LockOptions, held: () => Promise<void>) => new Promise<void>((resolve) => {
      queue.push(() => void held().then(() => {
        queue.shift()
        resolve()
        queue[0]?.()
      }))
      if (queue.length === 1) queue[0]?.()
    }) } as unknown as LockManager
    const channel = createTabs()
    const [one, two] = [await createTab({ channel: channel(), locks }), await createTab({ channel: channel(), locks })]
    await two.outbox.queue(message(1))
    ;(await one.next()).ok()
    await vi.waitFor(() => expect(two.outbox.pendingCount()).toBe(0))
    one.outbox.stop()
    await two.outbox.queue(message(2))
    expect((await two.next()).frame.nonce).toBe('nonce-of-message-2')
  })
})
