import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client, type Answer, type Client } from '../support/http'
import { signUp, startServer, type TestServer } from '../support/server'

let server: TestServer
let admin: Client
let room: { id: string, slug: string }
const html = { accept: 'text/html' }
const tls = { 'x-forwarded-proto': 'https' }

beforeAll(async () => {
  server = await startServer({ env: { CHATLY_PUBLIC: 'true' } })
  admin = client(server.url, (await signUp(server, 'Admin')).cookie)
  room = (await admin('POST', '/api/rooms', { name: 'Garden', topic: '<script>alert(1)</script>' })).body as typeof room
  await admin('POST', '/api/rooms', { name: 'Cellar', visibility: 'private' })
})
afterAll(() => server.stop())

const page = (path: string, headers = {}, as: Client = client(server.url)) => as('GET', path, undefined, { ...html, ...headers })
const policyOf = ({ headers }: Answer) => Object.fromEntries((headers.get('content-security-policy') ?? '').split('; ').map(part => [part.split(' ')[0]!, part.split(' ').slice(1)]))
const nonceOf = (answer: Answer) => policyOf(answer)['script-src']?.[0]?.slice(`'nonce-`.length, -1) ?? ''

describe('a page', () => {
  it.each([['the sign-in page', '/login'], ['the room list', '/'], ['a room', '/rooms/garden'], ['a page that is not there', '/no/such/page'], ['a room that is not there', '/rooms/nowhere']])('%s runs only what it names', async (_, path) => {
    const answer = await page(path)
    const nonce = nonceOf(answer)
    expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(policyOf(answer)).toEqual({
      'default-src': [`'self'`], 'script-src': [`'nonce-${nonce}'`, `'strict-dynamic'`], 'script-src-attr': [`'none'`], 'style-src': [`'self'`, `'nonce-${nonce}'`],
      'style-src-attr': [`'unsafe-inline'`], 'img-src': [`'self'`, 'data:', 'blob:'], 'connect-src': [`'self'`, server.url.replace('http', 'ws')], 'object-src': [`'none'`],
      'base-uri': [`'none'`], 'form-action': [`'self'`], 'frame-ancestors': [`'none'`]
    })
    const tags = answer.text.match(/<(script|style)\b[^>]*>/g) ?? []
    expect(tags.length).toBeGreaterThan(1)
    for (const tag of tags) expect(tag).toContain(`nonce="${nonce}"`)
    expect(answer.text).not.toMatch(/<[a-z][^>]*\son[a-z]+\s*=/i)
    expect(answer.text).not.toContain('<script>alert(1)')
  })

  it('has a nonce of its own each time, and is kept by no cache', async () => {
    const answers = [await page('/login'), await page('/login'), await page('/no/such/page')]
    expect(new Set(answers.map(nonceOf)).size).toBe(3)
    for (const { headers } of answers) {
      expect(headers.get('cache-control')).toContain('no-store')
      expect(headers.get('x-powered-by')).toBeNull()
    }
  })

  it('names the sockets\' address as the browser does, and nothing that a header could be split with', async () => {
    expect(policyOf(await page('/login', tls))['connect-src']).toEqual([`'self'`, server.url.replace('http', 'wss')])
    const elsewhere = await startServer({ env: { CHATLY_ORIGIN: 'https://chat.example.org,http://chat.lan:3000' } })
    try {
      expect(policyOf(await client(elsewhere.url)('GET', '/setup', undefined, html))['connect-src']).toEqual([`'self'`, 'wss://chat.example.org', 'ws://chat.lan:3000'])
    } finally {
      await elsewhere.stop()
    }
  })
})

describe('what is no page', () => {
  it.each(['/api/auth/session', '/api/nothing', '/up', '/ready', '/robots.txt'])('%s may do nothing', async (path) => {
    const { headers } = await client(server.url)('GET', path)
    expect(headers.get('content-security-policy')).toBe(`default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-robots-tag')).toBe('noindex')
  })

  it('an asset has them too, compressed or not', async () => {
    const script = /src="(\/_nuxt\/[^"]+\.js)"/.exec((await page('/login')).text)![1]!
    for (const encoding of ['identity', 'gzip', 'br']) {
      const { status, headers } = await client(server.url)('GET', script, undefined, { 'accept-encoding': encoding })
      expect(status).toBe(200)
      expect(headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain(`default-src 'none'`)
    }
  })

  it('a redirect names no nonce', async () => {
    const { status, headers } = await page('/settings')
    expect(status).toBe(302)
    expect(headers.get('content-security-policy')).not.toContain('nonce')
  })
})

describe('TLS', () => {
  it('is asked for from now on where it is there, and never elsewhere', async () => {
    for (const path of ['/login', '/api/auth/session']) {
      expect((await page(path, tls)).headers.get('strict-transport-security')).toBe('max-age=31536000')
      expect((await page(path)).headers.get('strict-transport-security')).toBeNull()
      expect((await page(path)).headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests')
    }
  })

  it('or this machine: the opener policy. Elsewhere a browser would only complain', async () => {
    expect((await page('/login', tls)).headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect((await page('/login')).headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect((await page('/login', { 'x-forwarded-for': '192.168.1.5' })).headers.get('cross-origin-opener-policy')).toBeNull()
  })
})

describe('search engines', () => {
  const robots = async () => (await client(server.url)('GET', '/robots.txt')).text
  const siteMap = () => client(server.url)('GET', '/sitemap.xml')

  it('find the public rooms where the site is public, and no private one', async () => {
    expect(await robots()).toContain(`Sitemap: ${server.url}/sitemap.xml`)
    const { status, headers, text } = await siteMap()
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^application\/xml/)
    expect([...text.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, url]) => url).sort()).toEqual([`${server.url}/`, `${server.url}/rooms/garden`, `${server.url}/rooms/lobby`])
    expect(text).not.toContain('cellar')
  })

  it('may keep the room list and the rooms, and nothing else', async () => {
    for (const path of ['/', `/rooms/${room.slug}`]) expect((await page(path)).headers.get('x-robots-tag'), path).toBeNull()
    for (const path of ['/login', '/signup', '/forgot', '/rooms/nowhere', '/rooms/cellar']) expect((await page(path)).headers.get('x-robots-tag'), path).toBe('noindex')
  })

  it('are sent away when the admin closes the site, at once', async () => {
    await admin('PATCH', '/api/admin/site', { public: false })
    expect(await robots()).toBe('User-agent: *\nDisallow: /\n')
    const { status, text } = await siteMap()
    expect(status).toBe(404)
    expect(text).not.toContain('garden')
    await admin('PATCH', '/api/admin/site', { public: true })
    expect(await robots()).toContain('Sitemap:')
  })
})
