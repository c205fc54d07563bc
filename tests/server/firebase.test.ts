import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAuthEmulator, type AuthEmulator, type FirebaseUser } from '../support/firebase'
import { client, sessionOf, type Answer } from '../support/http'
import { startServer, type TestServer } from '../support/server'
import { connect } from '../support/socket'

let emulator: AuthEmulator
let server: TestServer
let addresses = 0
const from = () => ({ 'x-forwarded-for': `198.51.100.${++addresses % 250}` })

const setUpBy = async (at: TestServer, email: string) => {
  const { idToken } = await emulator.signUp(email)
  return client(at.url)('POST', '/api/auth/firebase/setup', { idToken, name: 'Admin', remember: true })
}

beforeAll(async () => {
  emulator = await startAuthEmulator()
  console.info(`Firebase Auth: the emulator of firebase-tools, in process, on ${emulator.host}`)
  server = await startServer({ env: { ...emulator.env } })
  const answer = await setUpBy(server, 'admin@example.org')
  expect(answer.body).toMatchObject({ me: { name: 'Admin', admin: true, email: 'admin@example.org' } })
  await server.kill('SIGTERM')
  server = await startServer({ env: { ...emulator.env, CHATLY_TRUSTED_PROXIES: '1' }, dataFolder: server.dataFolder })
}, 120_000)
afterAll(async () => {
  await server.stop()
  await emulator.close()
})

const enter = (idToken: string, more: object = {}, { cookie = '', at = server } = {}) => client(at.url, cookie)('POST', '/api/auth/firebase', { idToken, ...more }, from())
const who = async (cookie: string, at = server) => ((await client(at.url, cookie)('GET', '/api/auth/session')).body as { me: { id: string, name: string, email: string | null, kind: string } | null }).me
const signedUp = async (email: string, more: object = {}): Promise<{ user: FirebaseUser, cookie: string, answer: Answer }> => {
  const user = await emulator.signUp(email)
  const answer = await enter(user.idToken, { name: 'Somebody', ...more })
  expect(answer.status, answer.text).toBe(200)
  return { user, cookie: sessionOf(answer), answer }
}

/** An unsigned token, as the emulator's are, that says what is wanted. */
const forged = (over: object): string => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const { projectId } = emulator
  const claims = { iss: `https://securetoken.google.com/${projectId}`, aud: projectId, sub: 'nobody', user_id: 'nobody', iat: now, auth_time: now, exp: now + 3600, firebase: { sign_in_provider: 'password', identities: {} }, ...over }
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`
}

/** Until their session is over, and how long that took, ms. */
async function untilEnded(cookie: string): Promise<number> {
  const started = Date.now()
  while (await who(cookie)) {
    if (Date.now() - started > 55_000) throw new Error('The session still lives.')
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  return Date.now() - started
}

describe('signing in at Firebase', () => {
  it('makes an account, and a session of ours that does everything a session does', async () => {
    const { cookie, answer } = await signedUp('ann@example.org', { name: 'Ann', remember: true })
    expect(answer.headers.getSetCookie().join()).toMatch(/chatly_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax/)
    expect(await who(cookie)).toMatchObject({ name: 'Ann', email: 'ann@example.org', kind: 'member' })
    const ann = client(server.url, cookie)
    expect((await ann('GET', '/rooms/lobby')).status).toBe(200)
    expect((await ann('POST', '/api/ws/ticket', {})).body).toMatchObject({ ticket: expect.any(String) as string })
    const again = sessionOf(await enter((await emulator.signIn('ann@example.org')).idToken))
    expect(await who(again)).toMatchObject({ name: 'Ann' })
    expect((await ann('GET', '/api/auth/sessions')).body).toHaveLength(2)
    expect((await ann('DELETE', '/api/auth/sessions')).status).toBe(204)
    expect(await who(again)).toBeNull()
    expect((await ann('POST', '/api/auth/logout', {})).status).toBe(204)
    expect(await who(cookie)).toBeNull()
  })

  it('tells the browser where people have their accounts', async () => {
    const { projectId, host } = emulator
    expect((await client(server.url)('GET', '/api/auth/session')).body).toMatchObject({
      google: true, mail: true, needsSetUp: false, firebase: { projectId, apiKey: 'test-key', authDomain: `${projectId}.firebaseapp.com`, emulator: `http://${host}` }
    })
  })

  it('lets a page reach Firebase, and no page where accounts are ours', async () => {
    const policy = (answer: Answer) => answer.headers.get('content-security-policy')
    expect(policy(await client(server.url)('GET', '/login'))).toContain('https://identitytoolkit.googleapis.com')
    const plain = await startServer()
    try {
      expect(policy(await client(plain.url)('GET', '/setup'))).not.toMatch(/google|firebase/)
      expect((await client(plain.url)('POST', '/api/auth/firebase', { idToken: forged({}) })).body).toMatchObject({ code: 'unsupported' })
      expect((await client(plain.url)('GET', '/api/auth/session')).body).toMatchObject({ firebase: null })
    } finally {
      await plain.stop()
    }
  })

  it('gives a guest their account, with what they wrote and where they were', async () => {
    const admin = client(server.url, sessionOf(await enter((await emulator.signIn('admin@example.org')).idToken)))
    const { id } = (await admin('POST', '/api/rooms', { name: 'Salon', visibility: 'private', password: 'open sesame' })).body as { id: string }
    const { code } = (await admin('POST', `/api/rooms/${id}/invites`, { role: 'guest' })).body as { code: string }
    const came = await client(server.url)('POST', '/api/auth/guest', { code, name: 'Gus' }, from())
    const guest = await who(sessionOf(came))
    expect(guest).toMatchObject({ kind: 'guest' })
    const { idToken } = await emulator.signUp('gus@example.org')
    const member = await enter(idToken, { name: 'Gus' }, { cookie: sessionOf(came) })
    expect(member.body).toMatchObject({ me: { id: guest!.id, kind: 'member', email: 'gus@example.org' } })
    expect(await who(sessionOf(came)), 'the session of the guest').toBeNull()
    expect((await client(server.url, sessionOf(member))('GET', `/api/rooms/${id}`)).body).toMatchObject({ role: 'member' })
  })

  it('rooms have passwords all the same', async () => {
    const admin = client(server.url, sessionOf(await enter((await emulator.signIn('admin@example.org')).idToken)))
    const { id } = (await admin('POST', '/api/rooms', { name: 'Vault', visibility: 'private', password: 'open sesame' })).body as { id: string }
    const { cookie } = await signedUp('knocker@example.org')
    const knock = (secret: string) => client(server.url, cookie)('POST', `/api/rooms/${id}/join`, { password: secret })
    expect((await knock('wrong word')).body).toMatchObject({ code: 'wrong_password' })
    expect((await knock('open sesame')).status).toBe(200)
  })
})

describe('a proof that is none', () => {
  it.each([
    ['expired', () => forged({ iat: 1_000, exp: 2_000 })], ['for another project', () => forged({ aud: 'other', iss: 'https://securetoken.google.com/other' })],
    ['by another issuer', () => forged({ iss: 'https://evil.example' })], ['of nobody', () => forged({ sub: 'nobody-at-all', user_id: 'nobody-at-all' })], ['without a subject', () => forged({ sub: '' })],
    ['malformed', () => 'not.a.token'], ['no token at all', () => 'x']
  ])('%s lets nobody in', async (_, token) => {
    const answer = await enter(token())
    expect(answer.status, answer.text).toBe(401)
    expect(answer.body).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('Sign in again') as string })
    expect(sessionOf(answer)).toBe('')
    expect(answer.text).not.toContain(token())
  })

  it('missing, of the wrong type, or far too long is bad input', async () => {
    for (const body of [{}, { idToken: '' }, { idToken: 7 }, { idToken: 'x'.repeat(9_000) }]) {
      expect((await client(server.url)('POST', '/api/auth/firebase', body, from())).body, JSON.stringify(body).slice(0, 40)).toMatchObject({ code: 'invalid' })
    }
  })

  it('is not taken from another site', async () => {
    const { idToken } = await emulator.signUp('crossed@example.org')
    expect((await client(server.url)('POST', '/api/auth/firebase', { idToken }, { origin: 'https://evil.example' })).body).toMatchObject({ code: 'forbidden' })
  })

  it('of somebody disabled, or deleted, lets nobody in', async () => {
    const [disabled, deleted] = [await emulator.signUp('disabled@example.org'), await emulator.signUp('deleted@example.org')]
    await emulator.change(disabled.uid, { disableUser: true })
    await emulator.remove(deleted.uid)
    expect((await enter(disabled.idToken)).body).toMatchObject({ code: 'forbidden', message: expect.stringContaining('disabled') as string })
    expect((await enter(deleted.idToken)).body).toMatchObject({ code: 'unauthenticated' })
  })
})

describe('passwords, which Firebase keeps', () => {
  it.each([
    ['login', { email: 'ann@example.org', password: 'correct horse battery' }], ['signup', { name: 'Ann', email: 'new@example.org', password: 'correct horse battery' }],
    ['setup', { name: 'Ann', email: 'new@example.org', password: 'correct horse battery' }], ['password/forgot', { email: 'ann@example.org' }],
    ['password/reset', { token: 'x.1.y', password: 'correct horse battery' }]
  ])('%s is none of ours', async (door, body) => {
    expect((await client(server.url)('POST', `/api/auth/${door}`, body, from())).body).toMatchObject({ code: 'unsupported' })
  })

  it('nor is changing one', async () => {
    const { cookie } = await signedUp('changer@example.org')
    expect((await client(server.url, cookie)('POST', '/api/auth/password/change', { current: 'correct horse battery', next: 'another horse battery' })).body).toMatchObject({ code: 'unsupported' })
  })
})

describe('whoever is ended there', () => {
  /** By name; the fourth is left in peace. */
  const signUpFour = (prefix: string) => Promise.all(['off', 'gone', 'revoked', 'fine'].map(name => signedUp(`${prefix}${name}@example.org`)))
  async function endThree([disabled, deleted, revoked]: { user: FirebaseUser }[]): Promise<void> {
    // A revocation counts in whole seconds.
    await new Promise(resolve => setTimeout(resolve, 1_100))
    await emulator.change(disabled!.user.uid, { disableUser: true })
    await emulator.remove(deleted!.user.uid)
    await emulator.change(revoked!.user.uid, { validSince: String(Math.floor(Date.now() / 1000)) })
  }

  it.concurrent('and says nothing more has their sockets closed within a minute, all the same', async () => {
    const four = await signUpFour('silent-')
    const sockets = await Promise.all(four.map(({ user, cookie }) => connect(server, { id: user.uid, name: 'Somebody', cookie })))
    await endThree(four)
    const since = performance.now()
    expect(await Promise.all(sockets.slice(0, 3).map(({ closed }) => closed))).toEqual([4401, 4401, 4401])
    expect(performance.now() - since).toBeLessThan(45_000)
    expect(sockets[3]!.ws.readyState, 'the one that nobody ended').toBe(sockets[3]!.ws.OPEN)
    await sockets[3]!.close()
  })

  it.concurrent('is signed out here within a minute: disabled, deleted, and revoked', async () => {
    const four = await signUpFour('')
    const [disabled, deleted, revoked, untouched] = four
    await endThree(four)
    const took = await Promise.all([disabled!, deleted!, revoked!].map(({ cookie }) => untilEnded(cookie)))
    expect(Math.max(...took)).toBeLessThan(45_000)
    expect(await who(untouched!.cookie)).not.toBeNull()
    expect((await enter(revoked!.user.idToken)).body, 'a token of before').toMatchObject({ code: 'unauthenticated' })
    const back = await enter((await emulator.signIn('revoked@example.org')).idToken)
    expect(await who(sessionOf(back)), 'by a new sign-in').not.toBeNull()
  })
})

describe('linking', () => {
  it('Google over an address that nobody had proven: the same account, and whoever was in it is out', async () => {
    const { user, cookie, answer } = await signedUp('victim@example.org', { name: 'Squatter' })
    const google = await emulator.google('victim@example.org', 'Victim')
    expect(google.uid).toBe(user.uid)
    const owner = await enter(google.idToken)
    expect(owner.body).toMatchObject({ me: { id: (answer.body as { me: { id: string } }).me.id } })
    expect(await who(cookie), 'the session of who came first').toBeNull()
    expect(await who(sessionOf(owner))).not.toBeNull()
    await expect(emulator.signIn('victim@example.org'), 'the password').rejects.toThrow('INVALID_LOGIN_CREDENTIALS')
  })

  it('Google over an address that its owner has proven: one account, and everybody stays', async () => {
    const { user, cookie } = await signedUp('proven@example.org')
    await emulator.change(user.uid, { emailVerified: true })
    const proven = await enter((await emulator.signIn('proven@example.org')).idToken)
    const google = await enter((await emulator.google('proven@example.org')).idToken)
    expect(google.body).toMatchObject({ me: { email: 'proven@example.org' } })
    for (const session of [cookie, sessionOf(proven), sessionOf(google)]) expect(await who(session)).not.toBeNull()
  })

  it('Google makes an account of its own for who is new', async () => {
    expect((await enter((await emulator.google('gwen@example.org', 'Gwen')).idToken)).body).toMatchObject({ me: { name: 'Gwen', email: 'gwen@example.org', kind: 'member' } })
  })

  it('a deleted account of Firebase that is made again is somebody else here', async () => {
    const first = await signedUp('again@example.org', { name: 'First' })
    await emulator.remove(first.user.uid)
    const second = await signedUp('again@example.org', { name: 'Second' })
    const me = await who(second.cookie)
    expect(me).toMatchObject({ name: 'Second', email: null })
    expect(me!.id).not.toBe((first.answer.body as { me: { id: string } }).me.id)
  })
})

describe('deleting one\'s account', () => {
  it('asks for a sign-in of just now, of the same person, and removes it at Firebase, too', async () => {
    const { user, cookie } = await signedUp('leaver@example.org')
    const leave = (idToken: string) => client(server.url, cookie)('DELETE', '/api/me', { idToken, messages: 'keep' })
    expect((await leave('')).body).toMatchObject({ code: 'unauthenticated' })
    const other = await emulator.signUp('other-leaver@example.org')
    expect((await leave(other.idToken)).body).toMatchObject({ code: 'wrong_password' })
    const longAgo = Math.floor(Date.now() / 1000) - 600
    await emulator.change(user.uid, { validSince: String(longAgo - 10) })
    expect((await leave(forged({ sub: user.uid, user_id: user.uid, auth_time: longAgo, iat: longAgo }))).body).toMatchObject({ code: 'wrong_password' })
    expect((await leave((await emulator.signIn('leaver@example.org')).idToken)).status).toBe(204)
    expect(await who(cookie)).toBeNull()
    expect(await emulator.find('leaver@example.org')).toBeNull()
    expect(await emulator.find('other-leaver@example.org')).not.toBeNull()
  })
})

describe('who may come', () => {
  it('is decided here: nobody new where sign-up is closed, and by an invite alone where it asks for one', async () => {
    const strict = await startServer({ env: { ...emulator.env, CHATLY_SIGNUP: 'invite' } })
    try {
      const admin = client(strict.url, sessionOf(await setUpBy(strict, 'strict@example.org')))
      const { idToken } = await emulator.signUp('uninvited@example.org')
      const asked = await enter(idToken, { name: 'Uninvited' }, { at: strict })
      expect(asked.body).toMatchObject({ code: 'forbidden', message: expect.stringContaining('invitation') as string })
      expect(sessionOf(asked)).toBe('')
      expect((await enter(idToken, { name: 'Uninvited', invite: 'A'.repeat(22) }, { at: strict })).body).toMatchObject({ code: 'not_found' })
      const { items: [lobby] } = (await admin('GET', '/api/rooms')).body as { items: { id: string }[] }
      const { code } = (await admin('POST', `/api/rooms/${lobby!.id}/invites`, { role: 'member' })).body as { code: string }
      const invited = await enter(idToken, { name: 'Invited', invite: code }, { at: strict })
      expect(invited.body).toMatchObject({ me: { name: 'Invited', admin: false } })
      await admin('PATCH', '/api/admin/site', { signup: 'closed' })
      expect((await enter((await emulator.google('late@example.org')).idToken, {}, { at: strict })).body).toMatchObject({ code: 'forbidden' })
      expect((await enter(idToken, {}, { at: strict })).body, 'who has an account').toMatchObject({ me: { name: 'Invited' } })
    } finally {
      await strict.stop()
    }
  })

  it('the first account needs the set-up link, and whoever signs in before it gets none', async () => {
    const fresh = await startServer({ env: { ...emulator.env, CHATLY_TRUSTED_PROXIES: '1' } })
    try {
      const { idToken } = await emulator.signUp('early@example.org')
      const post = (path: string, body: object) => client(fresh.url)('POST', path, body, from())
      expect((await post('/api/auth/firebase', { idToken, name: 'Early' })).body).toMatchObject({ code: 'forbidden' })
      expect((await post('/api/auth/firebase/setup', { idToken, name: 'Early', token: 'wrong' })).body).toMatchObject({ code: 'forbidden' })
      const [, token] = /setup\?token=(\S+)/.exec(fresh.logs()) ?? []
      const answer = await post('/api/auth/firebase/setup', { idToken, name: 'Early', token })
      expect(answer.body).toMatchObject({ me: { name: 'Early', admin: true } })
      expect((await client(fresh.url, sessionOf(answer))('GET', '/rooms/lobby')).status).toBe(200)
      expect((await post('/api/auth/firebase/setup', { idToken, name: 'Late', token })).body).toMatchObject({ code: 'conflict' })
    } finally {
      await fresh.stop()
    }
  })
})

describe('Firebase that can\'t be reached', () => {
  it('signs nobody out and in, says so once in the log, and gives no secret away', async () => {
    const own = await startAuthEmulator()
    const lonely = await startServer({ env: { ...own.env } })
    try {
      const { idToken } = await own.signUp('first@example.org')
      const cookie = sessionOf(await client(lonely.url)('POST', '/api/auth/firebase/setup', { idToken, name: 'First' }))
      const late = await own.signUp('late@example.org')
      await own.close()
      for (let tries = 0; tries < 2; tries++) expect((await client(lonely.url)('POST', '/api/auth/firebase', { idToken: late.idToken })).body).toMatchObject({ code: 'unavailable', retryAfter: expect.any(Number) as number })
      expect(await who(cookie, lonely)).toMatchObject({ name: 'First' })
      expect(lonely.logs().match(/\[firebase\].*/g)).toEqual([expect.stringMatching(/can't be asked: [\w/-]+$/)])
      expect(lonely.logs()).not.toContain(late.idToken)
    } finally {
      await lonely.stop()
    }
  })
})
