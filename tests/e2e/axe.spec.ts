import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from '@playwright/test'
import { alive, expect, test, type Chatly } from '../support/browser'
import { act, composer, problem, row } from '../support/conversation'
import { freePort } from '../support/redis'
import { seedMessages } from '../support/seed'
import { api } from '../support/server'
import { roomPasswordTiers } from '../../shared/limits'
import { en } from '../../locales/en'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { app, invites, message, moderation, people: peopleTexts, reports, room, roomSettings, rooms, settings } = en
const schemes = ['light', 'dark'] as const

/**
 * Names and descriptions that are said to be somewhere, and are not: what the server rendered and what the browser made have to fit together. (Reka says of
 * a group to choose from that it has a heading, and of a dialog that it has a description, also where there is none.)
 */
const dangling = (page: Page) => page.evaluate(() => ['aria-labelledby', 'aria-describedby', 'for'].flatMap(name => [...document.querySelectorAll(`[${name}]:not([${name}^=reka-select-group], [${name}^=reka-dialog-description])`)].flatMap(element =>
  element.getAttribute(name)!.split(/\s+/).filter(id => id !== '' && !document.getElementById(id)).map(id => `${name}=${id}: ${element.outerHTML.slice(0, 200)}`))))

/** Rules that do not hold over the page: a menu stands at its end, beside all landmarks, as a dialog does. It has the focus, and gives it back. */
const overMenu = ['region']
/** A list to choose from also keeps the focus inside, which axe does not see, and hides the rest of the page for as long, with its landmark and its heading. */
const overList = [...overMenu, 'aria-hidden-focus', 'landmark-one-main', 'page-has-heading-one']

/** Checks what is on the screen, `without` some rules, of whatever impact: in light everything, in dark what depends on it, the contrast. */
async function check(page: Page, what: string, without: string[] = []): Promise<void> {
  // Before, nothing follows a change of the scheme.
  await alive(page)
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveClass(new RegExp(scheme))
    // Colours that are still on their way are none that anybody reads.
    await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(animation => animation.finished.catch(() => {}))))
    if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(source)
    const options: RunOptions = { resultTypes: ['violations'], ...scheme === 'dark' && { runOnly: ['color-contrast'] } }
    const { violations } = await page.evaluate(options => (Reflect.get(window, 'axe') as { run: (options: RunOptions) => Promise<AxeResults> }).run(options), options)
    const wrong = violations.filter(({ id }) => !without.includes(id))
    expect.soft(wrong.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(node => `${node.target.join(' ')}: ${node.html.slice(0, 200)}`) })), `${what}, ${scheme}`).toEqual([])
  }
  expect.soft(await dangling(page), what).toEqual([])
}

const start = (chatly: Chatly) => chatly.start({
  people: ['Ada', 'Bob'],
  seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [
    { author: people.Bob.id, text: 'Hello https://example.com with `code`\n```\na block\n```' }, { author: people.Ada.id, text: 'Hi there' }, { author: people.Bob.id, text: 'And more' }
  ])
})

test('set-up', async ({ chatly }) => {
  const { server } = await chatly.start({ people: [] })
  await check(await chatly.open(server, null, '/setup'), 'set-up')
  await check(await chatly.open(server, null, `http://chat.lan:${server.port}/setup`), 'set-up without the link')
})

test('signing in and its relatives', async ({ chatly }) => {
  chatly.allow(/404/)
  const { server } = await start(chatly)
  const page = await chatly.open(server, null, '/login')
  await check(page, 'log-in')
  await page.getByRole('button', { name: en.auth.logIn.submit, exact: true }).click()
  await check(page, 'log-in with errors')
  for (const path of ['/signup', '/forgot', '/reset/x', '/setup', '/nowhere']) {
    await page.goto(path)
    await alive(page)
    await check(page, path)
  }
})

test('rooms', async ({ chatly }) => {
  const { server, people } = await start(chatly)
  const page = await chatly.open(server, people.Bob, '/')
  await check(page, 'rooms')
  await page.getByRole('button', { name: rooms.create }).click()
  await page.getByRole('dialog').getByRole('radio', { name: rooms.visibilities.private.label }).click()
  await check(page, 'new room')
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: rooms.sort }).click()
  await expect(page.getByRole('option').first()).toBeVisible()
  await check(page, 'sort', overList)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: app.account('Bob') }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  await check(page, 'account menu', overMenu)
  await page.goto('/?search=nothing')
  await expect(page.getByText(rooms.nothingFound.title)).toBeVisible()
  await check(page, 'nothing found')
})

test('a room', async ({ chatly, isMobile }) => {
  const { server, people } = await start(chatly)
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await expect(row(page, 'And more')).toBeVisible()
  await composer(page).fill('x'.repeat(3_900))
  await check(page, 'a conversation, much written')
  await composer(page).fill('')
  if (!isMobile) {
    await row(page, 'Hi there').hover()
    await check(page, 'a message\'s toolbar')
    await row(page, 'Hi there').getByRole('toolbar').getByRole('button', { name: message.react }).click()
    await expect(page.getByRole('group', { name: message.emoji })).toBeVisible()
    await check(page, 'emoji')
    await page.keyboard.press('Escape')
  } else {
    await page.getByRole('button', { name: room.showPeople }).click()
    await expect(page.getByRole('dialog').getByText(peopleTexts.online(1))).toBeVisible()
    await check(page, 'people')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.getByRole('button', { name: room.openRooms }).click()
    await expect(page.getByRole('dialog', { name: app.rooms })).toBeVisible()
    await check(page, 'rooms over the conversation')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
  for (const item of [room.remove]) {
    await page.getByRole('button', { name: room.menu }).click()
    await expect(page.getByRole('menu', { name: room.menu })).toBeVisible()
    await page.getByRole('menuitem', { name: item }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await check(page, item)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
})

test('a room that is not there, and one without messages', async ({ chatly }) => {
  chatly.allow(/404/)
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await check(page, 'an empty room')
  await page.goto('/rooms/nowhere')
  await alive(page)
  await check(page, 'no such room')
})

test('the settings', async ({ chatly }) => {
  const { server, people } = await start(chatly)
  const page = await chatly.open(server, people.Ada, '/settings')
  await check(page, 'settings')
  for (const part of ['profile', 'password', 'appearance', 'sessions', 'account']) {
    await page.goto(`/settings/${part}`)
    await alive(page)
    await check(page, part)
  }
  await page.getByRole('button', { name: settings.remove.open }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await check(page, 'delete account')
})

/** A room with a password, a guest, an invite, a reported message, somebody muted and somebody banned. */
async function startPrivate(chatly: Chatly) {
  const started = await chatly.start({
    people: ['Ada', 'Bob', 'Cid'], env: { CHATLY_PUBLIC: 'true' },
    seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [{ author: people.Cid.id, text: 'Buy watches' }, { author: people.Bob.id, text: 'No' }])
  })
  const { server, people: { Ada, Bob, Cid }, lobby } = started
  const get = async <T>(answer: Promise<Response>) => await (await answer).json() as T
  const den = await get<{ id: string }>(api(server, Ada, 'POST', '/api/rooms', { name: 'Den', topic: 'Foxes only', visibility: 'private', password: 'vixen' }))
  const { code } = await get<{ code: string }>(api(server, Ada, 'POST', `/api/rooms/${den.id}/invites`, { role: 'guest' }))
  const page = await get<{ messages: { id: string, text: string }[] }>(api(server, Bob, 'GET', `/api/rooms/${lobby.id}/messages`))
  const reported = page.messages.find(({ text }) => text === 'Buy watches')
  await api(server, Bob, 'POST', `/api/rooms/${lobby.id}/reports`, { message: reported?.id, reason: 'Advertising' })
  await api(server, Ada, 'PATCH', `/api/rooms/${lobby.id}/members/${Bob.id}`, { muteSeconds: 3_600 })
  await api(server, Ada, 'DELETE', `/api/rooms/${lobby.id}/members/${Cid.id}?ban=true`)
  return { ...started, code, den: den.id }
}

test('the door of a room, an invite, and a mute', async ({ chatly }) => {
  chatly.allow(/403|429/)
  const { server, people, code, den } = await startPrivate(chatly)
  const bob = await chatly.open(server, people.Bob, '/rooms/den')
  await bob.getByLabel(room.door.password, { exact: true }).fill('wolf')
  await bob.getByRole('button', { name: room.door.submit }).click()
  await expect(problem(bob)).not.toBeEmpty()
  await check(bob, 'a closed door')
  for (let n = 0; n < roomPasswordTiers.user[1].points; n++) await api(server, people.Bob, 'POST', `/api/rooms/${den}/join`, { password: 'wolf' })
  await bob.getByLabel(room.door.password, { exact: true }).fill('wolf')
  await bob.getByRole('button', { name: room.door.submit }).click()
  await expect(bob.getByRole('timer')).toBeVisible()
  await check(bob, 'a door that lets wait')
  await bob.goto(`/invite/${code}`)
  await expect(bob.getByRole('button', { name: invites.preview.join })).toBeVisible()
  await check(bob, 'an invite, signed in')
  await bob.goto('/rooms/lobby')
  await expect(bob.getByText(room.muted)).toBeVisible()
  await check(bob, 'muted')
})

test('a visitor, an invite, and who comes in by it', async ({ chatly }) => {
  chatly.allow(/404/)
  const { server, code } = await startPrivate(chatly)
  const visitor = await chatly.open(server, null, '/rooms/lobby')
  await check(visitor, 'a room as a visitor sees it')
  await visitor.goto('/invite/AAAAAAAAAAAAAAAAAAAAAAAA')
  await expect(visitor.getByRole('heading', { name: invites.preview.invalid.title })).toBeVisible()
  await check(visitor, 'an invite that is not valid')
  await visitor.goto(`/invite/${code}`)
  await visitor.getByLabel(invites.preview.guestName).fill('Gil')
  await check(visitor, 'an invite')
  await visitor.getByRole('button', { name: invites.preview.asGuest }).click()
  await expect(composer(visitor, 'Den')).toBeVisible()
  await visitor.goto('/')
  await alive(visitor)
  await check(visitor, 'a guest\'s rooms')
  await visitor.goto('/signup')
  await alive(visitor)
  await check(visitor, 'a guest\'s sign-up')
})

test('no longer in a room, in each way', async ({ chatly }) => {
  chatly.allow(/403/)
  const { server, people } = await start(chatly)
  const make = async (name: string, more = {}) => await (await api(server, people.Ada, 'POST', '/api/rooms', { name, ...more })).json() as { id: string }
  const [open, quiet, den] = [await make('Open'), await make('Quiet'), await make('Den', { visibility: 'private', password: 'vixen' })]
  for (const { id } of [open, quiet, den]) await api(server, people.Bob, 'POST', `/api/rooms/${id}/join`, { password: 'vixen' })
  const bob = await chatly.open(server, people.Bob, '/rooms/den')
  await composer(bob, 'Den').fill('I was about to say')
  for (const { id } of [open, den]) await api(server, people.Ada, 'DELETE', `/api/rooms/${id}/members/${people.Bob.id}`)
  await api(server, people.Ada, 'DELETE', `/api/rooms/${quiet.id}/members/${people.Bob.id}?ban=true`)
  await expect(bob.getByRole('textbox', { name: room.unsent })).toHaveValue('I was about to say')
  await check(bob, 'removed from a private room')
  for (const [slug, said] of [['den', room.door.lost], ['open', room.lost.back], ['quiet', room.lost.title]] as const) {
    await bob.goto(`/rooms/${slug}`)
    await alive(bob)
    await expect(bob.getByText(said), 'the page says so from the beginning').toBeVisible()
    await check(bob, `no longer in ${slug}`)
  }
})

test('mail and Google', async ({ chatly }) => {
  const port = await freePort()
  const { server, people } = await chatly.start({
    people: ['Ada', 'Bob'],
    seed: async (storage, { people }) => { await storage.addCredential(people.Bob.id, { kind: 'google', subject: 'google-bob', secretHash: '', verifiedAt: Date.now() }) },
    env: { PORT: String(port), CHATLY_ORIGIN: `http://127.0.0.1:${port}`, SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'chat@example.org', GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' }
  })
  const page = await chatly.open(server, people.Bob, '/settings/profile')
  await expect(page.getByText(settings.profile.unverified)).toBeVisible()
  await check(page, 'an address that is not confirmed')
  await page.goto('/settings/account?google=done')
  await expect(page.getByText(settings.remove.googleDone)).toBeVisible()
  await check(page, 'deleting an account after signing in with Google')
  await page.goto('/settings/account?problem=google-other')
  await alive(page)
  await page.getByRole('button', { name: settings.remove.open }).click()
  await expect(page.getByRole('link', { name: settings.remove.google })).toBeVisible()
  await check(page, 'deleting an account')
  const other = await chatly.open(server, people.Ada, '/settings/account')
  await other.getByRole('button', { name: settings.remove.open }).click()
  await expect(other.getByLabel(settings.remove.password, { exact: true })).toBeVisible()
  await expect(other.getByRole('link', { name: settings.remove.google }), 'not for who never signed in with Google').toBeHidden()
  const visitor = await chatly.open(server, null, '/login')
  await expect(visitor.getByRole('link', { name: en.auth.google })).toBeVisible()
  await check(visitor, 'log-in with Google')
  await visitor.goto('/forgot')
  await alive(visitor)
  await visitor.getByLabel(en.auth.email).fill('bob@example.com')
  await check(visitor, 'forgot')
})

test('a link that confirms nothing, and slow mode', async ({ chatly }) => {
  chatly.allow(/403/)
  const { server, people, lobby } = await start(chatly)
  const page = await chatly.open(server, people.Bob, '/verify/x')
  await page.getByRole('button', { name: en.auth.verify.submit }).click()
  await expect(page.getByRole('link', { name: en.auth.verify.settings })).toBeVisible()
  await check(page, 'a link that confirms nothing')
  await api(server, people.Ada, 'PATCH', `/api/rooms/${lobby.id}`, { slowModeSeconds: 60 })
  await page.goto('/rooms/lobby')
  await composer(page).fill('Soon')
  await expect(page.getByText(room.slowMode(app.span(60)))).toBeVisible()
  await check(page, 'slow mode')
})

test('running a room', async ({ chatly, isMobile }) => {
  const { server, people } = await startPrivate(chatly)
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await ada.getByRole('button', { name: room.menu }).click()
  await ada.getByRole('menuitem', { name: room.settings }).click()
  for (const part of ['general', 'access', 'conversation', 'invites', 'bans', 'reports', 'history'] as const) {
    await ada.getByRole('tab', { name: roomSettings[part] }).click()
    const panel = ada.getByRole('tabpanel', { name: roomSettings[part] })
    await expect(panel).toBeVisible()
    await expect(panel.getByRole('status', { name: app.loading })).toHaveCount(0)
    await check(ada, `room settings, ${part}`)
  }
  await ada.keyboard.press('Escape')
  await expect(ada.getByRole('dialog')).toHaveCount(0)
  await expect(ada.getByRole('button', { name: room.menu }), 'the focus is back where it came from').toBeFocused()
  if (isMobile) await ada.getByRole('button', { name: room.showPeople }).click()
  await ada.getByRole('button', { name: moderation.actions('Bob') }).filter({ visible: true }).click()
  await expect(ada.getByRole('menu')).toBeVisible()
  await check(ada, 'what to do with somebody', overMenu)
  await ada.getByRole('menuitem', { name: moderation.ban }).click()
  await expect(ada.getByRole('dialog', { name: moderation.banAsk.title('Bob') })).toBeVisible()
  await check(ada, 'ban?')
  await ada.keyboard.press('Escape')
  await expect(ada.getByRole('dialog', { name: moderation.banAsk.title('Bob') })).toHaveCount(0)
  if (isMobile) {
    // The list of people over the conversation.
    await ada.keyboard.press('Escape')
    await expect(ada.getByRole('dialog')).toHaveCount(0)
  }
  await act(ada, row(ada, 'Buy watches'), 'report', isMobile)
  await expect(ada.getByRole('dialog', { name: reports.title })).toBeVisible()
  await check(ada, 'report')
})

test('the administration', async ({ chatly }) => {
  const { server, people } = await startPrivate(chatly)
  const ada = await chatly.open(server, people.Ada, '/admin')
  for (const part of ['', '/people', '/rooms', '/reports', '/site', '/history']) {
    await ada.goto(`/admin${part}`)
    await alive(ada)
    await expect(ada.getByRole('status', { name: /Loading/ })).toHaveCount(0)
    await check(ada, `/admin${part}`)
  }
  await ada.goto('/admin/reports')
  await alive(ada)
  await ada.getByRole('link', { name: reports.show }).click()
  await expect(row(ada, 'Buy watches')).toBeVisible()
  await ada.goto('/admin/people')
  await ada.getByRole('button', { name: en.admin.people.actions('Bob') }).click()
  await ada.getByRole('menuitem', { name: en.admin.people.resetLink }).click()
  await expect(ada.getByRole('textbox', { name: en.admin.people.reset.label })).toBeVisible()
  await check(ada, 'a link for a new password')
})
