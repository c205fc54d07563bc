import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, toNodeListener } from 'h3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { defineChatHandler } from '../../../server/utils/handler'

vi.mock('../../../server/utils/chat', () => ({
  useChat: async () => ({ chat: { accounts: { identify: async () => null } }, config: { origins: [], trustedProxies: 0 } })
}))

let refusal: ChatError
const server = createServer(toNodeListener(createApp().use(defineChatHandler(() => { throw refusal }))))
beforeAll(() => new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) }))
afterAll(() => new Promise((resolve) => { server.close(resolve) }))

async function answered(error: ChatError) {
  refusal = error
  const start = performance.now()
  const { status, headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return { status, wait: headers.get('retry-after'), took: performance.now() - start }
}

it.each([['rate_limited', 429], ['unavailable', 503]] as const)('whoever is to come back later (%s) hears of it a moment later', async (code, status) => {
  const answer = await answered(new ChatError(code, 'Later.', 2_000))
  expect(answer).toMatchObject({ status, wait: '2' })
  expect(answer.took).toBeGreaterThan(990)
})

it('any other refusal is told at once', async () => {
  for (const error of [new ChatError('wrong_password', 'Wrong.'), new ChatError('unavailable', 'Away.')]) {
    const took: number[] = []
    // Whoever lingers does so each time.
    while (took.length < 20 && !took.some(ms => ms < 900)) took.push((await answered(error)).took)
    expect(Math.min(...took)).toBeLessThan(900)
  }
})
