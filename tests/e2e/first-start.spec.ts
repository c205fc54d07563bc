import type { Page } from '@playwright/test'
import { alive, expect, test } from '../support/browser'
import { password } from '../support/seed'
import { setUpToken } from '../support/server'
import { heading, problem } from '../support/conversation'
import { en } from '../../locales/en'

const { app, auth, rooms } = en

async function fillSignUp(page: Page, name: string, email: string) {
  await page.getByLabel(auth.name).fill(name)
  await page.getByLabel(auth.email).fill(email)
  await page.getByLabel(auth.password, { exact: true }).fill(password)
}

async function logIn(page: Page, email: string, secret = password) {
  await page.getByLabel(auth.email).fill(email)
  await page.getByLabel(auth.password, { exact: true }).fill(secret)
  await page.getByRole('button', { name: auth.logIn.submit, exact: true }).click()
}

test('a fresh site is set up once: the first account and its room', async ({ chatly }) => {
  const { server } = await chatly.start({ people: [] })
  const page = await chatly.open(server, null, '/')

  await expect(page).toHaveURL('/setup')
  await expect(page.getByText(auth.setUp.needLink.title)).toHaveCount(0)
  await fillSignUp(page, 'Ada', 'ada@example.com')
  await page.getByRole('button', { name: auth.setUp.submit }).click()
  await expect(page).toHaveURL('/rooms/lobby')
  await expect(heading(page, 'Lobby')).toBeVisible()

  await page.goto('/')
  await expect(page.getByRole('region', { name: rooms.mine }).getByRole('link', { name: 'Lobby' })).toBeVisible()
  expect(await (await page.request.get('/api/auth/session')).json()).toMatchObject({ me: { name: 'Ada', admin: true }, needsSetUp: false })

  await page.goto('/setup')
  await expect(heading(page, auth.setUp.done.title)).toBeVisible()
  await expect(page.getByRole('textbox')).toHaveCount(0)
  await page.getByRole('link', { name: auth.setUp.done.submit }).click()
  await expect(page).toHaveURL('/')
})

test('the set-up link works from elsewhere, and a site that is not this machine needs it', async ({ chatly }) => {
  const { server } = await chatly.start({ people: [] })
  const there = `http://chat.lan:${server.port}`
  const page = await chatly.open(server, null, `${there}/`)
  await expect(page.getByText(auth.setUp.needLink.title)).toBeVisible()
  await expect(page.getByRole('textbox'), 'what would be refused is not asked for').toHaveCount(0)

  const token = await setUpToken(server)
  await page.goto(`${there}/setup?token=${token}`)
  await alive(page)
  await fillSignUp(page, 'Ada', 'ada@example.com')
  await page.getByRole('button', { name: auth.setUp.submit }).click()
  await expect(page).toHaveURL(`${there}/rooms/lobby`)
})

test('a second person signs up, logs out and in again', async ({ chatly }) => {
  chatly.allow(/\/api\/auth\/(signup|login).*(409|401|403)|Failed to load resource/)
  const { server } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, null, '/signup')

  await fillSignUp(page, 'Bob', 'ada@example.com')
  await page.getByRole('button', { name: auth.signUp.submit }).click()
  await expect(problem(page)).not.toBeEmpty()
  await expect(page.getByLabel(auth.name), 'a refusal loses nothing that was typed').toHaveValue('Bob')
  await page.getByLabel(auth.email).fill('bob@example.com')
  await page.getByRole('button', { name: auth.signUp.submit }).click()
  await expect(page).toHaveURL('/')
  await expect(heading(page, rooms.title)).toBeVisible()

  await page.getByRole('button', { name: app.account('Bob') }).click()
  await page.getByRole('menuitem', { name: app.signOut }).click()
  await expect(page).toHaveURL('/login')
  await alive(page)

  await logIn(page, 'bob@example.com', 'wrong horse battery')
  await expect(problem(page)).toContainText('not right')
  await expect(page.getByRole('button', { name: auth.logIn.submit, exact: true }), 'the keyboard goes on from here').toBeFocused()
  await expect(page.getByLabel(auth.email)).toHaveValue('bob@example.com')
  await expect(page.getByLabel(auth.password, { exact: true }), 'a typing error can be mended').toHaveValue('wrong horse battery')
  await page.getByRole('button', { name: auth.showPassword }).click()
  await expect(page.getByLabel(auth.password, { exact: true })).toHaveAttribute('type', 'text')
  await logIn(page, 'bob@example.com')
  await expect(page).toHaveURL('/')
})

test('forms say what is wrong before anything is sent', async ({ chatly }) => {
  const { server } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, null, '/signup')
  await expect(page.getByLabel(auth.name), 'one can begin to type').toBeFocused()
  await page.getByLabel(auth.name).blur()
  await page.getByRole('button', { name: auth.signUp.submit }).click()
  await expect(page.getByLabel(auth.name)).toBeFocused()
  await expect(page.getByLabel(auth.email)).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel(auth.password, { exact: true })).toHaveAttribute('aria-invalid', 'true')
})

for (const remember of [true, false]) {
  test(`"Remember me" ${remember ? 'outlives' : 'ends with'} the browser`, async ({ chatly }) => {
    const { server, people } = await chatly.start({ people: ['Ada'] })
    const page = await chatly.open(server, null, '/login')
    const box = page.getByRole('checkbox', { name: auth.remember })
    await box.setChecked(remember)
    await logIn(page, people.Ada.email)
    await expect(page).toHaveURL('/')

    const cookie = (await page.context().cookies()).find(({ name }) => name === 'chatly_session')
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false })
    const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400
    if (remember) expect(days).toBeCloseTo(30, 1)
    else expect(cookie?.expires, 'a cookie of the session').toBe(-1)
  })
}

test('pages are guarded, and signing in leads back to the link', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, null, '/settings/profile')
  await expect(page).toHaveURL(/\/login\?next=/)

  await page.goto('/rooms/lobby')
  await expect(page).toHaveURL(/\/login\?next=/)
  await alive(page)
  await page.getByRole('link', { name: auth.logIn.otherLink }).click()
  await expect(heading(page, auth.signUp.title)).toBeVisible()
  await page.getByRole('link', { name: auth.signUp.otherLink }).click()
  // Both forms ask for an e-mail and a password: not into the one that is about to go.
  await expect(heading(page, auth.logIn.title)).toBeVisible()
  await logIn(page, people.Ada.email)
  await expect(page).toHaveURL('/rooms/lobby')
  await expect(heading(page, 'Lobby')).toBeVisible()

  await page.goto('/login')
  await expect(page, 'who is signed in has no business there').toHaveURL('/')
  await page.goto('/login?next=//elsewhere.example')
  await expect(page, 'only a path of this site is followed').toHaveURL('/')
})

test('a forgotten password is set anew with a link, once', async ({ chatly }) => {
  chatly.allow(/password\/reset.*403|status of 403/)
  const { server } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, null, '/login')
  await page.getByRole('link', { name: auth.forgotLink }).click()
  await expect(heading(page, auth.forgot.sentNoMail.title), 'this site sends no mail').toBeVisible()

  await page.goto('/reset/forged')
  await alive(page)
  await page.getByLabel(auth.newPassword).fill(password)
  await page.getByRole('button', { name: auth.reset.submit }).click()
  await expect(problem(page)).not.toBeEmpty()
})

test('a page that is not there says so', async ({ chatly }) => {
  chatly.allow(/404/)
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, people.Ada, '/nowhere')
  await expect(heading(page, en.error.notFound.title)).toBeVisible()
  await page.getByRole('button', { name: en.error.home }).click()
  await expect(heading(page, rooms.title)).toBeVisible()
})
