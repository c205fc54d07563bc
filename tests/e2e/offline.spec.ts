import type { Page } from '@playwright/test'
import { expect, test as base } from '../support/browser'
import { layCable, type Cable } from '../support/cable'
import { act, composer, row, say, sent } from '../support/conversation'
import { api, type TestServer } from '../support/server'
import { limits } from '../../shared/limits'
import { en } from '../../locales/en'

const { app, message } = en
const names = ['Ada', 'Bob'] as const

interface Network {
  /** The server as a browser at the end of a cable of its own sees it. */
  behindCable: (server: TestServer) => Promise<TestServer>
  /** A phone in a tunnel: the browser knows that it is offline, and what it had open breaks. */
  offline: (page: Page) => Promise<void>
  online: (page: Page) => Promise<void>
}

const test = base.extend<{ network: Network }>({
  network: async ({ chatly }, use) => {
    chatly.allow(/net::ERR_|WebSocket connection/)
    let cable: Cable | undefined
    await use({
      async behindCable(server) {
        cable = await layCable(server.port)
        return { ...server, url: cable.url }
      },
      async offline(page) {
        cable?.cut()
        await page.context().setOffline(true)
        await expect(page.getByText(app.reconnecting).filter({ visible: true })).toBeVisible()
      },
      async online(page) {
        cable?.mend()
        await page.context().setOffline(false)
      }
    })
    await cable?.close()
  }
})

test('what was written offline is kept when the page is closed, and sent in order, once', async ({ chatly, network }) => {
  const { server, people } = await chatly.start({ people: names })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  const ada = await chatly.open(await network.behindCable(server), people.Ada, '/rooms/lobby')
  await say(ada, 'Still here')
  await sent(bob, 'Still here')

  await network.offline(ada)
  await expect(ada.getByText(en.composer.offline)).toBeVisible()
  await say(ada, 'Sent offline, one')
  await say(ada, 'Sent offline, two')
  for (const text of ['one', 'two']) await expect(row(ada, `offline, ${text}`).getByRole('img', { name: message.pending })).toBeVisible()
  await expect(ada.getByText(en.composer.waiting(2))).toBeVisible()
  await expect(row(bob, 'offline, one')).toHaveCount(0)

  const later = await ada.context().newPage()
  chatly.watch(later)
  await ada.close()
  await network.online(later)
  await later.goto('/rooms/lobby')
  for (const page of [later, bob]) {
    await sent(page, 'offline, two')
    await expect(page.getByRole('article').locator('[dir=auto]')).toHaveText(['Still here', 'Sent offline, one', 'Sent offline, two'])
  }
  await later.reload()
  await expect(later.getByRole('article').locator('[dir=auto]')).toHaveText(['Still here', 'Sent offline, one', 'Sent offline, two'])
})

test('back online without a reload, all that waited is sent', async ({ chatly, network }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(await network.behindCable(server), people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(ada, 'Before')
  await sent(bob, 'Before')
  await network.offline(ada)
  await expect(ada.getByText(en.composer.offline)).toBeVisible()
  await say(ada, 'While away')
  await say(bob, 'Meanwhile')
  await sent(bob, 'Meanwhile')
  await ada.getByRole('link', { name: app.home }).filter({ visible: true }).click()
  await expect(ada.getByText(en.rooms.offline)).toBeVisible()
  await expect(ada.getByText(en.rooms.error.title), 'once is enough').toHaveCount(0)

  await network.online(ada)
  await expect(ada.getByText(app.reconnecting).filter({ visible: true })).toHaveCount(0)
  await expect(ada.getByText(en.rooms.error.title), 'it was loaded again').toHaveCount(0)
  await ada.getByRole('article').getByRole('link', { name: 'Lobby' }).click()
  for (const page of [ada, bob]) {
    await sent(page, 'While away')
    await expect(page.getByRole('article').locator('[dir=auto]')).toHaveText(['Before', 'Meanwhile', 'While away'])
  }
  await expect(ada.getByText(app.reconnecting).filter({ visible: true })).toHaveCount(0)
})

test('what was written offline into a room that one has been removed from can be taken along, and discarded', async ({ chatly, network }) => {
  chatly.allow(/40[34]/)
  const { server, people } = await chatly.start({ people: names })
  const { id } = await (await api(server, people.Ada, 'POST', '/api/rooms', { name: 'Den', visibility: 'private', password: 'vixen' })).json() as { id: string }
  await api(server, people.Bob, 'POST', `/api/rooms/${id}/join`, { password: 'vixen' })
  const bob = await chatly.open(await network.behindCable(server), people.Bob, '/rooms/den')
  await expect(composer(bob, 'Den')).toBeVisible()
  await network.offline(bob)
  for (const text of ['The first thing', 'The second thing']) await say(bob, text, 'Den')
  await composer(bob, 'Den').fill('And a third')
  await api(server, people.Ada, 'DELETE', `/api/rooms/${id}/members/${people.Bob.id}`)
  await network.online(bob)

  const words = bob.getByRole('textbox', { name: en.room.unsent })
  await expect(words).toHaveValue('The first thing\nThe second thing\nAnd a third', { timeout: 20_000 })
  await bob.getByRole('button', { name: en.message.discard }).click()
  await expect(words, 'all of what is shown').toBeHidden()
  await bob.getByRole('button', { name: app.account('Bob') }).click()
  await bob.getByRole('menuitem', { name: app.signOut }).click()
  await expect(bob, 'nothing is left to be asked about').toHaveURL('/login')
})

test('signing out with unsent messages asks first', async ({ chatly, network }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(await network.behindCable(server), people.Ada, '/rooms/lobby')
  await expect(composer(ada)).toBeVisible()
  await network.offline(ada)
  await expect(ada.getByText(en.composer.offline)).toBeVisible()
  await say(ada, 'Unsent')
  await ada.getByRole('button', { name: app.account('Ada') }).click()
  await ada.getByRole('menuitem', { name: app.signOut }).click()
  const question = ada.getByRole('dialog', { name: app.signOutAsk.title })
  await expect(question).toContainText(app.signOutAsk.text(1))
  await question.getByRole('button', { name: app.signOutAsk.cancel }).click()
  await network.online(ada)
  await sent(ada, 'Unsent')

  await ada.getByRole('button', { name: app.account('Ada') }).click()
  await ada.getByRole('menuitem', { name: app.signOut }).click()
  await expect(ada, 'with nothing unsent it does not ask').toHaveURL('/login')
})

test('a message that is refused says why, and can be tried again or discarded', async ({ chatly, network }) => {
  const { server, people, lobby } = await chatly.start({ people: names })
  const bob = await chatly.open(await network.behindCable(server), people.Bob, '/rooms/lobby')
  await expect(composer(bob)).toBeVisible()
  const archive = async (archived: boolean) => expect((await api(server, people.Ada, 'PATCH', `/api/rooms/${lobby.id}`, { archived })).status).toBe(200)

  await network.offline(bob)
  await expect(bob.getByText(en.composer.offline)).toBeVisible()
  await say(bob, 'Too late, one')
  await say(bob, 'Too late, two')
  await archive(true)
  await network.online(bob)

  for (const text of ['one', 'two']) await expect(row(bob, `Too late, ${text}`)).toContainText(new RegExp(`${message.failed}: .+archived`))
  await bob.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await row(bob, 'Too late, two').getByRole('button', { name: message.copy }).click()
  await expect(bob.getByText(message.copied, { exact: true })).toBeVisible()
  expect(await bob.evaluate(() => navigator.clipboard.readText()), 'no long press leads to its text').toBe('Too late, two')
  await row(bob, 'Too late, one').getByRole('button', { name: message.discard }).click()
  await expect(row(bob, 'Too late, one')).toHaveCount(0)
  await row(bob, 'Too late, two').getByRole('button', { name: message.retry }).click()
  await expect(row(bob, 'Too late, two'), 'the room is still archived').toContainText(message.failed)

  await archive(false)
  await row(bob, 'Too late, two').getByRole('button', { name: message.retry }).click()
  await expect(row(bob, 'Too late, two')).not.toContainText(message.failed)
  await bob.reload()
  await expect(bob.getByRole('article').locator('[dir=auto]')).toHaveText(['Too late, two'])
})

test('an answer that was written offline is sent without what it answered, where that is gone', async ({ chatly, network }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(ada, 'Who comes?')
  const bob = await chatly.open(await network.behindCable(server), people.Bob, '/rooms/lobby')
  await sent(bob, 'Who comes?')
  await network.offline(bob)
  await act(bob, row(bob, 'Who comes?'), 'reply', false)
  await say(bob, 'I do')
  await act(ada, row(ada, 'Who comes?'), 'remove', false)
  await ada.getByRole('dialog').getByRole('button', { name: message.remove }).click()
  await expect(ada.getByText(message.deleted)).toBeVisible()
  await network.online(bob)
  await expect(row(ada, 'I do')).toHaveCount(1, { timeout: 20_000 })
  await sent(bob, 'I do')
  await expect(row(bob, 'I do')).not.toContainText(message.failed)
})

test('invites that could not be loaded offline come with the line', async ({ chatly, network }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(await network.behindCable(server), people.Ada, '/rooms/lobby')
  await expect(composer(ada)).toBeVisible()
  await network.offline(ada)
  await ada.getByRole('button', { name: en.room.menu }).click()
  await ada.getByRole('menuitem', { name: en.room.inviteAsk }).click()
  const settings = ada.getByRole('dialog', { name: en.roomSettings.title })
  await expect(settings.getByRole('button', { name: app.retry })).toBeVisible()
  await network.online(ada)
  await expect(settings.getByText(en.invites.empty)).toBeVisible({ timeout: 20_000 })
})

test('a text over the limit stays in the composer', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  const text = 'x'.repeat(limits.textCodePoints + 3)
  await composer(page).fill(text)
  await expect(page.getByText(en.composer.left(-3))).toBeVisible()
  await expect(page.getByRole('button', { name: en.composer.send, exact: true })).toBeDisabled()
  await composer(page).press('Enter')
  await expect(composer(page)).toHaveValue(text)

  // Not more characters than the limit, more bytes than a message may have.
  await composer(page).fill('😀'.repeat(limits.textCodePoints))
  await composer(page).press('Enter')
  await expect(composer(page)).toHaveValue(/^(😀)+$/u)
  await expect(page.getByText(/longer than/)).toBeVisible()
  await composer(page).fill('y'.repeat(limits.textCodePoints))
  await composer(page).press('Enter')
  await expect(row(page, 'yyy')).toHaveCount(1)
  await expect(composer(page)).toHaveValue('')
})
