import type { Page } from '@playwright/test'
import { expect, test } from '../support/browser'
import { act, row } from '../support/conversation'
import { password, seedMessages } from '../support/seed'
import { api, type TestPerson, type TestServer } from '../support/server'
import { en } from '../../locales/en'

/** What the buttons of those who run a room, or the site, do: each is seen by the server or by somebody else. */

const { admin, app, invites, moderation, reports, room, roomSettings } = en

const ask = async (server: TestServer, person: TestPerson, path: string) => await (await api(server, person, 'GET', path)).json() as unknown

async function menu(page: Page, name: string, ...items: string[]): Promise<void> {
  await page.getByRole('button', { name }).click()
  for (const item of items) await page.getByRole('menuitem', { name: item }).click()
}

/** Says yes to what a dialog asks. */
async function confirm(page: Page, title: string, yes: string): Promise<void> {
  await page.getByRole('dialog', { name: title }).getByRole('button', { name: yes, exact: true }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

test('running a room', async ({ chatly }) => {
  chatly.allow(/403|404/)
  const { server, people, lobby } = await chatly.start({
    people: ['Ada', 'Bob', 'Cid'], seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [{ author: people.Cid.id, text: 'Buy watches' }])
  })
  const path = `/api/rooms/${lobby.id}`
  const { code } = await (await api(server, people.Ada, 'POST', `${path}/invites`, { role: 'member' })).json() as { code: string }
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await act(bob, row(bob, 'Buy watches'), 'report', false)
  await bob.getByLabel(reports.reason).fill('Advertising')
  await confirm(bob, reports.title, reports.submit)
  expect(await ask(server, people.Ada, `/api/reports?room=${lobby.id}`)).toMatchObject({ items: [{ reason: 'Advertising', by: { name: 'Bob' }, closed: null }] })

  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await menu(ada, moderation.actions('Bob'), moderation.mute, moderation.muteFor(app.span(300)))
  await expect(bob.getByText(room.muted)).toBeVisible()
  await menu(ada, moderation.actions('Bob'), moderation.ban)
  await confirm(ada, moderation.banAsk.title('Bob'), moderation.banAsk.confirm)
  await expect(bob.getByText(room.lost.banned)).toBeVisible()
  expect((await api(server, people.Bob, 'POST', `${path}/join`, {})).ok).toBe(false)

  await menu(ada, room.menu, room.settings)
  const settings = ada.getByRole('dialog', { name: roomSettings.title })
  const part = async (name: string) => {
    await settings.getByRole('tab', { name }).click()
    return settings.getByRole('tabpanel', { name })
  }
  const reported = await part(roomSettings.reports)
  await reported.getByRole('button', { name: reports.dismiss }).click()
  await expect(reported.getByText(reports.empty)).toBeVisible()
  expect(await ask(server, people.Ada, `/api/reports?room=${lobby.id}&closed=true`)).toMatchObject({ items: [{ closed: { outcome: 'dismissed', by: { name: 'Ada' } } }] })
  const banned = await part(roomSettings.bans)
  await banned.getByRole('button', { name: moderation.bans.unbanNamed('Bob') }).click()
  await expect(banned.getByText(moderation.bans.empty)).toBeVisible()
  expect((await api(server, people.Bob, 'POST', `${path}/join`, {})).ok, 'who is let in again comes in').toBe(true)
  const invited = await part(roomSettings.invites)
  await invited.getByRole('button', { name: invites.revoke }).click()
  await expect(invited.getByText(invites.revoked, { exact: true })).toBeVisible()
  expect((await api(server, null, 'POST', '/api/invites/preview', { code })).ok).toBe(false)
  await ada.keyboard.press('Escape')
  await expect(settings).toBeHidden()

  await menu(ada, moderation.actions('Bob'), moderation.handOver)
  await confirm(ada, moderation.handOverAsk.title('Bob'), moderation.handOverAsk.confirm)
  expect([await ask(server, people.Bob, path), await ask(server, people.Ada, path)]).toMatchObject([{ role: 'owner' }, { role: 'moderator' }])
})

test('running the site', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada', 'Bob'] })
  const logIn = async (secret: string) => await (await api(server, null, 'POST', '/api/auth/login', { email: people.Bob.email, password: secret, remember: false })).json() as unknown
  const inside = { me: { name: 'Bob' } }
  const ada = await chatly.open(server, people.Ada, '/admin/people')
  const actions = admin.people.actions('Bob')

  await menu(ada, actions, admin.people.disable)
  await confirm(ada, admin.people.disableAsk.title('Bob'), admin.people.disableAsk.confirm)
  expect(await ask(server, people.Bob, '/api/auth/session'), 'who is there is out').toMatchObject({ me: null })
  expect(await logIn(password)).toMatchObject({ code: 'forbidden' })
  await menu(ada, actions, admin.people.enable)
  await expect(ada.getByText(admin.people.done.enabled('Bob'), { exact: true })).toBeVisible()
  expect(await logIn(password)).toMatchObject(inside)

  await menu(ada, actions, admin.people.resetLink)
  const dialog = ada.getByRole('dialog', { name: admin.people.reset.title('Bob') })
  const link = new URL(await dialog.getByRole('textbox', { name: admin.people.reset.label }).inputValue())
  expect(link.origin).toBe(server.url)
  const token = decodeURIComponent(link.pathname.replace('/reset/', ''))
  expect((await api(server, null, 'POST', '/api/auth/password/reset', { token, password: 'a different battery' })).ok).toBe(true)
  expect(await logIn('a different battery')).toMatchObject(inside)
  await ada.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  await ada.getByRole('navigation', { name: admin.pages }).getByRole('link', { name: admin.site.title }).click()
  await ada.getByRole('radio', { name: admin.site.signups.closed.label }).click()
  await ada.getByRole('button', { name: app.save }).click()
  await expect(ada.getByText(admin.site.saved, { exact: true })).toBeVisible()
  expect((await api(server, null, 'POST', '/api/auth/signup', { name: 'Cid', email: 'cid@example.com', password, remember: false })).status).toBe(403)
})
