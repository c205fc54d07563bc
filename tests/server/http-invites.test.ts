import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rates } from '#shared/limits'
import type { RoomSummary } from '#shared/types'
import { client, type Client } from '../support/http'
import { signUp, startServer, type TestPerson, type TestServer } from '../support/server'
import { en } from '../../locales/en'

/** The page behind an invite link, as whoever fetches it without running it sees it: programs that show what a link leads to, and browsers without scripts. */

let server: TestServer
let people: Record<'owner' | 'ann', TestPerson>
let owner: Client
let room: RoomSummary
let addresses = 0
const words = en.invites.preview

/** Behind one proxy, so that each test has addresses of its own. */
const elsewhere = () => ({ 'x-forwarded-for': `203.0.113.${++addresses}` })
const page = (code: string, headers: Record<string, string> = elsewhere(), as: Client = client(server.url)) => as('GET', `/invite/${code}`, undefined, { accept: 'text/html', ...headers })
const invite = async (body: object = { role: 'guest' }, to = room.id) => (await owner('POST', `/api/rooms/${to}/invites`, body)).body as { invite: { id: string }, code: string }
const metas = (html: string) => Object.fromEntries([...html.matchAll(/<meta (?:name|property)="([^"]+)" content="([^"]*)"/g)].map(([, name, content]) => [name, content]))

beforeAll(async () => {
  server = await startServer({ env: { CHATLY_TRUSTED_PROXIES: '1' } })
  await signUp(server, 'Admin')
  people = { owner: await signUp(server, 'Olga'), ann: await signUp(server, 'Ann') }
  owner = client(server.url, people.owner.cookie)
  room = (await owner('POST', '/api/rooms', { name: 'The <cellar>', topic: 'Wine', visibility: 'private', listed: false })).body as RoomSummary
})
afterAll(() => server.stop())

describe('a shared invite link', () => {
  it('shows the room and who invites, without a script being run, and stays out of search engines', async () => {
    const { code } = await invite()
    const { status, text, headers } = await page(code)
    expect(status).toBe(200)
    const title = 'Join “The <cellar>”'
    expect(/<title>([^<]*)</.exec(text)?.[1]).toMatch(/^Join “The &lt;cellar&gt;”/)
    expect(metas(text)).toMatchObject({
      'og:title': title, 'og:description': words.by('Olga'), 'og:type': 'website', 'og:site_name': 'Chatly', 'description': words.by('Olga'), 'robots': 'noindex', 'referrer': 'no-referrer'
    })
    expect(metas(text)['og:image']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/icon-512\.png$/)
    expect(headers.get('x-robots-tag')).toBe('noindex')
    const body = text.slice(text.indexOf('<body')).replace(/<script[\s\S]*?<\/script>/g, '')
    for (const said of [words.by('Olga'), 'Wine', words.asGuest, 'href="/login?next=']) expect(body).toContain(said)
  })

  it('is shown to who follows it from another site, in whose name nothing may be changed', async () => {
    const { code } = await invite()
    const headers = { ...elsewhere(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect((await page(code, headers)).status).toBe(200)
    expect((await client(server.url)('POST', '/api/invites/preview', { code }, headers)).status).toBe(403)
  })

  it('leads who is in the room already straight there', async () => {
    const { code } = await invite()
    expect(await page(code, elsewhere(), owner)).toMatchObject({ status: 302 })
    expect((await page(code, elsewhere(), owner)).headers.get('location')).toBe(`/rooms/${room.slug}`)
    expect((await page(code, elsewhere(), client(server.url, people.ann.cookie))).text).toContain(words.joinAs('Ann'))
  })

  it('that is unknown, revoked, used up, its maker\'s no longer, or no code at all, tells nothing, alike', async () => {
    const revoked = await invite()
    await owner('DELETE', `/api/rooms/${room.id}/invites/${revoked.invite.id}`)
    const used = await invite({ role: 'guest', uses: 1 })
    expect((await client(server.url)('POST', '/api/auth/guest', { code: used.code, name: 'Gus' }, elsewhere())).status).toBe(200)
    const mod = client(server.url, (await signUp(server, 'Mo')).cookie)
    const { id } = (await mod('POST', '/api/invites/accept', { code: (await invite({ role: 'member' })).code }, elsewhere())).body as RoomSummary
    const members = (await owner('GET', `/api/rooms/${id}/members`)).body as { items: { id: string, name: string }[] }
    const mo = members.items.find(one => one.name === 'Mo')!.id
    await owner('PATCH', `/api/rooms/${id}/members/${mo}`, { role: 'moderator' })
    const theirs = (await mod('POST', `/api/rooms/${id}/invites`, { role: 'guest' })).body as { code: string }
    expect((await page(theirs.code)).status).toBe(200)
    await owner('PATCH', `/api/rooms/${id}/members/${mo}`, { role: 'member' })

    const codes = ['A'.repeat(43), revoked.code, used.code, theirs.code]
    const told = await Promise.all(codes.map(async (code) => {
      const { status, text } = await page(code)
      return { status, text: text.replaceAll(code, 'CODE').replaceAll(/nonce="[^"]*"|content="[A-Za-z0-9+/]{22}=="/g, '').replaceAll(/\d{13}/g, 'TIME') }
    }))
    expect(told[0]).toMatchObject({ status: 404, text: expect.stringContaining(words.invalid.title) })
    expect(new Set(told.map(one => one.status))).toEqual(new Set([404]))
    for (const one of told) expect(one.text).toBe(told[0]!.text)
    expect(told[0]!.text).not.toMatch(/cellar|Olga|og:title/)
    expect((await page('no-code')).text).toContain(words.invalid.title)
  })

  it('is looked at so many times from one address, by whatever door, and from others still', async () => {
    const { code } = await invite()
    const here = elsewhere()
    for (let i = 0; i < rates.inviteUse.points - 1; i++) await client(server.url)('POST', '/api/invites/preview', { code: 'A'.repeat(43) }, here)
    expect((await page(code, here)).status).toBe(200)
    const limited = await page(code, here)
    expect(limited.status).toBe(429)
    expect(limited.text).not.toMatch(/cellar|Olga/)
    expect((await client(server.url)('POST', '/api/invites/preview', { code }, here)).status).toBe(429)
    expect((await page(code)).status, 'another address').toBe(200)
  })
})
