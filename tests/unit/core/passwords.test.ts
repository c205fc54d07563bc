import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import type { Identity } from '../../../server/core/chat'
import { SECRET, emailOf, openTestChat, passwordOf, type TestChat } from '../../support/ports'
import { makeResetToken } from '../../../server/core/reset'

let t: TestChat
let ann: Identity
beforeEach(async () => {
  t = await openTestChat()
  ann = await t.person('Ann')
})
afterEach(async () => {
  vi.restoreAllMocks()
  await t.close()
})

const from = { address: '10.9.9.9', agent: 'test' }
const logIn = (password: string) => t.chat.accounts.logIn({ email: emailOf('Ann'), password, remember: true }, from)
const token = async () => makeResetToken({ secret: SECRET, user: ann.person.id, secretHash: (await t.ports.storage.credentialOf('password', ann.person.id))?.secretHash ?? '' }, t.ports.clock.now())

/** A promise, and what resolves it. */
function gate(): [Promise<void>, () => void] {
  let open = () => {}
  return [new Promise<void>((resolve) => { open = resolve }), () => open()]
}

/** Has a step take place, and holds back its answer until `go` is called. */
function heldBack<Method extends 'verify' | 'verifyOwn'>(method: Method) {
  const { accounts } = t.ports
  const done = accounts[method].bind(accounts) as (...args: [string, string]) => Promise<unknown>
  const [open, go] = gate()
  const [reached, reach] = gate()
  vi.spyOn(accounts, method).mockImplementationOnce((async (...args: [string, string]) => {
    const answer = await done(...args)
    reach()
    await open
    return answer
  }) as never)
  return { go, reached }
}

it('a class behind one address may have forgotten theirs; for each e-mail address it is said a few times alone', async () => {
  for (let i = 0; i < rates.forgotAddress.points; i++) await t.chat.accounts.forgot(`pupil${i}@example.org`, { address: '10.9.8.1' })
  expect(rates.forgotAddress.points).toBeGreaterThan(30)
  await expect(t.chat.accounts.forgot('more@example.org', { address: '10.9.8.1' })).rejects.toMatchObject({ code: 'rate_limited' })
  for (let i = 0; i < rates.forgot.points; i++) await t.chat.accounts.forgot('often@example.org', { address: `10.9.7.${i}` })
  await expect(t.chat.accounts.forgot('often@example.org', { address: '10.9.6.1' })).rejects.toMatchObject({ code: 'rate_limited' })
})

it.each(['verifyOwn', 'hash'] as const)('a change takes nothing from whoever was not served because too many passwords were waiting, to %s', async (step) => {
  const change = () => t.chat.accounts.changePassword(ann, { current: passwordOf('Ann'), next: 'a new password' })
  const busy = vi.spyOn(t.ports.accounts, step).mockRejectedValue(new ChatError('unavailable', 'Too many people are signing in at once.', 2_000))
  for (let i = 0; i <= Math.max(rates.passwordChange.points, rates.loginSubject.points); i++) await expect(change()).rejects.toMatchObject({ code: 'unavailable' })
  busy.mockRestore()
  await change()
  await logIn('a new password')
})

describe('while a password is set anew by a link', () => {
  it('whoever was just signing in with the old one does not get in', async () => {
    const { go, reached } = heldBack('verify')
    const thief = logIn(passwordOf('Ann'))
    await reached
    await t.chat.accounts.reset(await token(), 'a new password')
    go()
    await expect(thief).rejects.toMatchObject({ code: 'wrong_password' })
    expect(await t.ports.storage.sessions(ann.person.id)).toEqual([])
    await logIn('a new password')
  })

  it('whoever was just changing it with the old one does not undo that, and ends nobody\'s session', async () => {
    const { go, reached } = heldBack('verifyOwn')
    const thief = t.chat.accounts.changePassword(ann, { current: passwordOf('Ann'), next: 'the password of a thief' })
    await reached
    await t.chat.accounts.reset(await token(), 'a new password')
    const mine = await logIn('a new password')
    go()
    await expect(thief).rejects.toMatchObject({ code: 'wrong_password' })
    expect(await t.chat.accounts.identify(mine.token)).not.toBeNull()
    await expect(logIn('the password of a thief')).rejects.toMatchObject({ code: 'wrong_password' })
  })

  it('the link works once, also for two who use it at once', async () => {
    const link = await token()
    const both = await Promise.allSettled(['first password', 'second password'].map(password => t.chat.accounts.reset(link, password)))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    for (const one of both) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'forbidden' })
  })
})

it('a new password ends the old sessions with it, whatever breaks afterwards, and their sockets are told', async () => {
  vi.spyOn(t.ports.storage, 'endSessions').mockRejectedValue(new ChatError('unavailable', 'The storage is away.'))
  const session = async (password: string) => await t.chat.accounts.identify((await logIn(password)).token) ?? expect.fail('no session')
  const thief = await session(passwordOf('Ann'))
  await t.chat.accounts.changePassword(ann, { current: passwordOf('Ann'), next: 'a new password' })
  expect((await t.ports.storage.sessions(ann.person.id)).map(one => one.id)).toEqual([ann.session])
  const other = await session('a new password')
  await t.chat.accounts.reset(await token(), 'another password')
  expect(await t.ports.storage.sessions(ann.person.id)).toEqual([])
  expect(t.controls).toEqual(expect.arrayContaining([thief, ann, other].map(({ session }) => ({ kind: 'session-ended', session }))))
})

it('passwords are changed so often and no more, however right they are', async () => {
  const change = () => t.chat.accounts.changePassword(ann, { current: passwordOf('Ann'), next: passwordOf('Ann') })
  for (let n = 0; n < rates.passwordChange.points; n++) await change()
  await expect(change()).rejects.toMatchObject({ code: 'rate_limited' })
})
