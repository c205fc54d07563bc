import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import { client, sessionOf, type Answer } from '../support/http'
import { setUpToken, startServer, type TestServer } from '../support/server'
import { linkIn, startSmtp, type TestSmtp } from '../support/smtp'

const password = 'correct horse battery'
const origin = 'https://chat.example.org'
let smtp: TestSmtp
let server: TestServer
let addresses = 0
const from = () => ({ 'x-forwarded-for': `198.51.100.${++addresses}` })

beforeAll(async () => {
  smtp = await startSmtp()
  server = await startServer({ env: { SMTP_URL: smtp.url, MAIL_FROM: 'Our Chat <chat@example.org>', CHATLY_ORIGIN: origin, CHATLY_TRUSTED_PROXIES: '1' } })
  await client(server.url)('POST', '/api/auth/setup', { name: 'Admin', email: 'admin@example.org', password, token: await setUpToken(server) })
})
afterAll(async () => {
  await server.stop()
  await smtp.close()
})

const post = (path: string, body?: object, cookie = '', headers = {}) => client(server.url, cookie)('POST', path, body, { ...from(), ...headers })
const signUp = (name: string) => post('/api/auth/signup', { name, email: `${name.toLowerCase()}@example.org`, password })
const forgot = (name: string, headers = {}) => post('/api/auth/password/forgot', { email: `${name.toLowerCase()}@example.org` }, '', headers)
const logIn = (name: string, secret: string) => post('/api/auth/login', { email: `${name.toLowerCase()}@example.org`, password: secret })
const mailed = async (name: string, page: string) => linkIn(await smtp.next(`${name.toLowerCase()}@example.org`), page)
const address = async (answer: Answer) => ((await client(server.url, sessionOf(answer))('GET', '/api/auth/verify')).body as { address: unknown }).address
const tokenOf = (link: string) => link.split('/').at(-1)!

/** A new person whose verification mail has been read, so that the next mail is another. */
async function settled(name: string): Promise<{ answer: Answer, link: string }> {
  const answer = await signUp(name)
  return { answer, link: await mailed(name, 'verify') }
}

describe('a forgotten password', () => {
  it('is set anew by the link that comes by mail, once, and ends every session', async () => {
    const { answer } = await settled('Ann')
    expect((await forgot('Ann')).status).toBe(204)
    const link = await mailed('Ann', 'reset')
    expect(link).toMatch(/^https:\/\/chat\.example\.org\/reset\/[\w.-]+$/)
    expect((await client(server.url)('GET', new URL(link).pathname)).status).toBe(200)
    expect((await post('/api/auth/password/reset', { token: tokenOf(link), password: 'another horse' })).status).toBe(204)
    expect((await client(server.url, sessionOf(answer))('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    expect((await logIn('Ann', password)).status).toBe(403)
    expect((await logIn('Ann', 'another horse')).status).toBe(200)
    expect((await post('/api/auth/password/reset', { token: tokenOf(link), password: 'a third horse' })).body).toMatchObject({ code: 'forbidden' })
  })

  it('leads to where the site is, whatever the request calls it', async () => {
    await settled('Host')
    const evil = { 'x-forwarded-host': 'evil.example', 'host': 'evil.example' }
    await forgot('Host', evil)
    const mail = await smtp.next('host@example.org')
    expect(linkIn(mail, 'reset')).toMatch(/^https:\/\/chat\.example\.org\/reset\//)
    expect(mail.raw).not.toContain('evil')
  })

  it('answers alike, in content and in time, whether there is such an account, and mails only that', async () => {
    const names = Array.from({ length: 4 }, (_, i) => `Known${i}`)
    for (const name of names) await settled(name)
    const attempt = async (name: string) => {
      const started = performance.now()
      const { status, text, headers } = await forgot(name)
      return { told: { status, text, headers: [...headers.keys()].sort() }, took: performance.now() - started }
    }
    await attempt('warm-up')
    const known = [], unknown = []
    // As often as each address may be asked for.
    for (let i = 0; i < rates.forgot.points; i++) {
      for (const name of names) {
        known.push(await attempt(name))
        unknown.push(await attempt(`un${name.toLowerCase()}`))
      }
    }
    for (const { told } of [...known, ...unknown]) expect(told).toEqual(known[0]!.told)
    const fastest = (tries: { took: number }[]) => Math.min(...tries.map(({ took }) => took))
    // Milliseconds either way: the look-up and the mail come after the answer.
    expect(Math.abs(fastest(known) - fastest(unknown))).toBeLessThan(5)
    await smtp.next('known0@example.org')
    expect(smtp.received.some(({ to }) => to.some(one => one.startsWith('un')) || to.includes('warm-up@example.org'))).toBe(false)
  })

  it('is mailed to one address only so often, whoever asks from wherever', async () => {
    await settled('Flooded')
    const answers = []
    for (let i = 0; i < 8; i++) answers.push((await forgot('Flooded')).status)
    expect(answers).toEqual([204, 204, 204, 204, 204, 429, 429, 429])
  })
})

describe('an e-mail address', () => {
  it('is verified by the link that comes at sign-up', async () => {
    const { answer, link } = await settled('Vera')
    expect(link).toMatch(/^https:\/\/chat\.example\.org\/verify\/[\w.-]+$/)
    expect(await address(answer)).toEqual({ email: 'vera@example.org', verified: false })
    expect((await post('/api/auth/verify', { token: tokenOf(link) }, sessionOf(answer))).status).toBe(204)
    expect(await address(answer)).toEqual({ email: 'vera@example.org', verified: true })
    // Twice is no harm; and there is nothing to mail any more.
    expect((await post('/api/auth/verify', { token: tokenOf(link) }, sessionOf(answer))).status).toBe(204)
  })

  it('is verified for its own account alone: a stranger\'s click must not do it for whoever used their address', async () => {
    const { answer: squatter, link } = await settled('Owned')
    const { answer: victim } = await settled('Victim')
    expect((await post('/api/auth/verify', { token: tokenOf(link) })).body).toMatchObject({ code: 'unauthenticated' })
    expect((await post('/api/auth/verify', { token: tokenOf(link) }, sessionOf(victim))).body).toMatchObject({ code: 'forbidden' })
    expect(await address(squatter)).toMatchObject({ verified: false })
  })

  it('is not verified by a link that was changed, or that was for something else', async () => {
    const { answer, link } = await settled('Forger')
    const token = tokenOf(link)
    await forgot('Forger')
    const reset = tokenOf(await mailed('Forger', 'reset'))
    const later = token.replace(/\.(\d+)\./, (_, expiry: string) => `.${Number(expiry) + 1}.`)
    for (const wrong of [`${token}x`, later, reset, 'a.b.c', '.']) expect((await post('/api/auth/verify', { token: wrong }, sessionOf(answer))).body, wrong).toMatchObject({ code: 'forbidden' })
    expect((await post('/api/auth/password/reset', { token, password: 'another horse' })).body).toMatchObject({ code: 'forbidden' })
  })

  it('gets the link again when asked for, but not for ever', async () => {
    const { answer, link } = await settled('Again')
    expect((await post('/api/auth/verify/resend', undefined, sessionOf(answer))).status).toBe(204)
    expect(await mailed('Again', 'verify')).not.toBe('')
    const answers = []
    for (let i = 0; i < 6; i++) answers.push((await post('/api/auth/verify/resend', undefined, sessionOf(answer))).status)
    expect(answers.at(-1)).toBe(429)
    expect((await post('/api/auth/verify/resend')).body).toMatchObject({ code: 'unauthenticated' })
    expect((await post('/api/auth/verify', { token: tokenOf(link) }, sessionOf(answer))).status).toBe(204)
  })
})

describe('the mail itself', () => {
  it('comes from MAIL_FROM, is plain text, and names nobody else', async () => {
    await signUp('Plain')
    const { from: sender, to, raw } = await smtp.next('plain@example.org')
    expect(sender).toBe('chat@example.org')
    expect(to).toEqual(['plain@example.org'])
    expect(raw).toMatch(/^From: Our Chat <chat@example\.org>\r$/m)
    expect(raw).toMatch(/^Content-Type: text\/plain/m)
    expect(raw).not.toMatch(/text\/html|^(Cc|Bcc):/m)
  })

  it('that can\'t be sent is one line in the log, without the address and the link; and nobody waits for it', async () => {
    await settled('Refused')
    smtp.refuse(550, 1)
    expect((await forgot('Refused')).status).toBe(204)
    await expect.poll(() => server.logs()).toMatch(/^\[mail\] a mail could not be sent: \w+ 550$/m)
    expect(server.logs()).not.toContain('refused@example.org')
    expect(server.logs()).not.toContain('/reset/')
  })

  it('waits for a server that is away, while people are answered', async () => {
    const away = await startServer({ env: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'chat@example.org', CHATLY_ORIGIN: origin } })
    try {
      const setUp = await client(away.url)('POST', '/api/auth/setup', { name: 'Admin', email: 'admin@example.org', password, token: await setUpToken(away) })
      expect(setUp.status).toBe(200)
      expect((await client(away.url)('POST', '/api/auth/password/forgot', { email: 'admin@example.org' })).status).toBe(204)
      expect(await away.kill('SIGTERM')).toBe(0)
      expect(away.logs()).not.toContain('admin@example.org')
    } finally {
      await away.stop()
    }
  })
})

it('where no mail is sent, a forgotten password says so no more than before, and there is nothing to ask for again', async () => {
  const plain = await startServer()
  try {
    const admin = sessionOf(await client(plain.url)('POST', '/api/auth/setup', { name: 'Admin', email: 'admin@example.org', password }))
    expect((await client(plain.url)('POST', '/api/auth/password/forgot', { email: 'admin@example.org' })).status).toBe(204)
    expect((await client(plain.url, admin)('POST', '/api/auth/verify/resend')).body).toMatchObject({ code: 'unsupported' })
    expect((await client(plain.url, admin)('GET', '/api/auth/verify')).body).toEqual({ address: { email: 'admin@example.org', verified: false } })
  } finally {
    await plain.stop()
  }
})
