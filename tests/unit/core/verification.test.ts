import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Mail } from '../../../server/core/mail'
import { emailOf, openTestChat, type TestChat } from '../../support/ports'

const HOUR = 3600_000
let test: TestChat
let mails: Mail[]
beforeEach(async () => {
  mails = []
  const mailer = { post: (write: () => Promise<Mail | null>) => void write().then((mail) => { if (mail) mails.push(mail) }), close: async () => {} }
  test = await openTestChat({ post: { mailer, origin: 'https://chat.example' } })
})
afterEach(() => test.close())

const tokenFor = async (name: string) => {
  const mail = await expect.poll(() => mails.find(({ to, subject }) => to === emailOf(name) && subject.includes('address'))).toBeDefined().then(() => mails.find(({ to }) => to === emailOf(name))!)
  return /\/verify\/(\S+)/.exec(mail.text)![1]!
}

it('is good for a day', async () => {
  const ann = await test.person('Ann')
  const token = await tokenFor('Ann')
  test.ports.clock.pass(24 * HOUR)
  await expect(test.chat.accounts.verify(ann, token)).rejects.toMatchObject({ code: 'forbidden' })
  const bob = await test.person('Bob')
  const his = await tokenFor('Bob')
  test.ports.clock.pass(24 * HOUR - 1)
  await test.chat.accounts.verify(bob, his)
  expect(await test.chat.accounts.address(bob)).toEqual({ email: emailOf('Bob'), verified: true })
})

it('is not mailed for an address that is verified already', async () => {
  const ann = await test.person('Ann')
  await test.chat.accounts.verify(ann, await tokenFor('Ann'))
  mails.length = 0
  await test.chat.accounts.resendVerification(ann)
  await test.person('Bob')
  await tokenFor('Bob')
  expect(mails.map(({ to }) => to)).toEqual([emailOf('Bob')])
})

it('a forgotten password is mailed to an account that is not disabled', async () => {
  const [ann, bob] = [await test.person('Ann'), await test.person('Bob')]
  await test.chat.admin.changeAccount(ann, bob.person.id, { disabled: true })
  mails.length = 0
  for (const name of ['Bob', 'Nobody', 'Ann']) await test.chat.accounts.forgot(emailOf(name), { address: '203.0.113.9' })
  await expect.poll(() => mails.map(({ to }) => to)).toEqual([emailOf('Ann')])
})
