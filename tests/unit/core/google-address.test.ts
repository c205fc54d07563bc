import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Claims } from '../../../server/core/google'
import { ChatError } from '../../../shared/errors'
import { openTestChat, type TestChat } from '../../support/ports'

/** The address of an account that came by Google is claimed at a sign-in that it does not hang on. */

let t: TestChat
let claims: Claims

beforeAll(async () => {
  t = await openTestChat({ provider: { begin: async () => 'https://provider.example', finish: async () => claims } })
  await t.person('Admin')
})
afterAll(() => t.close())

async function signIn(name: string, rest: Partial<Claims> = {}) {
  const google = t.chat.google ?? expect.fail('Google is not offered')
  const { kept } = await google.begin({ callback: 'https://chat.example/back', next: '/', remember: false }, { address: '10.42.0.1' })
  claims = { subject: `g-${name}`, email: `${name.toLowerCase()}@gmail.example`, emailVerified: true, name, authenticatedAt: null, ...rest }
  return (await google.finish(new URL('https://chat.example/back'), kept, { address: '10.42.0.1', agent: 'test', viewer: null })).me.id
}
const withoutHashes = async <T>(work: () => Promise<T>): Promise<T> => {
  const hash = vi.spyOn(t.ports.accounts, 'hash').mockRejectedValue(new ChatError('unavailable', 'Chatly is busy.', 1_000))
  try {
    return await work()
  } finally {
    hash.mockRestore()
  }
}
const addressOf = async (user: string) => (await t.ports.storage.credentialOf('password', user))?.subject

it('beginning is limited per address, wide enough for a school', async () => {
  const begin = (address: string) => t.chat.google!.begin({ callback: 'https://chat.example/back', next: '/', remember: false }, { address })
  for (let i = 0; i < 200; i++) await begin('10.43.0.1')
  await expect(begin('10.43.0.1')).rejects.toMatchObject({ code: 'rate_limited' })
  await begin('10.43.0.2')
})

it('they are in also where it can\'t be claimed, and it is claimed at the next sign-in, once', async () => {
  const user = await withoutHashes(() => signIn('Ines'))
  expect(await addressOf(user)).toBeUndefined()
  expect(await withoutHashes(() => signIn('Ines'))).toBe(user)
  expect(await signIn('Ines')).toBe(user)
  const claimed = await t.ports.storage.credentialOf('password', user)
  expect(claimed).toMatchObject({ subject: 'ines@gmail.example', verifiedAt: t.ports.clock.now() })
  await signIn('Ines', { email: 'other@gmail.example' })
  expect(await t.ports.storage.credentialOf('password', user)).toEqual(claimed)
})

it('it is not claimed where Google does not vouch for it, or somebody else here has it by now', async () => {
  const user = await withoutHashes(() => signIn('Jost'))
  await signIn('Jost', { emailVerified: false })
  await signIn('Jost', { email: null })
  await signIn('Jost', { email: 'admin@example.org' })
  expect(await addressOf(user)).toBeUndefined()
})
