import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { alive, expect, test as base } from '../support/browser'
import { heading, problem } from '../support/conversation'
import { startAuthEmulator, type AuthEmulator } from '../support/firebase'
import { gapiScript } from '../support/gapi'
import { tempFolder } from '../support/server'
import { en } from '../../locales/en'

const { app, auth, rooms, settings } = en
const password = 'correct horse battery'

/** One emulator for all of them: people are told apart by their addresses. */
const test = base.extend<object, { emulator: AuthEmulator }>({
  emulator: [async ({ browserName: _ }, use) => {
    const emulator = await startAuthEmulator()
    await use(emulator)
    await emulator.close()
  }, { scope: 'worker', timeout: 120_000 }]
})
// In one worker, so that there is one emulator.
test.describe.configure({ mode: 'default' })

const expected = /accounts:(signUp|signInWithPassword)|Failed to load resource|vite-preload/

async function fill(page: Page, email: string, secret = password, name?: string) {
  if (name) await page.getByLabel(auth.name).fill(name)
  await page.getByLabel(auth.email).fill(email)
  await page.getByLabel(auth.password, { exact: true }).fill(secret)
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const me = async (page: Page) => ((await (await page.request.get('/api/auth/session')).json()) as { me: { name: string, email: string, admin: boolean } | null }).me
/** Google's script, which is not to be had here, and what the emulator's page would like to look prettier by. */
async function withGapi(context: BrowserContext) {
  await context.route('https://apis.google.com/**', route => route.fulfill({ contentType: 'text/javascript', body: gapiScript }))
  await context.route(/^https:\/\/(?:fonts\.googleapis\.com|unpkg\.com)\//, route => route.fulfill({ body: '', contentType: route.request().resourceType() === 'script' ? 'text/javascript' : 'text/css' }))
}

/** On the emulator's page that stands for Google's. */
async function chooseGoogleAccount(page: Page, email: string) {
  await page.locator('.js-new-account').click()
  await page.locator('#email-input').fill(email)
  await page.locator('#sign-in').click()
}

test('a site is set up, signed up to, and signed in to, all with accounts of Firebase', async ({ chatly, emulator }) => {
  chatly.allow(expected)
  const { server } = await chatly.start({ people: [], env: emulator.env })
  const page = await chatly.open(server, null, '/')
  await expect(page).toHaveURL('/setup')
  await fill(page, 'ada@e2e.example', password, 'Ada')
  await press(page, auth.setUp.submit)
  await expect(page).toHaveURL('/rooms/lobby')
  expect(await me(page)).toMatchObject({ name: 'Ada', admin: true, email: 'ada@e2e.example' })

  const second = await chatly.open(server, null, '/rooms/lobby')
  await expect(second, 'a stranger is sent to sign in').toHaveURL('/login?next=/rooms/lobby')
  await second.goto('/signup?next=/rooms/lobby')
  await alive(second)
  await fill(second, 'ada@e2e.example', 'some other horse', 'Bob')
  await press(second, auth.signUp.submit)
  await expect(problem(second)).toContainText(auth.firebase.taken)
  await fill(second, 'bob@e2e.example', password, 'Bob')
  await press(second, auth.signUp.submit)
  await expect(second).toHaveURL('/rooms/lobby')
  await expect(heading(second, 'Lobby')).toBeVisible()
  expect(await emulator.mails('bob@e2e.example')).toMatchObject([{ requestType: 'VERIFY_EMAIL' }])

  await press(second, app.account('Bob'))
  await second.getByRole('menuitem', { name: app.signOut }).click()
  await expect(second).toHaveURL('/login')
  await alive(second)
  await fill(second, 'bob@e2e.example', 'wrong horse battery')
  await press(second, auth.logIn.submit)
  await expect(problem(second)).toContainText(auth.firebase.wrong)
  await second.getByLabel(auth.password, { exact: true }).fill(password)
  await press(second, auth.logIn.submit)
  await expect(second).toHaveURL('/')
  await second.goto('/login')
  await expect(second, 'who is signed in has nothing to do there').toHaveURL('/')

  const third = await chatly.open(server, null, '/forgot')
  await askForPassword(third, 'bob@e2e.example')
  await expect(heading(third, auth.forgot.sentElsewhere.title)).toBeVisible()
  expect(await emulator.mails('bob@e2e.example')).toMatchObject([{}, { requestType: 'PASSWORD_RESET' }])
})

async function askForPassword(page: Page, email: string) {
  await page.getByLabel(auth.email).fill(email)
  await press(page, auth.forgot.submit)
}

test('the links in mails of Firebase lead to pages of ours, and each works once', async ({ chatly, emulator }) => {
  chatly.allow(/accounts:(resetPassword|update|signInWithPassword)|Failed to load resource/)
  const { server } = await chatly.start({ people: ['Admin'], env: emulator.env })
  const page = await chatly.open(server, null, '/signup')
  await fill(page, 'lin@e2e.example', password, 'Lin')
  await press(page, auth.signUp.submit)
  await expect(page).toHaveURL('/')
  const link = async (kind: string) => {
    const mail = (await emulator.mails('lin@e2e.example')).findLast(({ requestType }) => requestType === kind)
    return `/auth/action${new URL(mail!.oobLink).search}`
  }

  // Whoever reads the mail elsewhere is not signed in there.
  const reader = await chatly.open(server, null, await link('VERIFY_EMAIL'))
  await alive(reader)
  await press(reader, auth.verify.submit)
  await expect(heading(reader, auth.verify.done.title)).toBeVisible()
  expect(await emulator.find('lin@e2e.example')).toMatchObject({ emailVerified: true })

  await reader.goto('/forgot')
  await alive(reader)
  await askForPassword(reader, 'lin@e2e.example')
  await expect(heading(reader, auth.forgot.sentElsewhere.title)).toBeVisible()
  const reset = await link('PASSWORD_RESET')
  const choose = async (secret: string) => {
    await reader.goto(reset)
    await alive(reader)
    await reader.getByLabel(auth.newPassword, { exact: true }).fill(secret)
    await press(reader, auth.reset.submit)
  }
  await choose('another horse battery')
  await expect(heading(reader, auth.reset.done.title)).toBeVisible()
  await emulator.signIn('lin@e2e.example', 'another horse battery')
  await choose('a third horse battery')
  await expect(problem(reader)).toContainText(auth.firebase.link)
  await expect(reader.getByLabel(auth.newPassword, { exact: true }), 'what was typed stays').toHaveValue('a third horse battery')

  for (const query of ['', '?mode=resetPassword', '?mode=constructor&oobCode=x']) expect((await reader.request.get(`/auth/action${query}`)).status()).toBe(404)
})

test('Google signs people in, in a window of its own', async ({ chatly, emulator }) => {
  const { server } = await chatly.start({ people: ['Admin'], env: emulator.env })
  const page = await chatly.open(server, null, '/login?next=/rooms/lobby')
  await withGapi(page.context())
  const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, auth.google)])
  await chooseGoogleAccount(popup, 'gwen@e2e.example')
  await expect(page).toHaveURL('/rooms/lobby')
  expect(await me(page)).toMatchObject({ email: 'gwen@e2e.example', admin: false })
})

test('Google signs people in by another page where no window opens', async ({ chatly, emulator }) => {
  const { server } = await chatly.start({ people: ['Admin'], env: emulator.env })
  const page = await chatly.open(server, null, '/login?next=/rooms/lobby')
  await withGapi(page.context())
  await page.evaluate(() => { window.open = () => null })
  await press(page, auth.google)
  await chooseGoogleAccount(page, 'gil@e2e.example')
  await expect(page).toHaveURL('/rooms/lobby')
  expect(await me(page)).toMatchObject({ email: 'gil@e2e.example' })
})

test('"Remember me" outlives the browser, and nothing does without it', async ({ chatly, emulator }, { project }) => {
  const { server } = await chatly.start({ people: ['Admin'], env: emulator.env })
  for (const remember of [true, false]) {
    const { folder, remove } = await tempFolder()
    const start = () => chromium.launchPersistentContext(folder, { ...project.use.launchOptions, baseURL: server.url })
    const name = remember ? 'stay' : 'leave'
    await emulator.signUp(`${name}@e2e.example`)
    const before = await start()
    const page = before.pages()[0] ?? await before.newPage()
    await page.goto('/login')
    await alive(page)
    await fill(page, `${name}@e2e.example`)
    const box = page.getByLabel(auth.remember)
    if (!remember) await box.click()
    await press(page, auth.logIn.submit)
    await expect(page).toHaveURL('/')
    await before.close()

    const after = await start()
    const again = after.pages()[0] ?? await after.newPage()
    await again.goto('/')
    if (remember) await expect(heading(again, rooms.title)).toBeVisible()
    else await expect(again).toHaveURL('/login')
    await after.close()
    await remove()
  }
})

test('a password is changed, and an account deleted, there and here', async ({ chatly, emulator }) => {
  const { server } = await chatly.start({ people: ['Admin'], env: emulator.env })
  const page = await chatly.open(server, null, '/signup')
  await fill(page, 'del@e2e.example', password, 'Del')
  await press(page, auth.signUp.submit)
  await expect(page).toHaveURL('/')
  await page.goto('/settings/password')
  await alive(page)
  await page.getByLabel(settings.password.current, { exact: true }).fill(password)
  await page.getByLabel(settings.password.next, { exact: true }).fill('another horse battery')
  await press(page, settings.password.submit)
  await expect(page.getByText(settings.password.saved, { exact: true })).toBeVisible()
  await emulator.signIn('del@e2e.example', 'another horse battery')

  await page.goto('/settings/account')
  await alive(page)
  await press(page, settings.remove.open)
  await page.getByLabel(settings.remove.password).fill('another horse battery')
  await page.getByLabel(settings.remove.confirm).click()
  await press(page, settings.remove.submit)
  await expect(page).toHaveURL('/login')
  expect(await emulator.find('del@e2e.example')).toBeNull()
})

test('a page of a site that keeps its accounts itself has nothing of Firebase in it', async ({ chatly }) => {
  const { server } = await chatly.start({ people: ['Admin'] })
  const page = await chatly.open(server, null, '/login')
  const scripts = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name).filter(name => /\.js(\?|$)/.test(name)))
  expect(scripts.length).toBeGreaterThan(2)
  const texts = await Promise.all(scripts.map(async script => (await page.request.get(script)).text()))
  expect(scripts.filter((_, index) => texts[index]?.includes('identitytoolkit'))).toEqual([])
  expect(await (await page.request.get('/login')).text()).not.toMatch(/identitytoolkit|googleapis/)
})
