import type { Page } from '@playwright/test'
import { alive, expect, test, type Chatly } from '../support/browser'
import { composer, say } from '../support/conversation'
import { password } from '../support/seed'
import { api, type TestPerson, type TestServer } from '../support/server'
import { en } from '../../locales/en'

/** A slow phone: the page is there, and its scripts are not yet. (Labels name fields only with them.) */

const { auth, invites, room } = en
const names = ['Ada', 'Bob'] as const

/** Opens `path` in `page` without its scripts; they come with what is given back. */
async function withoutScripts(page: Page, path: string): Promise<() => Promise<void>> {
  let release = () => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  await page.route('**/_nuxt/*.js', async (route) => {
    await released
    await route.continue()
  })
  await page.goto(path, { waitUntil: 'commit' })
  return async () => {
    release()
    await alive(page)
  }
}

const den = async (server: TestServer, owner: TestPerson) =>
  await (await api(server, owner, 'POST', '/api/rooms', { name: 'Den', visibility: 'private', password: 'vixen' })).json() as { id: string }

/** A page of a browser that is signed in, or not. */
const open = (chatly: Chatly, server: TestServer, person: Parameters<Chatly['open']>[1]) => chatly.open(server, person, '/')

test('a name that is typed and sent before the page is alive brings a guest in', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const { id } = await den(server, people.Ada)
  const { code } = await (await api(server, people.Ada, 'POST', `/api/rooms/${id}/invites`, { role: 'guest' })).json() as { code: string }
  const page = await open(chatly, server, null)
  const come = await withoutScripts(page, `/invite/${code}`)
  await page.getByRole('textbox').fill('Gil')
  await page.getByRole('button', { name: invites.preview.asGuest }).click()
  await come()
  await say(page, 'In at once', 'Den')
})

test('passwords that are typed early are kept', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  await den(server, people.Ada)
  const visitor = await open(chatly, server, null)
  const visitorsScripts = await withoutScripts(visitor, '/login')
  await visitor.getByLabel(auth.email).fill('bob@example.com')
  await visitor.getByLabel(auth.password, { exact: true }).fill(password)
  await visitorsScripts()
  await expect(visitor.getByLabel(auth.email)).toHaveValue('bob@example.com')
  await expect(visitor.getByLabel(auth.password, { exact: true })).toHaveValue(password)

  const bob = await open(chatly, server, people.Bob)
  const scripts = await withoutScripts(bob, '/rooms/den')
  await bob.getByRole('textbox').fill('vixen')
  await scripts()
  await expect(bob.getByLabel(room.door.password, { exact: true })).toHaveValue('vixen')
  await bob.getByRole('button', { name: room.door.submit }).click()
  await expect(composer(bob, 'Den')).toBeVisible()
})

test('what is typed early into the composer is kept, after what was being written before', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await composer(page).fill('written yesterday')
  let come = await withoutScripts(page, '/rooms/lobby')
  await composer(page).fill('typed early')
  await come()
  await expect(composer(page)).toHaveValue('written yesterday\ntyped early')
  await composer(page).fill('')
  come = await withoutScripts(page, '/rooms/lobby')
  await composer(page).fill('alone')
  await come()
  await expect(composer(page)).toHaveValue('alone')
  await say(page, 'sent', 'Lobby')
})
