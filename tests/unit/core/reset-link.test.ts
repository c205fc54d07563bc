import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { resetLink } from '../../../cli/resetLink'
import { SECRET, emailOf, openTestChat, type TestChat } from '../../support/ports'

let t: TestChat
let printed: string[]
beforeEach(async () => {
  t = await openTestChat()
  printed = []
  vi.spyOn(console, 'log').mockImplementation(line => printed.push(line))
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.stubEnv('CHATLY_DATA', t.ports.folder)
  vi.stubEnv('CHATLY_SECRET', SECRET)
  vi.stubEnv('CHATLY_ORIGIN', 'https://chat.example.org')
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await t.close()
})

describe('chatly reset-link', () => {
  it('prints a link that the running server takes', async () => {
    await t.person('Ann')
    t.ports.clock.pass(Date.now() - t.ports.clock.now())
    await resetLink([' ANN@example.org'])
    expect(printed).toEqual([expect.stringMatching(/^https:\/\/chat\.example\.org\/reset\/[\w.-]+$/)])
    await t.chat.accounts.reset(printed[0]?.split('/').at(-1) ?? '', 'a new password')
    await t.chat.accounts.logIn({ email: emailOf('Ann'), password: 'a new password', remember: false }, { address: '10.0.0.1', agent: '' })
  })

  it('says in one line what is wrong', async () => {
    await expect(resetLink([])).rejects.toThrow('Usage: chatly reset-link EMAIL')
    await expect(resetLink(['nobody'])).rejects.toThrow('Usage')
    await expect(resetLink(['nobody@example.org'])).rejects.toThrow('no account with the e-mail address nobody@example.org')
    vi.stubEnv('CHATLY_DATA', `${t.ports.folder}/elsewhere`)
    await expect(resetLink(['ann@example.org'])).rejects.toThrow('CHATLY_DATA')
    vi.stubEnv('CHATLY_ACCOUNTS', 'firebase')
    for (const name of ['FIREBASE_PROJECT_ID', 'FIREBASE_API_KEY', 'FIREBASE_AUTH_DOMAIN']) vi.stubEnv(name, name === 'FIREBASE_AUTH_DOMAIN' ? 'x.example' : 'some-chat')
    await expect(resetLink(['ann@example.org'])).rejects.toThrow('Firebase keeps the passwords')
    expect(printed).toEqual([])
  })
})
