import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChatError } from '#shared/errors'
import { rates } from '#shared/limits'
import { createChat, type Chat, type Identity } from '../../../server/core/chat'
import type { Directory, Proof } from '../../../server/core/ports'
import { openTestPorts, SECRET, type TestPorts } from '../../support/ports'

/** A directory that says what a test wants; a token is a person's name. */
let people: Map<string, Proof>
let revoked: string[]
let removed: string[]
/** How often it was asked for a proof. */
let proven = 0
let ports: TestPorts
let chat: Chat
let addresses = 0
const from = () => ({ address: `10.0.0.${++addresses}`, agent: 'test' })

const person = (subject: string, more: Partial<Proof> = {}): Proof => {
  const proof = { subject, email: `${subject}@example.org`, emailVerified: false, name: null, by: 'password', signedInAt: ports.clock.now(), mark: '1', ...more }
  people.set(subject, proof)
  return proof
}

beforeEach(async () => {
  people = new Map()
  revoked = []
  removed = []
  const directory: Directory = {
    async prove(token) {
      proven++
      const proof = people.get(token)
      if (!proof) throw new ChatError('unauthenticated', 'no')
      return proof
    },
    marks: async subjects => new Map(subjects.flatMap(subject => people.has(subject) ? [[subject, people.get(subject)!.mark]] : [])),
    async revoke(subject) {
      revoked.push(subject)
      people.get(subject)!.mark += 'r'
      return people.get(subject)!.mark
    },
    async remove(subject) { removed.push(subject) }
  }
  ports = await openTestPorts()
  chat = createChat({ ...ports, accounts: { ...ports.accounts, directory } }, { secret: SECRET, signup: 'open', public: false, guests: true })
  person('admin')
  await chat.accounts.setUpByProof({ idToken: 'admin', remember: false, token: '', name: 'Admin' }, { ...from(), loopback: true })
})
afterEach(() => ports.close())

const enter = (idToken: string) => chat.accounts.enter({ idToken, remember: false }, from())
const identify = async (token: string): Promise<Identity | null> => chat.accounts.identify(token)

it('asks the directory only so often for one address, by either way in', async () => {
  const here = { address: '10.66.0.1', agent: 'test' }
  const ways = [
    () => chat.accounts.setUpByProof({ idToken: 'nobody', remember: false, token: '' }, { ...here, loopback: false }),
    () => chat.accounts.enter({ idToken: 'nobody', remember: false }, here)
  ]
  for (let i = 0; i < rates.login.points; i++) await expect(ways[i % 2]!()).rejects.toMatchObject({ code: 'unauthenticated' })
  proven = 0
  for (const way of ways) await expect(way()).rejects.toMatchObject({ code: 'rate_limited' })
  expect(proven).toBe(0)
})

it('gives the address back what a proof that was right took, and bounds those of one account', async () => {
  const here = { address: '10.66.0.2', agent: 'test' }
  const comes = (idToken: string) => chat.accounts.enter({ idToken, remember: false }, here)
  for (let i = 1; i < rates.login.points; i++) await expect(comes('nobody')).rejects.toMatchObject({ code: 'unauthenticated' })
  for (const name of ['ann', 'bea']) {
    person(name)
    await comes(name)
  }
  for (let i = 1; i < rates.loginRight.points; i++) await comes('ann')
  await expect(comes('ann')).rejects.toMatchObject({ code: 'rate_limited' })
  proven = 0
  await expect(comes('nobody'), 'what was one too many is not given back').rejects.toMatchObject({ code: 'rate_limited' })
  expect(proven).toBe(0)
})

it('asks the directory only so often for one address with proofs that are right, too', async () => {
  const here = { address: '10.66.0.3', agent: 'test' }
  const names = Array.from({ length: 11 }, (_, n) => `robot${n}`)
  for (const name of names) person(name)
  const comes = (n: number) => chat.accounts.enter({ idToken: names[n % names.length]!, remember: false }, here)
  for (let n = 0; n < rates.loginAll.points; n++) await comes(n)
  proven = 0
  await expect(comes(0)).rejects.toMatchObject({ code: 'rate_limited' })
  expect(proven).toBe(0)
})

describe('a sign-in by another\'s word over an address that nobody had proven', () => {
  it('ends what the first comer was signed in to, here and there', async () => {
    person('eve')
    const squatter = await enter('eve')
    person('eve', { by: 'google.com', emailVerified: true })
    const owner = await enter('eve')
    expect(owner.me.id).toBe(squatter.me.id)
    expect(revoked).toEqual(['eve'])
    expect(await identify(squatter.token)).toBeNull()
    expect(await identify(owner.token)).not.toBeNull()
    expect(await ports.storage.credentialOf('password', owner.me.id)).toMatchObject({ subject: 'eve@example.org', verifiedAt: ports.clock.now() })
    await enter('eve')
    expect(revoked, 'once').toHaveLength(1)
  })

  it('is none where the owner of the password has proven the address', async () => {
    person('ann')
    const before = await enter('ann')
    person('ann', { emailVerified: true })
    await enter('ann')
    person('ann', { by: 'google.com', emailVerified: true })
    await enter('ann')
    expect(revoked).toEqual([])
    expect(await identify(before.token)).not.toBeNull()
  })
})

describe('an account of the time before the directory', () => {
  const local = (email: string, verifiedAt: number | null) => ports.storage.createAccount({
    id: `local-${email}`, name: 'Local', kind: 'member', admin: false, at: 1, credential: { kind: 'password', subject: email, secretHash: 'none', verifiedAt }
  })

  it('is theirs whom both sides know by the address', async () => {
    await local('lea@example.org', 1)
    person('lea')
    await expect(enter('lea')).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('Confirm') as string })
    person('lea', { emailVerified: true })
    expect((await enter('lea')).me.id).toBe('local-lea@example.org')
    expect((await enter('lea')).me.id).toBe('local-lea@example.org')
  })

  it('is nobody\'s where its address was never proven here', async () => {
    await local('leo@example.org', null)
    person('leo', { emailVerified: true, by: 'google.com' })
    await expect(enter('leo')).rejects.toMatchObject({ code: 'conflict' })
  })
})

it('everything of before ends with a sign-in after a revocation', async () => {
  person('rae')
  const before = await enter('rae')
  person('rae', { mark: '2' })
  const after = await enter('rae')
  expect(await identify(before.token)).toBeNull()
  expect(await identify(after.token)).not.toBeNull()
})

it('an account disabled here lets nobody in, whatever the directory says', async () => {
  person('dee')
  const { me } = await enter('dee')
  const [admin] = await ports.storage.admins()
  await ports.storage.setDisabled({ user: me.id, disabled: true, by: admin!, at: 1 })
  await expect(enter('dee')).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('disabled') as string })
})

it('the only admin can\'t go, and keeps their account there', async () => {
  person('bob')
  await enter('bob')
  const admin = (await identify((await enter('admin')).token))!
  await expect(chat.accounts.deleteAccount(admin, { password: '', idToken: 'admin', messages: 'keep' })).rejects.toMatchObject({ code: 'conflict' })
  expect(removed).toEqual([])
})

it('nothing about passwords is done here', async () => {
  const { accounts } = chat
  person('pat')
  const me = (await identify((await enter('pat')).token))!
  const body = { name: 'X', email: 'x@example.org', password: 'correct horse battery', remember: false, token: '' }
  for (const call of [
    () => accounts.logIn(body, from()), () => accounts.signUp(body, from()), () => accounts.setUp(body, { ...from(), loopback: true }), () => accounts.forgot('x@example.org', from()),
    () => accounts.changePassword(me, { current: 'a', next: 'b' }), () => accounts.reset('a', 'b'), () => accounts.resetLinkFor('x@example.org'), () => accounts.resendVerification(me), () => accounts.verify(me, 'a')
  ]) await expect(call()).rejects.toMatchObject({ code: 'unsupported' })
})
