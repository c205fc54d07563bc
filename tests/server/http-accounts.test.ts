import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import { client, raw, sessionOf, type Answer, type Client } from '../support/http'
import { setUpToken, startServer, type TestServer } from '../support/server'

const password = 'correct horse battery'
let server: TestServer
/** Each as if from an address of its own, so that no test uses up another's attempts. */
let addresses = 0
const from = () => ({ 'x-forwarded-for': `198.51.100.${++addresses}` })
const nobody = (): Client => client(server.url)
const as = (answer: Answer): Client => client(server.url, sessionOf(answer))
const account = (name: string, remember = false) => ({ name, email: `${name.toLowerCase()}@example.org`, password, remember })
const signUp = (name: string, remember = false) => nobody()('POST', '/api/auth/signup', account(name, remember), from())
const logIn = (name: string, headers = from()) => nobody()('POST', '/api/auth/login', { email: `${name.toLowerCase()}@example.org`, password }, headers)

/** What is the same in two answers that should not tell two cases apart. */
const told = ({ status, body, headers }: Answer) => ({ status, body, headers: [...headers.keys()].sort() })

beforeAll(async () => {
  server = await startServer({ env: { CHATLY_TRUSTED_PROXIES: '1' } })
  await nobody()('POST', '/api/auth/setup', { ...account('Admin'), token: await setUpToken(server) })
})
afterAll(() => server.stop())

describe('first start', () => {
  it('two that race leave one admin and one Lobby', async () => {
    const fresh = await startServer()
    try {
      const racers = await Promise.all(Array.from({ length: 8 }, (_, index) => client(fresh.url)('POST', '/api/auth/setup', account(`Racer${index}`))))
      expect(racers.map(racer => racer.status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 409)])
      const winner = client(fresh.url, sessionOf(racers.find(racer => racer.status === 200)!))
      expect((await winner('GET', '/api/auth/session')).body).toMatchObject({ me: { admin: true }, needsSetUp: false })
      expect((await winner('GET', '/api/rooms')).body).toMatchObject({ items: [{ slug: 'lobby', name: 'Lobby', role: 'owner' }], next: null })
      expect((await client(fresh.url)('POST', '/api/auth/setup', account('Late'))).body).toMatchObject({ code: 'conflict' })
    } finally {
      await fresh.stop()
    }
  })

  it('from elsewhere needs the link that was printed', async () => {
    const fresh = await startServer()
    try {
      const elsewhere = { 'x-forwarded-for': '203.0.113.9' }
      const stranger = client(fresh.url)
      // Each is what some proxy on this machine sends, which calls us by our own name.
      for (const [name, value] of [['x-forwarded-for', '203.0.113.9'], ['x-forwarded-proto', 'https'], ['x-forwarded-host', 'chat.example'], ['x-real-ip', '203.0.113.9'], ['forwarded', 'for=203.0.113.9'], ['via', '1.1 proxy']] as const) {
        expect((await stranger('POST', '/api/auth/setup', account('Eve'), { [name]: value })).body, name).toMatchObject({ code: 'forbidden' })
      }
      expect((await stranger('POST', '/api/auth/setup', { ...account('Eve'), token: 'guess' }, elsewhere)).body).toMatchObject({ code: 'forbidden' })
      expect((await stranger('POST', '/api/auth/signup', account('Eve'), elsewhere)).status).not.toBe(200)
      // A page whose own name was made to lead here; `fetch` sends no other name than the address.
      const body = JSON.stringify(account('Eve'))
      const headers = ['Host: rebound.example', 'Origin: http://rebound.example', 'Content-Type: application/json', `Content-Length: ${body.length}`, 'Connection: close']
      expect(await raw(fresh.port, [`POST /api/auth/setup HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`])).toMatch(/^HTTP\/1\.1 403 [^]*set-up link/)
      const token = await setUpToken(fresh)
      expect((await stranger('POST', '/api/auth/setup', { ...account('Owner'), token }, elsewhere)).body).toMatchObject({ me: { admin: true } })
      expect((await stranger('POST', '/api/auth/setup', { ...account('Second'), token }, elsewhere)).body).toMatchObject({ code: 'conflict' })
    } finally {
      await fresh.stop()
    }
  })
})

describe('first start of a site that says that it stands behind a proxy, or is reached by another name', () => {
  it.each([['CHATLY_TRUSTED_PROXIES', '1'], ['CHATLY_ORIGIN', 'https://chat.example']])('needs the link, whoever seems to ask: %s=%s', async (name, value) => {
    const fresh = await startServer({ env: { [name]: value } })
    try {
      // As it comes from a proxy on this machine that tells nothing of who asks.
      expect((await client(fresh.url)('POST', '/api/auth/setup', account('Eve'))).body).toMatchObject({ code: 'forbidden' })
      expect((await client(fresh.url)('POST', '/api/auth/setup', { ...account('Owner'), token: await setUpToken(fresh) })).body).toMatchObject({ me: { admin: true } })
    } finally {
      await fresh.stop()
    }
  })
})

describe('the session cookie', () => {
  const cookie = (answer: Answer) => answer.headers.getSetCookie().find(line => line.startsWith('chatly_session='))!

  it('ends with the browser unless it is to be remembered', async () => {
    expect(cookie(await signUp('Brief'))).toMatch(/^chatly_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(cookie(await signUp('Lasting', true))).toMatch(/^chatly_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/)
  })

  it('is Secure and bound to this host behind TLS, and only there: on a local network it must stick', async () => {
    const answer = await nobody()('POST', '/api/auth/signup', account('Tls'), { ...from(), 'x-forwarded-proto': 'https', 'origin': server.url })
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-chatly_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)])
    const origin = server.url.replace('127.0.0.1', 'localhost')
    const local = await client(origin)('POST', '/api/auth/login', { email: 'tls@example.org', password }, { ...from(), origin })
    expect(local.status).toBe(200)
    expect(cookie(local)).not.toMatch(/Secure/)
  })

  it('is one by TLS and another without, and signing in or out by TLS takes the plain one away too', async () => {
    const tls = { 'x-forwarded-proto': 'https' }
    const plain = await signUp('Twice')
    const secure = await nobody()('POST', '/api/auth/login', { email: 'twice@example.org', password }, { ...from(), ...tls, cookie: sessionOf(plain) })
    expect(secure.headers.getSetCookie().map(line => line.split('; ', 2))).toEqual([['chatly_session=', 'Max-Age=0'], [expect.stringMatching(/^__Host-chatly_session=./), 'Path=/']])
    expect((await as(secure)('GET', '/api/auth/session', undefined, tls)).body).toMatchObject({ me: { name: 'Twice' } })
    const gone = await as(secure)('POST', '/api/auth/logout', undefined, tls)
    expect(gone.headers.getSetCookie().map(line => line.split('; ', 2).join('; ')).sort()).toEqual(['__Host-chatly_session=; Max-Age=0', 'chatly_session=; Max-Age=0'])
    expect((await as(secure)('GET', '/api/auth/session', undefined, tls)).body).toMatchObject({ me: null })
  })

  it('is believed by TLS only where no other subdomain can have planted it', async () => {
    const tls = { 'x-forwarded-proto': 'https' }
    const planted = sessionOf(await signUp('Planter'))
    const mine = sessionOf(await nobody()('POST', '/api/auth/signup', account('Victim'), { ...from(), ...tls, origin: server.url }))
    const me = async (cookie: string) => (await client(server.url, cookie)('GET', '/api/auth/session', undefined, tls)).body
    expect(await me(planted)).toMatchObject({ me: null })
    expect(await me(`${planted}; __Host-chatly_session=ended`)).toMatchObject({ me: null })
    expect(await me(`${planted}; ${mine}`)).toMatchObject({ me: { name: 'Victim' } })
    expect((await client(server.url, planted)('POST', '/api/ws/ticket', undefined, tls)).status).toBe(401)
    // The page is rendered with requests of our own, which carry the browser's cookies.
    expect((await client(server.url, planted)('GET', '/settings', undefined, { ...tls, accept: 'text/html' })).headers.get('location')).toMatch(/^\/login/)
    expect((await client(server.url, mine)('GET', '/settings/profile', undefined, { ...tls, accept: 'text/html' })).text).toContain('Victim')
  })

  it('is not set on pages that ask for none, and a forged one is nobody', async () => {
    expect(sessionOf(await nobody()('GET', '/login'))).toBe('')
    expect((await client(server.url, 'chatly_session=forged')('GET', '/api/auth/session')).body).toMatchObject({ me: null })
  })

  it('goes with signing out, and the session with it', async () => {
    const person = await signUp('Leaver')
    const gone = await as(person)('POST', '/api/auth/logout')
    expect(gone.status).toBe(204)
    expect(cookie(gone)).toMatch(/^chatly_session=; Max-Age=0;/)
    expect((await as(person)('GET', '/api/auth/session')).body).toMatchObject({ me: null })
  })
})

describe('signing in', () => {
  it('tells of a disabled account only whoever knows its password', async () => {
    const gone = await signUp('Gone')
    const admin = as(await logIn('Admin'))
    expect((await admin('PATCH', `/api/admin/people/${(gone.body as { me: { id: string } }).me.id}`, { disabled: true })).status).toBe(204)
    expect(await logIn('Gone')).toMatchObject({ status: 403, body: { code: 'forbidden', message: expect.stringContaining('disabled') as string } })
    const [wrong, unknown] = await Promise.all(['gone@example.org', 'nobody@example.org'].map(email => nobody()('POST', '/api/auth/login', { email, password: 'wrong password' }, from())))
    expect(told(wrong!)).toEqual(told(unknown!))
  })

  it('answers alike for a wrong password and for an unknown address, in content and in time', async () => {
    await signUp('Known')
    const attempt = async (email: string) => {
      const started = performance.now()
      const answer = await nobody()('POST', '/api/auth/login', { email, password: 'wrong password' }, from())
      return { answer: told(answer), took: performance.now() - started }
    }
    await attempt('warm-up@example.org')
    const known = [], unknown = []
    for (let i = 0; i < 5; i++) {
      known.push(await attempt('known@example.org'))
      unknown.push(await attempt('unknown@example.org'))
    }
    expect(known[0]!.answer).toMatchObject({ status: 403, body: { code: 'wrong_password' } })
    for (const { answer } of [...known, ...unknown]) expect(answer).toEqual(known[0]!.answer)
    const fastest = (tries: { took: number }[]) => Math.min(...tries.map(({ took }) => took))
    expect(fastest(unknown) / fastest(known)).toBeGreaterThan(0.5)
    expect(fastest(unknown) / fastest(known)).toBeLessThan(2)
  })

  it('a forgotten password answers alike too', async () => {
    const [known, unknown] = await Promise.all(['known', 'unknown'].map(name => nobody()('POST', '/api/auth/password/forgot', { email: `${name}@example.org` }, from())))
    expect(told(known!)).toEqual(told(unknown!))
  })

  it('is limited by address of the account, known or not, and says for how long', async () => {
    await signUp('Often')
    // Of nobody else: each try counts, other tests' too.
    for (const email of ['often@example.org', 'never@example.org']) {
      const answers = []
      for (let i = 0; i < 11; i++) answers.push(await nobody()('POST', '/api/auth/login', { email, password: 'wrong password' }, from()))
      expect(answers.slice(0, 10).every(answer => answer.status === 403)).toBe(true)
      const last = answers.at(-1)!
      expect(last.body).toMatchObject({ code: 'rate_limited' })
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    }
  })

  it('signing up is limited by the client\'s address', async () => {
    const address = from()
    const statuses = []
    // Each counts, also one that leads nowhere: with an invite that is none it costs no hash.
    for (let i = 0; i <= rates.signup.points; i++) statuses.push((await nobody()('POST', '/api/auth/signup', { ...account(`Flood${i}`), invite: 'A'.repeat(43) }, address)).status)
    expect(statuses).toEqual([...Array<number>(rates.signup.points).fill(404), 429])
    expect((await nobody()('POST', '/api/auth/signup', account('Flood'), address)).body).toMatchObject({ code: 'rate_limited' })
    expect((await signUp('Bystander')).status).toBe(200)
  }, 30_000)

  it('may be closed to newcomers', async () => {
    const closed = await startServer({ env: { CHATLY_SIGNUP: 'closed' } })
    try {
      await client(closed.url)('POST', '/api/auth/setup', account('Owner'))
      expect((await client(closed.url)('GET', '/api/auth/session')).body).toMatchObject({ signup: 'closed' })
      expect((await client(closed.url)('POST', '/api/auth/signup', account('Late'))).body).toMatchObject({ code: 'forbidden' })
    } finally {
      await closed.stop()
    }
  })
})

describe('my account', () => {
  it('lists its sessions and ends them one by one, or all others', async () => {
    await signUp('Multi')
    const [here, there, elsewhere] = (await Promise.all([logIn('Multi'), logIn('Multi'), logIn('Multi')])).map(as)
    const { body } = await here!('GET', '/api/auth/sessions')
    const sessions = body as { id: string, current: boolean }[]
    expect(sessions).toHaveLength(4)
    expect(sessions.filter(session => session.current)).toHaveLength(1)
    const { body: seen } = await there!('GET', '/api/auth/sessions')
    const theirs = (seen as typeof sessions).find(session => session.current)!
    expect((await here!('DELETE', `/api/auth/sessions/${theirs.id}`)).status).toBe(204)
    expect((await there!('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    expect((await here!('DELETE', '/api/auth/sessions')).status).toBe(204)
    expect((await elsewhere!('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    expect((await here!('GET', '/api/auth/sessions')).body).toHaveLength(1)
  })

  it('another person may not end my session, nor see that it is there', async () => {
    const [mine, theirs] = await Promise.all([signUp('Mine'), signUp('Theirs')])
    const [session] = (await as(mine)('GET', '/api/auth/sessions')).body as { id: string }[]
    await as(theirs)('DELETE', `/api/auth/sessions/${session!.id}`)
    expect((await as(mine)('GET', '/api/auth/session')).body).toMatchObject({ me: { name: 'Mine' } })
  })

  it('a new password ends the other sessions and is the only one that opens', async () => {
    const [here, there] = [await signUp('Changer'), await logIn('Changer')]
    expect((await as(here)('POST', '/api/auth/password/change', { current: 'wrong password', next: 'another horse' })).body).toMatchObject({ code: 'wrong_password' })
    expect((await as(here)('POST', '/api/auth/password/change', { current: password, next: 'another horse' })).status).toBe(204)
    expect((await as(there)('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    expect((await as(here)('GET', '/api/auth/session')).body).toMatchObject({ me: { name: 'Changer' } })
    expect((await logIn('Changer')).status).toBe(403)
    expect((await nobody()('POST', '/api/auth/login', { email: 'changer@example.org', password: 'another horse' }, from())).status).toBe(200)
  })

  it('is renamed, and deleted with the password only', async () => {
    const person = await signUp('Renamed')
    expect((await as(person)('PATCH', '/api/me', { name: '  New  name ' })).body).toMatchObject({ me: { name: expect.stringMatching(/^New\s+name$/) as string } })
    expect((await as(person)('DELETE', '/api/me', { password: 'wrong password', messages: 'keep' })).body).toMatchObject({ code: 'wrong_password' })
    const gone = await as(person)('DELETE', '/api/me', { password, messages: 'delete' })
    expect(gone.status).toBe(204)
    expect((await as(person)('GET', '/api/auth/session')).body).toMatchObject({ me: null })
    expect((await logIn('Renamed')).status).toBe(403)
  })
})

describe('page guards', () => {
  const location = ({ status, headers }: Answer) => ({ status, to: headers.get('location') })

  it('send a stranger to sign in and remember where they were going', async () => {
    expect(location(await nobody()('GET', '/rooms/lobby'))).toEqual({ status: 302, to: '/login?next=/rooms/lobby' })
    expect(location(await nobody()('GET', '/settings'))).toEqual({ status: 302, to: '/login?next=/settings' })
    expect(location(await nobody()('GET', '/'))).toMatchObject({ status: 302, to: expect.stringMatching(/^\/login/) as string })
  })

  it('send a signed-in person on, and never off the site', async () => {
    const person = as(await signUp('Guarded'))
    expect((await person('GET', '/rooms/lobby')).status).toBe(200)
    expect(location(await person('GET', '/login?next=/rooms/lobby'))).toEqual({ status: 302, to: '/rooms/lobby' })
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/\t/evil.example', '/.//evil.example', '/%2e//evil.example']) {
      expect(location(await person('GET', `/login?next=${encodeURIComponent(next)}`)), next).toEqual({ status: 302, to: '/' })
    }
  })

  it('send everybody to the first account while there is none', async () => {
    const fresh = await startServer()
    try {
      expect(location(await client(fresh.url)('GET', '/rooms/lobby'))).toEqual({ status: 302, to: '/setup' })
      expect((await client(fresh.url)('GET', '/setup')).status).toBe(200)
    } finally {
      await fresh.stop()
    }
  })

  it('a page made for one person is kept by no cache', async () => {
    const { headers } = await as(await signUp('Private'))('GET', '/')
    expect(headers.get('cache-control')).toBe('private, no-store')
    expect(headers.get('x-frame-options')).toBe('DENY')
  })
})
