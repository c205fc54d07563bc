import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client, raw, type Client } from '../support/http'
import { seedPeople, startServer, tempFolder, type TestServer } from '../support/server'
import { en } from '../../locales/en'

/** A public site that knows its address, and is reached by another name, too: to search engines it is one site. */

const own = 'https://chat.example.org'
let server: TestServer
let admin: Client
let room: string
let remove: () => Promise<void>

beforeAll(async () => {
  const temporary = await tempFolder()
  remove = temporary.remove
  const seeded = await seedPeople(temporary.folder, 1)
  server = await startServer({ dataFolder: temporary.folder, env: { CHATLY_PUBLIC: 'true', CHATLY_ORIGIN: own } })
  admin = client(server.url, seeded.people[0]!.cookie)
  room = seeded.room
  await admin('PATCH', `/api/rooms/${room}`, { topic: 'Where all meet' })
})
afterAll(async () => {
  await server.stop()
  await remove()
})

/** What a visitor's program reads in a page that it asks for by a name (which `fetch` does not let us choose), without running it. */
async function head(host: string, path: string) {
  const text = await raw(server.port, [`GET ${path} HTTP/1.0\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`])
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, value]) => value)
  const metas = (name: string) => all(new RegExp(`<meta (?:name|property)="${name}" content="([^"]*)"`, 'g'))
  const canonical = all(/<link ([^>]*rel="canonical"[^>]*)>/g).map(attributes => /href="([^"]*)"/.exec(attributes ?? '')?.[1])
  return { title: all(/<title>([^<]*)</g), canonical, description: metas('description'), robots: metas('robots'), image: metas('og:image'), code: all(/<path d="(M\d+ \d+h1v1[^"]*)"/g) }
}

describe.each(['chat.example.org', 'copy.example.net'])('by the name %s', (host) => {
  it('the room list names the one address that it has', async () => {
    await expect(head(host, '/?sort=name')).resolves.toMatchObject({ canonical: [`${own}/`], title: [`${en.rooms.title} · ${en.app.name}`], description: [en.app.description], robots: ['index, follow'] })
  })

  it('and so does a public room', async () => {
    await expect(head(host, '/rooms/hall?message=1')).resolves.toMatchObject({ canonical: [`${own}/rooms/hall`], title: [`Hall · ${en.app.name}`], description: ['Where all meet'], robots: ['index, follow'] })
  })
})

it('an invite has the picture and the code of that address, whatever name it was opened by', async () => {
  const { code } = (await admin('POST', `/api/rooms/${room}/invites`, { role: 'guest' })).body as { code: string }
  const [here, there] = [await head('chat.example.org', `/invite/${code}`), await head('copy.example.net', `/invite/${code}`)]
  expect(there).toMatchObject({ image: [`${own}/icon-512.png`], canonical: [], robots: ['noindex'] })
  expect(there.code).not.toEqual([])
  expect(there.code).toEqual(here.code)
})
