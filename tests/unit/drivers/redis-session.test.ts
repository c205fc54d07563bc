import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openLines } from '../../../server/drivers/redis/connect'
import type { LinesOptions } from '../../../server/drivers/redis/lines'
import { openSession } from '../../../server/drivers/redis/session'

vi.mock('../../../server/drivers/redis/connect')

let closing: AbortController
beforeEach(() => { closing = new AbortController() })
afterEach(() => closing.abort())

/** A Redis that confirms whatever is asked of it, with what `answer` gives, and lets a message to ourselves come back. */
async function open(answer: (signal: AbortSignal) => Promise<unknown>) {
  let asked = 0
  vi.mocked(openLines).mockImplementation(async ({ deliver, signal }: LinesOptions) => ({
    sendCommand: () => Promise.resolve(null),
    publish: async (channel, payload) => deliver(channel, payload),
    subscribe: () => asked++ === 0 ? Promise.resolve() : answer(signal),
    unsubscribe: () => Promise.resolve(),
    destroy: () => {}
  }))
  return openSession({ address: { name: 'Redis' } as LinesOptions['address'], deliver: () => {}, signal: closing.signal })
}

it('keeps nothing of a subscription that was confirmed', async () => {
  const answers: WeakRef<object>[] = []
  const session = await open(async () => {
    const answer = {}
    answers.push(new WeakRef(answer))
    return answer
  })
  for (let n = 0; n < 50; n++) expect(await session.subscribe([`room${n}`])).toBe(true)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await vi.waitFor(() => {
    collect()
    expect(answers.filter(answer => answer.deref()).length).toBeLessThan(5)
  }, { timeout: 2_000 })
  session.end(new Error('over'))
})

it('gives up a subscription that is under way when it ends', async () => {
  // As the client does it: what is under way ends with the connection.
  const session = await open(signal => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))))
  const asked = performance.now()
  const subscribed = session.subscribe(['room'])
  session.end(new Error('over'))
  expect(await subscribed).toBe(false)
  expect(performance.now() - asked).toBeLessThan(500)
})
