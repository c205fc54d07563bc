import { afterEach, expect, it, vi } from 'vitest'
import { announce } from '../../../server/entry/announce'

type Started = Parameters<typeof announce>[0]

afterEach(() => { vi.restoreAllMocks() })

it('says where Chatly is, and that storage cannot be asked for the first account, and goes on', async () => {
  const said = vi.spyOn(console, 'info').mockImplementation(() => {})
  const failed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const chat = { accounts: { needsSetUp: () => Promise.reject(new Error('The storage is away.')) } }
  await announce({ chat, config: { origins: [] } } as unknown as Started, { port: 3000, address: '::', family: 'IPv6' })
  expect(said.mock.calls).toEqual([['Chatly is ready on http://localhost:3000']])
  expect(failed.mock.calls).toEqual([[expect.stringMatching(/^Whether there is an account .*The storage is away\./)]])
})
