import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import { SignInRefused, type Claims, type Google } from '../../../server/core/google'
import { openTestChat, passwordOf, type TestChat } from '../../support/ports'

/** Somebody without a password shows once more who they are. */

const MINUTE = 60_000
let t: TestChat
let google: Google
let claims: Claims
let asked: { anew: boolean } | undefined
const address = '10.40.0.1'
const subject = (name: string, authenticatedAt: number | null = null): Claims => ({ subject: `g-${name}`, email: `${name}@gmail.example`, emailVerified: true, name, authenticatedAt })

beforeAll(async () => {
  t = await openTestChat({
    provider: {
      begin: async (_flow, _callback, wish) => {
        asked = wish
        return 'https://provider.example'
      },
      finish: async () => claims
    }
  })
  google = t.chat.google ?? expect.fail('Google is not offered')
  await t.person('Admin')
})
afterAll(() => t.close())

const identify = async (token: string) => await t.chat.accounts.identify(token) ?? expect.fail('no session')
async function signIn(name: string, { again = false, viewer = null as Identity | null, next = '/', authenticatedAt = null as number | null } = {}) {
  const { kept } = await google.begin({ callback: 'https://chat.example/back', next, remember: false, again }, { address })
  claims = subject(name, authenticatedAt)
  const { token, next: to } = await google.finish(new URL('https://chat.example/back'), kept, { address, agent: 'test', viewer })
  return { to, who: await identify(token) }
}
const remove = (who: Identity, password = '') => t.chat.accounts.deleteAccount(who, { password, messages: 'keep' })
const refused = (work: Promise<unknown>) => work.then(() => 'nothing', (error: { code?: string, problem?: string }) => error.code ?? error.problem)

describe('an account of Google\'s that is to be deleted', () => {
  it('needs a sign-in of a moment ago in place of the password that it has not', async () => {
    const { who } = await signIn('ann')
    t.ports.clock.pass(6 * MINUTE)
    expect(await refused(remove(who))).toBe('wrong_password')
    const { who: now, to } = await signIn('ann', { again: true, viewer: who, next: '/settings/account?google=done' })
    expect([to, now.person.id, asked]).toEqual(['/settings/account?google=done', who.person.id, { anew: true }])
    expect(await refused(remove(now, 'a guess')), 'a password that is typed has to be right').toBe('wrong_password')
    t.ports.clock.pass(4 * MINUTE)
    await remove(now)
    expect(await t.ports.storage.me(who.person.id)).toBeNull()
  })

  it('is not deleted by another session of the same person that is older', async () => {
    const { who: old } = await signIn('bea')
    t.ports.clock.pass(6 * MINUTE)
    await signIn('bea')
    expect(await refused(remove(old))).toBe('wrong_password')
  })

  it('is not deleted by a sign-in there of long ago, where Google says when that was', async () => {
    const { who } = await signIn('finn')
    t.ports.clock.pass(6 * MINUTE)
    const now = t.ports.clock.now()
    const error: unknown = await signIn('finn', { again: true, viewer: who, authenticatedAt: now - 6 * MINUTE }).catch((error: unknown) => error)
    expect(error).toMatchObject({ problem: 'google-stale', back: '/settings/account' })
    expect(await refused(remove(who)), 'and the session is as old as it was').toBe('wrong_password')
    const { who: proven } = await signIn('finn', { again: true, viewer: who, authenticatedAt: now - MINUTE })
    await remove(proven)
    // Signing in as always asks nothing of the kind.
    await signIn('finn', { authenticatedAt: now - 60 * MINUTE })
  })

  it('is shown by its own sign-in alone: another signs nobody in, and makes nobody', async () => {
    const { who } = await signIn('cleo')
    await signIn('dora')
    for (const other of ['dora', 'nobody-yet']) {
      const error: unknown = await signIn(other, { again: true, viewer: who }).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SignInRefused)
      expect(error).toMatchObject({ problem: 'google-other', back: '/settings/account' })
    }
    expect(await t.ports.storage.credential('google', 'g-nobody-yet')).toBeNull()
    expect(await refused(signIn('cleo', { again: true }))).toBe('google-other')
    expect(await t.ports.storage.session(who.session), 'and the session goes on').not.toBeNull()
  })
})

it('an account with a password alone always needs it, however young its session', async () => {
  const eve = await t.person('Eve')
  expect(await refused(remove(eve))).toBe('wrong_password')
  await remove(eve, passwordOf('Eve'))
})
