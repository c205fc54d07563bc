import type { Page } from '@playwright/test'
import { alive, expect, test } from '../support/browser'
import { heading, problem, row, say, sent } from '../support/conversation'
import { password } from '../support/seed'
import { api } from '../support/server'
import { en } from '../../locales/en'

const { app, auth, settings } = en
const names = ['Ada', 'Bob'] as const

async function logIn(page: Page, email: string, secret: string) {
  await page.getByLabel(auth.email).fill(email)
  await page.getByLabel(auth.password, { exact: true }).fill(secret)
  await page.getByRole('button', { name: auth.logIn.submit, exact: true }).click()
}

test('a new name is seen by the others at once', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(bob, 'Hi')
  await sent(ada, 'Hi')

  await bob.goto('/settings/profile')
  await alive(bob)
  await bob.getByLabel(settings.profile.name).fill('Robert')
  await bob.getByRole('button', { name: app.save }).click()
  await expect(bob.getByText(settings.profile.saved, { exact: true })).toBeVisible()
  await expect(row(ada, 'Hi')).toHaveAccessibleName(/^Robert, /)
  await bob.getByLabel(settings.profile.name).fill('   ')
  await bob.getByRole('button', { name: app.save }).click()
  await expect(bob.getByLabel(settings.profile.name)).toHaveAttribute('aria-invalid', 'true')
})

test('a name that was changed on another device is the one in the form, and nothing to save', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Bob, '/settings/profile')
  const field = page.getByLabel(settings.profile.name)
  const save = page.getByRole('button', { name: app.save })
  const rename = (name: string) => api(server, people.Bob, 'PATCH', '/api/me', { name })
  await rename('Robert')
  await expect(field).toHaveValue('Robert')
  await expect(save).toBeDisabled()
  await field.fill('Bobby')
  await rename('Rob')
  await expect(page.getByRole('button', { name: app.account('Rob') })).toBeVisible()
  await expect(field, 'what somebody types is theirs').toHaveValue('Bobby')
})

test('the appearance is kept on this device, without a flash of the other', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Ada, '/settings/appearance')
  await page.getByRole('radio', { name: app.theme.dark }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (!document.body) return
      Reflect.set(window, 'firstTheme', document.documentElement.className)
      observer.disconnect()
    }).observe(document, { childList: true, subtree: true })
  })
  await page.reload()
  expect(await page.evaluate(() => Reflect.get(window, 'firstTheme') as unknown)).toContain('dark')
  await alive(page)
  await page.getByRole('button', { name: app.theme.name }).click()
  await page.getByRole('menuitemcheckbox', { name: app.theme.light }).click()
  await expect(page.locator('html')).not.toHaveClass(/dark/)
})

test('a session that is ended elsewhere is signed out within two seconds', async ({ chatly }) => {
  chatly.allow(/401/)
  const { server, people } = await chatly.start({ people: names })
  const here = await chatly.open(server, people.Ada, '/settings/sessions')
  const there = await chatly.open(server, null, '/login')
  const line = there.waitForEvent('websocket')
  await logIn(there, people.Ada.email, password)
  await expect(there).toHaveURL('/')
  await there.getByRole('link', { name: 'Lobby' }).click()
  await expect(heading(there, 'Lobby')).toBeVisible()

  await here.reload()
  await alive(here)
  const list = here.getByRole('main').getByRole('listitem').filter({ hasText: 'Chrome' })
  await expect(list).toHaveCount(2)
  await expect(list.filter({ hasText: settings.sessions.current })).toHaveCount(1)
  const end = list.filter({ hasNotText: settings.sessions.current }).getByRole('button')
  const closed = (await line).waitForEvent('close')
  await Promise.all([end.click(), here.waitForResponse(response => response.request().method() === 'DELETE')])
  // It is shown for a few seconds only.
  await expect(here.getByText(settings.sessions.ended, { exact: true })).toBeVisible()
  await closed
  await expect(there).toHaveURL(/\/login/)
  await expect(there.getByText(auth.problems['signed-out']), 'and told why').toBeVisible()
  await expect(list).toHaveCount(1)
  await expect(here.getByRole('list', { name: settings.sessions.title }), 'the button that had the focus is gone').toBeFocused()
})

test('a page begins anew when this browser has been signed in as somebody else in another tab', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await expect(page.getByRole('button', { name: app.account('Ada') })).toBeVisible()
  await page.context().addCookies([{ name: 'chatly_session', value: people.Bob.token, url: server.url, httpOnly: true, sameSite: 'Lax' }])
  await api(server, { id: people.Ada.id, name: 'Ada', cookie: `chatly_session=${people.Ada.token}` }, 'POST', '/api/auth/logout')
  await expect(page.getByRole('button', { name: app.account('Bob') })).toBeVisible()
  await alive(page)
  await say(page, 'It is me, Bob')
  await expect(row(page, 'It is me, Bob')).toHaveAccessibleName(/^Bob, /)
})

test('a new password signs out the others and is the one that counts', async ({ chatly }) => {
  chatly.allow(/40[13]|wrong_password/)
  const { server, people } = await chatly.start({ people: names })
  const here = await chatly.open(server, people.Ada, '/settings/password')
  const there = await chatly.open(server, null, '/login')
  await logIn(there, people.Ada.email, password)
  await expect(there).toHaveURL('/')

  const [current, next] = [here.getByLabel(settings.password.current), here.getByLabel(settings.password.next, { exact: true })]
  await current.fill('not my password')
  await next.fill('a different battery')
  await here.getByRole('button', { name: settings.password.submit }).click()
  await expect(problem(here)).toBeVisible()
  await expect(next).toHaveValue('a different battery')
  await current.fill(password)
  await here.getByRole('button', { name: settings.password.submit }).click()
  await expect(here.getByText(settings.password.saved, { exact: true })).toBeVisible()

  await expect(there).toHaveURL(/\/login/)
  await alive(there)
  await logIn(there, people.Ada.email, password)
  await expect(problem(there)).toBeVisible()
  await there.getByLabel(auth.password, { exact: true }).fill('a different battery')
  await there.getByRole('button', { name: auth.logIn.submit, exact: true }).click()
  await expect(there).toHaveURL('/')
  await here.reload()
  await expect(here, 'this device stays').toHaveURL('/settings/password')
})

for (const choice of ['keep', 'erase'] as const) {
  test(`an account is deleted, its messages ${choice === 'keep' ? 'kept without a name' : 'too'}`, async ({ chatly }) => {
    chatly.allow(/40[13]/)
    const { server, people } = await chatly.start({ people: names })
    const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
    const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
    await say(bob, 'My last words')
    await sent(ada, 'My last words')

    await bob.goto('/settings/account')
    await alive(bob)
    await bob.getByRole('button', { name: settings.remove.open }).click()
    const dialog = bob.getByRole('dialog', { name: settings.remove.dialogTitle })
    await dialog.getByRole('radio', { name: settings.remove[choice] }).click()
    await dialog.getByLabel(settings.remove.password, { exact: true }).fill('not my password')
    await expect(dialog.getByRole('button', { name: settings.remove.submit })).toBeDisabled()
    await dialog.getByRole('checkbox', { name: settings.remove.confirm }).check()
    await dialog.getByRole('button', { name: settings.remove.submit }).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    await dialog.getByLabel(settings.remove.password, { exact: true }).fill(password)
    await dialog.getByRole('button', { name: settings.remove.submit }).click()
    await expect(bob).toHaveURL('/login')

    if (choice === 'keep') {
      await expect(row(ada, 'My last words')).toHaveAccessibleName(new RegExp(`^${app.deletedPerson}, `))
    } else {
      await expect(ada.getByText(en.message.deleted)).toBeVisible()
      await expect.poll(() => ada.content()).not.toContain('My last words')
    }
    await ada.reload()
    await expect(ada.getByRole('article')).toHaveCount(1)
    expect(await ada.content(), 'the name is gone').not.toContain('Bob')
    await alive(bob)
    await logIn(bob, people.Bob.email, password)
    await expect(problem(bob)).toBeVisible()
  })
}

test('whoever becomes an admin sees it at once, and who is one no more is asked, told, and led away', async ({ chatly }) => {
  chatly.allow(/403|409/)
  const { server, people } = await chatly.start({ people: names })
  const setAdmin = (admin: boolean) => api(server, people.Ada, 'PATCH', `/api/admin/people/${people.Bob.id}`, { admin })
  const bob = await chatly.open(server, people.Bob, '/')
  // Open all the while: the line to it follows without a reload.
  await bob.getByRole('button', { name: app.account('Bob') }).click()
  await setAdmin(true)
  await bob.getByRole('menuitem', { name: app.admin }).click()
  await expect(heading(bob, en.admin.title)).toBeVisible()

  const refused = 'Only an admin of this site may do that.'
  await bob.route('**/api/admin/site', route => route.fulfill({ status: 403, json: { code: 'forbidden', message: refused } }))
  await bob.getByRole('link', { name: en.admin.site.title }).click()
  await expect(bob.getByText(refused), 'not that the network is at fault').toBeVisible()
  await setAdmin(false)
  await expect(bob).toHaveURL('/')
  await expect(bob.getByText(en.admin.closed, { exact: true })).toBeVisible()

  const ada = await chatly.open(server, people.Ada, '/admin/people')
  await ada.getByRole('button', { name: en.admin.people.actions('Ada') }).click()
  await ada.getByRole('menuitem', { name: en.admin.people.unmakeAdmin }).click()
  const question = ada.getByRole('dialog', { name: en.admin.people.unmakeMeAsk.title() })
  await question.getByRole('button', { name: en.admin.people.unmakeMeAsk.confirm }).click()
  await expect(question.getByRole('alert'), 'the only one stays one').toContainText('the only admin')
  await setAdmin(true)
  await question.getByRole('button', { name: en.admin.people.unmakeMeAsk.confirm }).click()
  await expect(ada).toHaveURL('/')
})

test('signing out everywhere else ends all other sessions', async ({ chatly }) => {
  chatly.allow(/401/)
  const { server, people } = await chatly.start({ people: names })
  const here = await chatly.open(server, people.Ada, '/settings/sessions')
  const others = []
  for (let n = 0; n < 2; n++) {
    const page = await chatly.open(server, null, '/login')
    await logIn(page, people.Ada.email, password)
    await expect(page).toHaveURL('/')
    others.push(page)
  }
  await here.reload()
  await alive(here)
  await here.getByRole('button', { name: settings.sessions.endOthers }).click()
  for (const page of others) await expect(page).toHaveURL(/\/login/)
  await expect(here.getByRole('button', { name: settings.sessions.endOthers })).toHaveCount(0)
})
