import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client, sessionOf, type Answer } from '../support/http'
import { startProvider, type ProviderPerson, type TestProvider } from '../support/provider'
import { setUpToken, startServer, type TestServer } from '../support/server'
import { linkIn, startSmtp, type TestSmtp } from '../support/smtp'

const password = 'correct horse battery'
let provider: TestProvider
let smtp: TestSmtp
let server: TestServer
let addresses = 0
const from = () => ({ 'x-forwarded-for': `198.51.100.${++addresses}` })
const settings = () => ({
  GOOGLE_CLIENT_ID: provider.clientId, GOOGLE_CLIENT_SECRET: provider.clientSecret, GOOGLE_ISSUER: provider.issuer, CHATLY_TRUSTED_PROXIES: '1'
})

beforeAll(async () => {
  [provider, smtp] = await Promise.all([startProvider(), startSmtp()])
  server = await startServer({ env: { ...settings(), SMTP_URL: smtp.url, MAIL_FROM: 'chat@example.org', CHATLY_ORIGIN: 'http://127.0.0.1:1' } })
  await client(server.url)('POST', '/api/auth/setup', { name: 'Admin', email: 'admin@example.org', password, token: await setUpToken(server) })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([provider.close(), smtp.close()])
})

const post = (path: string, body: object, cookie = '') => client(server.url, cookie)('POST', path, body, from())
const signUp = (name: string) => post('/api/auth/signup', { name, email: `${name.toLowerCase()}@example.org`, password })
const who = async (cookie: string, at = server) => ((await client(at.url, cookie)('GET', '/api/auth/session')).body as { me: { name: string, email: string, admin: boolean, kind: string, id: string } | null }).me
const cookiesOf = (answer: Answer) => answer.headers.getSetCookie().map(line => line.split(';')[0]).filter(pair => !pair?.endsWith('=')).join('; ')

interface Begun { kept: string, asked: URL }

/** What a browser does up to the provider's page; `cookie` is what it has already. */
async function begin(query = '', cookie = '', at = server): Promise<Begun> {
  const answer = await client(at.url, cookie)('GET', `/api/auth/google${query}`, undefined, from())
  return { kept: cookiesOf(answer), asked: new URL(answer.headers.get('location') ?? '', at.url) }
}

/** Signs in there; gives the path, here, that it sends the browser back to. */
async function atProvider({ asked }: Begun, person: ProviderPerson): Promise<string> {
  provider.person = person
  const answer = await fetch(asked, { redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? '')
  return back.pathname + back.search
}

/** The whole way; gives the last answer. */
async function signIn(person: ProviderPerson, { query = '', cookie = '', at = server } = {}): Promise<Answer> {
  const begun = await begin(query, cookie, at)
  const back = await atProvider(begun, person)
  return client(at.url, [begun.kept, cookie].filter(Boolean).join('; '))('GET', back, undefined, from())
}
const landed = ({ status, headers }: Answer) => ({ status, to: headers.get('location') })
const problem = (name: string) => ({ status: 302, to: `/login?problem=${name}` })

describe('signing in with Google', () => {
  it('makes an account, comes back to where one was going, and finds it again', async () => {
    const first = await signIn({ sub: 'g-ann', email: 'Ann@Example.org', email_verified: true, name: 'Ann Example' }, { query: '?next=/rooms/lobby' })
    expect(landed(first)).toEqual({ status: 302, to: '/rooms/lobby' })
    expect(first.headers.getSetCookie().find(line => line.startsWith('chatly_session='))).toMatch(/^chatly_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    const me = await who(sessionOf(first))
    expect(me).toMatchObject({ name: 'Ann Example', email: 'ann@example.org', admin: false, kind: 'member' })
    // By the subject: the address and the name may have changed there.
    const again = await signIn({ sub: 'g-ann', email: 'other@example.org', email_verified: false }, { query: '?remember=true' })
    expect(await who(sessionOf(again))).toMatchObject({ id: me!.id, name: 'Ann Example' })
    expect(again.headers.getSetCookie().find(line => line.startsWith('chatly_session='))).toContain('Max-Age=2592000')
  })

  it('shows once more who somebody is, who may then delete their account without a password', async () => {
    const first = await signIn({ sub: 'g-zoe', email: 'zoe@example.org', email_verified: true, name: 'Zoe' })
    const query = '?again=true&next=/settings/account?google=done'
    const { asked } = await begin(query, sessionOf(first))
    expect(['prompt', 'max_age'].map(name => asked.searchParams.get(name))).toEqual(['select_account', '0'])
    expect((await begin('', sessionOf(first))).asked.searchParams.has('max_age')).toBe(false)
    const other = await signIn({ sub: 'g-other', email: 'elsewhere@example.org', email_verified: true }, { query, cookie: sessionOf(first) })
    expect([landed(other), sessionOf(other)]).toEqual([{ status: 302, to: '/settings/account?problem=google-other' }, ''])
    const again = await signIn({ sub: 'g-zoe', email: 'zoe@example.org', email_verified: true }, { query, cookie: sessionOf(first) })
    expect(landed(again)).toEqual({ status: 302, to: '/settings/account?google=done' })
    const remove = (cookie: string) => client(server.url, cookie)('DELETE', '/api/me', { messages: 'keep' }, from())
    expect((await remove(sessionOf(first))).status, 'the former session has ended').toBe(401)
    expect((await remove(sessionOf(again))).status).toBe(204)
    expect(await who(sessionOf(again))).toBeNull()
  })

  it('takes no click for that where the provider says that their password was typed long ago', async () => {
    const person = { sub: 'g-yan', email: 'yan@example.org', email_verified: true, name: 'Yan' }
    const cookie = sessionOf(await signIn(person))
    const query = '?again=true&next=/settings/account?google=done'
    try {
      provider.authenticated = 3600
      const stale = await signIn(person, { query, cookie })
      expect([landed(stale), sessionOf(stale)]).toEqual([{ status: 302, to: '/settings/account?problem=google-stale' }, ''])
      provider.authenticated = 10
      expect(landed(await signIn(person, { query, cookie }))).toEqual({ status: 302, to: '/settings/account?google=done' })
    } finally {
      provider.authenticated = null
    }
  })

  it('keeps what it must recognise in a cookie that no script reads and no other site sends along', async () => {
    const answer = await client(server.url)('GET', '/api/auth/google', undefined, from())
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^chatly_google=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)])
    const secure = await client(server.url)('GET', '/api/auth/google', undefined, { ...from(), 'x-forwarded-proto': 'https' })
    expect(secure.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-chatly_google=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/)])
    const asked = new URL(answer.headers.get('location')!)
    expect(asked.origin).toBe(provider.issuer)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: provider.clientId, response_type: 'code', code_challenge_method: 'S256', redirect_uri: 'http://127.0.0.1:1/api/auth/google/callback', scope: 'openid email profile'
    })
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
  })

  it('goes nowhere but to this site afterwards', async () => {
    for (const next of ['https://evil.example/', '//evil.example', '/.//evil.example', '/\\evil.example']) {
      expect(landed(await signIn({ sub: 'g-next', email: 'next@example.org', email_verified: true, name: 'Next' }, { query: `?next=${encodeURIComponent(next)}` })), next).toEqual({ status: 302, to: '/' })
    }
  })

  it('ends the session that the browser had', async () => {
    const old = sessionOf(await signUp('Former'))
    const answer = await signIn({ sub: 'g-former', email: 'somebody@example.org', email_verified: true, name: 'New' }, { cookie: old })
    expect(await who(sessionOf(answer))).toMatchObject({ name: 'New' })
    expect(await who(old)).toBeNull()
  })

  it('is not offered without its settings', async () => {
    const plain = await startServer()
    try {
      for (const path of ['/api/auth/google', '/api/auth/google/callback?code=x&state=y']) expect((await client(plain.url)('GET', path)).body).toMatchObject({ code: 'not_found' })
      expect((await client(plain.url)('GET', '/api/auth/session')).body).toMatchObject({ google: false, mail: false })
      expect((await client(server.url)('GET', '/api/auth/session')).body).toMatchObject({ google: true, mail: true })
    } finally {
      await plain.stop()
    }
  })
})

describe('an answer that is not of this attempt', () => {
  const mallory: ProviderPerson = { sub: 'g-mallory', email: 'mallory@example.org', email_verified: true, name: 'Mallory' }

  it('is refused with another state, which is signing somebody in as somebody else', async () => {
    const [hers, his] = [await begin(), await begin()]
    const back = await atProvider(hers, mallory)
    const answer = await client(server.url, his.kept)('GET', back, undefined, from())
    expect(landed(answer)).toEqual(problem('google-failed'))
    expect(sessionOf(answer)).toBe('')
  })

  it('is refused without the cookie, or with one of somebody\'s own making', async () => {
    const begun = await begin()
    const back = await atProvider(begun, mallory)
    const forged = `chatly_google=${Buffer.from(JSON.stringify({ state: new URL(back, server.url).searchParams.get('state'), nonce: 'x', verifier: 'y', next: 'https://evil.example', expires: 9e15 })).toString('base64url')}.forged`
    const [text = '', signature] = begun.kept.slice('chatly_google='.length).split('.')
    const kept = JSON.parse(Buffer.from(text, 'base64url').toString()) as object
    const bent = `chatly_google=${Buffer.from(JSON.stringify({ ...kept, next: 'https://evil.example' })).toString('base64url')}.${signature}`
    for (const cookie of ['', bent, forged, 'chatly_google=', 'chatly_google=a.b.c']) {
      expect(landed(await client(server.url, cookie)('GET', back, undefined, from()))).toEqual(problem('google-failed'))
    }
  })

  it('is refused a second time, and the provider is not even asked', async () => {
    const begun = await begin()
    const back = await atProvider(begun, { sub: 'g-once', email: 'once@example.org', email_verified: true, name: 'Once' })
    expect(landed(await client(server.url, begun.kept)('GET', back, undefined, from()))).toEqual({ status: 302, to: '/' })
    const before = provider.exchanges
    const again = await client(server.url, begun.kept)('GET', back, undefined, from())
    expect(landed(again)).toEqual(problem('google-failed'))
    expect(sessionOf(again)).toBe('')
    expect(provider.exchanges).toBe(before)
  })

  it('is refused with a code of another attempt: it belongs to another verifier', async () => {
    const [hers, his] = [await begin(), await begin()]
    const code = new URL(await atProvider(hers, mallory), server.url).searchParams.get('code')!
    const back = new URL(await atProvider(his, mallory), server.url)
    back.searchParams.set('code', code)
    expect(landed(await client(server.url, his.kept)('GET', back.pathname + back.search, undefined, from()))).toEqual(problem('google-failed'))
  })

  it.each([['another issuer', { issuer: 'https://accounts.example' }], ['another audience', { audience: 'somebody-else' }], ['another nonce', { nonce: 'of-another-attempt' }], ['another key', { key: true }]])(
    'is refused where the identity is of %s', async (_, lies) => {
      provider.lies = lies
      try {
        expect(landed(await signIn(mallory))).toEqual(problem('google-failed'))
      } finally {
        provider.lies = {}
      }
    })

  it('is refused where the person said no', async () => {
    const begun = await begin()
    const answer = await client(server.url, begun.kept)('GET', `/api/auth/google/callback?error=access_denied&state=${begun.asked.searchParams.get('state')}`, undefined, from())
    expect(landed(answer)).toEqual(problem('google-failed'))
  })

  it('and no account came of all that', async () => {
    expect((await post('/api/auth/signup', { name: 'Mallory', email: 'mallory@example.org', password })).status).toBe(200)
  })
})

describe('an address that has an account here', () => {
  const verify = async (name: string) => {
    const session = sessionOf(await signUp(name))
    const token = linkIn(await smtp.next(`${name.toLowerCase()}@example.org`), 'verify').split('/').at(-1)!
    expect((await post('/api/auth/verify', { token }, session)).status).toBe(204)
    return session
  }

  it('is linked when both sides know it to be theirs', async () => {
    const session = await verify('Both')
    const answer = await signIn({ sub: 'g-both', email: 'both@example.org', email_verified: true, name: 'Another Name' })
    const [before, after] = [await who(session), await who(sessionOf(answer))]
    expect(after).toMatchObject({ id: before!.id, name: 'Both' })
    expect((await post('/api/auth/login', { email: 'both@example.org', password })).status).toBe(200)
    // A second account there does not get in by the same address.
    expect(landed(await signIn({ sub: 'g-both-2', email: 'both@example.org', email_verified: true }))).toEqual(problem('google-not-linked'))
  })

  it('is not linked to an account that has not shown to be its: anybody may have made that', async () => {
    await signUp('Squatter')
    const answer = await signIn({ sub: 'g-victim', email: 'squatter@example.org', email_verified: true, name: 'Victim' })
    expect(landed(answer)).toEqual(problem('google-not-linked'))
    expect(sessionOf(answer)).toBe('')
  })

  it('is not linked when Google has not verified it, nor does that make an account', async () => {
    await verify('Claimed')
    for (const email of ['claimed@example.org', 'nobody-yet@example.org']) {
      expect(landed(await signIn({ sub: `g-${email}`, email, email_verified: false, name: 'Liar' }))).toEqual(problem('google-unverified'))
    }
    expect(landed(await signIn({ sub: 'g-silent', name: 'Silent' }))).toEqual(problem('google-unverified'))
  })

  it('can\'t be signed up with once Google has said whose it is', async () => {
    await signIn({ sub: 'g-first', email: 'first@example.org', email_verified: true, name: 'First' })
    expect((await post('/api/auth/signup', { name: 'Second', email: 'first@example.org', password })).body).toMatchObject({ code: 'conflict' })
    expect((await post('/api/auth/login', { email: 'first@example.org', password })).body).toMatchObject({ code: 'wrong_password' })
  })
})

describe('who may not come in', () => {
  it('a disabled account is refused by either way to it', async () => {
    const gone = await signIn({ sub: 'g-gone', email: 'gone@example.org', email_verified: true, name: 'Gone' })
    const { id } = (await who(sessionOf(gone)))!
    const admin = sessionOf(await post('/api/auth/login', { email: 'admin@example.org', password }))
    expect((await client(server.url, admin)('PATCH', `/api/admin/people/${id}`, { disabled: true })).status).toBe(204)
    expect(landed(await signIn({ sub: 'g-gone', email: 'gone@example.org', email_verified: true }))).toEqual(problem('account-disabled'))
    expect(landed(await signIn({ sub: 'g-gone-2', email: 'gone@example.org', email_verified: true }))).toEqual(problem('account-disabled'))
  })

  it('a newcomer where sign-up is closed, or has no valid invite; who has an account gets in', async () => {
    const admin = sessionOf(await post('/api/auth/login', { email: 'admin@example.org', password }))
    const asAdmin = client(server.url, admin)
    const { id: room } = (await asAdmin('POST', '/api/rooms', { name: 'Invited', visibility: 'private' })).body as { id: string }
    const { code } = (await asAdmin('POST', `/api/rooms/${room}/invites`, { role: 'member' })).body as { code: string }
    try {
      await asAdmin('PATCH', '/api/admin/site', { signup: 'closed' })
      expect(landed(await signIn({ sub: 'g-late', email: 'late@example.org', email_verified: true, name: 'Late' }))).toEqual(problem('signup-closed'))
      expect(landed(await signIn({ sub: 'g-ann' }))).toEqual({ status: 302, to: '/' })
      await asAdmin('PATCH', '/api/admin/site', { signup: 'invite' })
      for (const [query, reason] of [['', 'signup-closed'], ['?next=/invite/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'invite-invalid'], ['?next=/rooms/lobby', 'signup-closed']] as const) {
        expect(landed(await signIn({ sub: 'g-late', email: 'late@example.org', email_verified: true, name: 'Late' }, { query }))).toEqual(problem(reason))
      }
      const invited = await signIn({ sub: 'g-late', email: 'late@example.org', email_verified: true, name: 'Late' }, { query: `?next=/invite/${code}` })
      expect(landed(invited)).toEqual({ status: 302, to: `/invite/${code}` })
      expect((await client(server.url, sessionOf(invited))('GET', `/api/rooms/${room}`)).body).toMatchObject({ role: 'member' })
    } finally {
      await asAdmin('PATCH', '/api/admin/site', { signup: 'open' })
    }
  })

  it('the first to come where nobody has set the site up', async () => {
    const fresh = await startServer({ env: settings() })
    try {
      expect(landed(await signIn({ sub: 'g-early', email: 'early@example.org', email_verified: true, name: 'Early' }, { at: fresh }))).toEqual(problem('signup-closed'))
      expect((await client(fresh.url)('GET', '/api/auth/session')).body).toMatchObject({ needsSetUp: true })
    } finally {
      await fresh.stop()
    }
  })

  it('a guest keeps who they are', async () => {
    const admin = client(server.url, sessionOf(await post('/api/auth/login', { email: 'admin@example.org', password })))
    const { id: room } = (await admin('POST', '/api/rooms', { name: 'Garden' })).body as { id: string }
    await admin('PATCH', `/api/rooms/${room}`, { guests: true })
    const { code } = (await admin('POST', `/api/rooms/${room}/invites`, { role: 'guest' })).body as { code: string }
    const guest = sessionOf(await post('/api/auth/guest', { code, name: 'Gus' }))
    const before = await who(guest)
    expect(before).toMatchObject({ kind: 'guest' })
    const answer = await signIn({ sub: 'g-gus', email: 'gus@example.org', email_verified: true, name: 'Gus' }, { cookie: guest })
    expect(await who(sessionOf(answer))).toMatchObject({ id: before!.id, kind: 'member', email: 'gus@example.org' })
    expect(await who(guest)).toBeNull()
  })
})

it('says one line when Google can\'t be reached, without a secret, and goes on', async () => {
  const lost = await startServer({ env: { ...settings(), GOOGLE_ISSUER: 'http://127.0.0.1:9' } })
  try {
    expect(landed(await client(lost.url)('GET', '/api/auth/google'))).toEqual(problem('google-failed'))
    expect(lost.logs().match(/^\[google\] .*$/gm)).toHaveLength(1)
    expect(lost.logs()).not.toContain(provider.clientSecret)
  } finally {
    await lost.stop()
  }
})
