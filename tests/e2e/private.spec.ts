import type { Page } from '@playwright/test'
import { alive, expect, test } from '../support/browser'
import { act, composer, heading, problem, row, say, sent } from '../support/conversation'
import { password as accountPassword } from '../support/seed'
import { api, type TestPerson, type TestServer } from '../support/server'
import { roomPasswordTiers } from '../../shared/limits'
import { en } from '../../locales/en'

const { app, auth, composer: composerTexts, invites, message, moderation, people: peopleTexts, room, roomSettings, rooms } = en
const names = ['Ada', 'Bob'] as const

async function openSettings(page: Page, part: string) {
  await page.getByRole('button', { name: room.menu }).click()
  await page.getByRole('menuitem', { name: room.settings }).click()
  await page.getByRole('tab', { name: part }).click()
  return page.getByRole('dialog', { name: roomSettings.title })
}

/** A private room of `owner`'s, without going through the screens for it. */
async function makeRoom(server: TestServer, owner: TestPerson, name: string): Promise<{ id: string, slug: string }> {
  return await (await api(server, owner, 'POST', '/api/rooms', { name, visibility: 'private' })).json() as { id: string, slug: string }
}

test('a password room, from closed to member, and closed again by a new password', async ({ chatly }) => {
  chatly.allow(/403/)
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/')
  await ada.getByRole('button', { name: rooms.create }).click()
  const making = ada.getByRole('dialog', { name: rooms.createTitle })
  await making.getByLabel(rooms.name, { exact: true }).fill('Den')
  await making.getByLabel(rooms.topic).fill('Foxes only')
  await making.getByRole('radio', { name: rooms.visibilities.private.label }).click()
  await making.getByLabel(rooms.passwordOptional).fill('vixen')
  await making.getByRole('button', { name: rooms.createSubmit }).click()
  await say(ada, 'Nobody hears this', 'Den')
  await sent(ada, 'Nobody hears this')

  const bob = await chatly.open(server, people.Bob, '/')
  const card = bob.getByRole('article').filter({ has: bob.getByRole('link', { name: 'Den', exact: true }) })
  await expect(card.getByRole('img', { name: rooms.private })).toBeVisible()
  await card.getByRole('link').click()
  await expect(heading(bob, 'Den')).toBeVisible()
  expect(await (await bob.request.get('/rooms/den')).text(), 'a closed door tells nothing').not.toMatch(/Nobody hears this|Foxes only/)
  const field = bob.getByLabel(room.door.password, { exact: true })
  const enter = async (word: string) => {
    await field.fill(word)
    await bob.getByRole('button', { name: room.door.submit }).click()
  }
  await enter('wolf')
  await expect(problem(bob)).not.toBeEmpty()
  await enter('vixen')
  await sent(bob, 'Nobody hears this')
  await say(bob, 'Now I do', 'Den')
  await sent(ada, 'Now I do')

  const settings = await openSettings(ada, roomSettings.access)
  await settings.getByLabel(roomSettings.passwordNew).fill('badger')
  await expect(settings.getByText(roomSettings.passwordEffect)).toBeVisible()
  await settings.getByRole('button', { name: roomSettings.changePassword }).click()
  await expect(field, 'who came by the password is out').toBeVisible()
  await ada.keyboard.press('Escape')
  await expect(ada.getByRole('complementary', { name: peopleTexts.title }).getByRole('button', { name: moderation.actions('Bob') }), 'and gone for those inside').toHaveCount(0)
  const { id } = await (await api(server, people.Ada, 'GET', '/api/rooms/~den')).json() as { id: string }
  for (const password of [null, 'badger']) {
    await api(server, people.Ada, 'PATCH', `/api/rooms/${id}`, { password })
    await bob.evaluate(() => window.dispatchEvent(new Event('focus')))
    await expect(field, 'the door is looked at again when one comes back to it').toBeVisible({ visible: password !== null })
  }
  expect(await bob.content()).not.toMatch(/Nobody hears this|Foxes only/)
  await enter('badger')
  await sent(bob, 'Now I do')
})

test('the door says how long one waits after too many tries, and takes none meanwhile', async ({ chatly }) => {
  chatly.allow(/403|429/)
  const { server, people } = await chatly.start({ people: names })
  const { id } = await (await api(server, people.Ada, 'POST', '/api/rooms', { name: 'Den', visibility: 'private', password: 'vixen' })).json() as { id: string }
  const bob = await chatly.open(server, people.Bob, '/rooms/den')
  // Past the first wait, which is half a minute and may be over before a slow machine gets here, to the next.
  for (let n = 0; n < roomPasswordTiers.user[1].points; n++) await api(server, people.Bob, 'POST', `/api/rooms/${id}/join`, { password: 'wolf' })
  const field = bob.getByLabel(room.door.password, { exact: true })
  await field.fill('wolf')
  await field.press('Enter')
  await expect(bob.getByRole('alert').filter({ hasText: room.door.wait }).getByRole('timer')).toHaveText(/^[1-9]:\d\d$/)
  await expect(bob.getByRole('button', { name: room.door.submit })).toBeDisabled()
  await expect(field, 'what was typed was not wrong').toHaveValue('wolf')
  let tries = 0
  bob.on('request', (request) => { if (request.url().endsWith('/join')) tries++ })
  await field.press('Enter')
  await bob.getByRole('button', { name: room.door.submit }).click({ force: true })
  await expect(bob.getByRole('timer')).toBeVisible()
  expect(tries).toBe(0)
})

test('somebody is removed while they are typing', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const den = await makeRoom(server, people.Ada, 'Den')
  const { code } = await (await api(server, people.Ada, 'POST', `/api/rooms/${den.id}/invites`, { role: 'member' })).json() as { code: string }
  const ada = await chatly.open(server, people.Ada, '/rooms/den')
  await say(ada, 'Come in', 'Den')
  const bob = await chatly.open(server, people.Bob, `/invite/${code}`)
  await expect(heading(bob, invites.preview.heading('Den'))).toBeVisible()
  await bob.getByRole('button', { name: invites.preview.join }).click()
  await sent(bob, 'Come in')
  await composer(bob, 'Den').pressSequentially('I just wanted to sa')
  await expect(ada.getByText(message.typing(['Bob']))).toBeVisible()

  await ada.getByRole('button', { name: moderation.actions('Bob') }).click()
  await ada.getByRole('menuitem', { name: moderation.remove }).click()
  await ada.getByRole('dialog', { name: moderation.removeAsk.title('Bob') }).getByRole('button', { name: moderation.removeAsk.confirm }).click()
  await expect(bob.getByText(room.door.byInvite), 'the conversation gives way to the door').toBeVisible()
  await expect(composer(bob, 'Den')).toHaveCount(0)
  expect(await bob.content()).not.toContain('Come in')
  await expect(ada.getByText(room.notes.removed('Bob', 'Ada'))).toBeVisible()
  await expect(ada.getByRole('button', { name: moderation.actions('Bob') })).toHaveCount(0)

  await bob.goto(`/invite/${code}`)
  await alive(bob)
  await bob.getByRole('button', { name: invites.preview.join }).click()
  await expect(composer(bob, 'Den'), 'what was being written is still there').toHaveValue('I just wanted to sa')
})

test('the menu on somebody stays open when they come and go', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada', 'Bob'] })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const list = ada.getByRole('complementary', { name: peopleTexts.title })
  await list.getByRole('button', { name: moderation.actions('Bob') }).click()
  await expect(ada.getByRole('menuitem', { name: moderation.remove })).toBeVisible()
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await expect(list.getByText(peopleTexts.online(2))).toBeVisible()
  await expect(ada.getByRole('menuitem', { name: moderation.remove })).toBeVisible()
  await bob.close()
  await expect(list.getByText(peopleTexts.online(1))).toBeVisible()
  await ada.getByRole('menuitem', { name: moderation.remove }).click()
  await expect(ada.getByRole('dialog', { name: moderation.removeAsk.title('Bob') })).toBeVisible()
})

test('who becomes a moderator sees who is muted; who is one no more is led out of the settings', async ({ chatly }) => {
  const { server, people, lobby } = await chatly.start({ people: [...names, 'Cat'] })
  const change = (person: 'Bob' | 'Cat', body: unknown) => api(server, people.Ada, 'PATCH', `/api/rooms/${lobby.id}/members/${people[person].id}`, body)
  await change('Cat', { muteSeconds: 3_600 })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  const list = bob.getByRole('complementary', { name: peopleTexts.title })
  await expect(list.getByText('Cat')).toBeVisible()
  await expect(list.getByRole('img', { name: moderation.mutedUntil('') })).toHaveCount(0)
  await change('Bob', { role: 'moderator' })
  await expect(list.getByRole('img', { name: moderation.mutedUntil('') })).toBeVisible()
  await list.getByRole('button', { name: moderation.actions('Cat') }).click()
  await expect(bob.getByRole('menuitem', { name: moderation.unmute })).toBeVisible()
  await bob.keyboard.press('Escape')

  const settings = await openSettings(bob, roomSettings.bans)
  await expect(settings).toBeVisible()
  await change('Bob', { role: 'member' })
  await expect(settings).toBeHidden()
  await expect(bob.getByText(roomSettings.over, { exact: true })).toBeVisible()
})

test('somebody comes in as a guest by an invite, and stays as a member', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  await makeRoom(server, people.Ada, 'Den')
  const ada = await chatly.open(server, people.Ada, '/rooms/den')
  const settings = await openSettings(ada, roomSettings.invites)
  await settings.getByRole('button', { name: invites.submit }).click()
  const link = await settings.getByRole('textbox', { name: invites.link }).inputValue()
  await expect(settings.getByRole('img', { name: app.qrCode })).toBeVisible()
  await ada.keyboard.press('Escape')
  await ada.getByRole('complementary').getByRole('button', { name: room.inviteAsk }).click()
  await expect(settings.getByRole('textbox', { name: invites.link }), 'no server tells it again').toHaveValue(link)
  await ada.keyboard.press('Escape')

  const gil = await chatly.open(server, null, link)
  await expect(gil.getByText(invites.preview.by('Ada'))).toBeVisible()
  await expect(gil.getByRole('img', { name: app.qrCode }), 'to go on with another device').toBeVisible()
  await gil.getByLabel(invites.preview.guestName).fill('Gil')
  await gil.getByRole('button', { name: invites.preview.asGuest }).click()
  await say(gil, 'Hello from outside', 'Den')
  await sent(ada, 'Hello from outside')
  await expect(row(ada, 'Hello from outside').getByText(peopleTexts.guest, { exact: true })).toBeVisible()
  await gil.goto('/')
  await alive(gil)
  await expect(gil.getByRole('link', { name: 'Den' })).toBeVisible()
  await expect(gil.getByRole('link', { name: 'Lobby' })).toHaveCount(0)
  await expect(gil.getByRole('button', { name: rooms.create })).toHaveCount(0)

  await gil.getByRole('link', { name: 'Den' }).click()
  await gil.getByRole('button', { name: app.account('Gil') }).click()
  await gil.getByRole('menuitem', { name: app.keepName }).click()
  await expect(gil.getByLabel(auth.name)).toHaveValue('Gil')
  await gil.getByLabel(auth.email).fill('gil@example.com')
  await gil.getByLabel(auth.password, { exact: true }).fill(accountPassword)
  await gil.getByRole('button', { name: auth.signUp.submit }).click()
  await expect(ada.getByText(peopleTexts.guest, { exact: true }), 'nowhere, and without a reload').toHaveCount(0)
  await say(gil, 'Now with an account', 'Den')
  await sent(ada, 'Now with an account')
  await expect(row(gil, 'Hello from outside'), 'the same person').toHaveCount(1)
  await gil.reload()
  await alive(gil)
  await row(gil, 'Hello from outside').hover()
  await expect(row(gil, 'Hello from outside').getByRole('button', { name: message.edit, exact: true }), 'and it is still theirs').toBeVisible()
  await ada.reload()
  await expect(row(ada, 'Now with an account')).toBeVisible()
  await expect(row(ada, 'Hello from outside').getByText(peopleTexts.guest, { exact: true })).toHaveCount(0)
})

test('a link for one person brings them in with a new account', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const { id } = await makeRoom(server, people.Ada, 'Den')
  const { code } = await (await api(server, people.Ada, 'POST', `/api/rooms/${id}/invites`, { role: 'member', uses: 1 })).json() as { code: string }
  const page = await chatly.open(server, null, `/invite/${code}`)
  await page.getByRole('link', { name: auth.signUp.submit }).click()
  await page.getByLabel(auth.name).fill('Nia')
  await page.getByLabel(auth.email).fill('nia@example.com')
  await page.getByLabel(auth.password, { exact: true }).fill(accountPassword)
  await page.getByRole('button', { name: auth.signUp.submit }).click()
  await say(page, 'Here I am', 'Den')
})

test('a guest who opens a link for people with an account keeps what they have, and comes in', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const codeTo = async (name: string, role: 'guest' | 'member') => {
    const { id } = await makeRoom(server, people.Ada, name)
    return (await (await api(server, people.Ada, 'POST', `/api/rooms/${id}/invites`, { role, uses: 1 })).json() as { code: string }).code
  }
  const [open, closed] = [await codeTo('Open', 'guest'), await codeTo('Den', 'member')]
  const gus = await chatly.open(server, null, `/invite/${open}`)
  await gus.getByLabel(invites.preview.guestName).fill('Gus')
  await gus.getByRole('button', { name: invites.preview.asGuest }).click()
  await say(gus, 'As a guest', 'Open')
  await gus.goto(`/invite/${closed}`)
  await expect(gus.getByRole('button', { name: invites.preview.join })).toHaveCount(0)
  await gus.getByRole('link', { name: auth.signUp.submit }).click()
  await expect(gus.getByLabel(auth.name)).toHaveValue('Gus')
  await gus.getByLabel(auth.email).fill('gus@example.com')
  await gus.getByLabel(auth.password, { exact: true }).fill(accountPassword)
  await gus.getByRole('button', { name: auth.signUp.submit }).click()
  await say(gus, 'As a member', 'Den')
  await gus.goto('/rooms/open')
  await expect(row(gus, 'As a guest')).toBeVisible()
})

test('a visitor reads a public room live, and search engines may, too', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names, env: { CHATLY_PUBLIC: 'true' } })
  await makeRoom(server, people.Ada, 'Den')
  const visitor = await chatly.open(server, null, '/')
  await expect(visitor.getByRole('link', { name: 'Den' })).toHaveCount(0)
  await expect(visitor.locator('meta[name=robots]')).toHaveAttribute('content', 'index, follow')
  await visitor.getByRole('link', { name: 'Lobby' }).click()
  await expect(visitor.getByText(room.visitor)).toBeVisible()
  await expect(visitor.locator('link[rel=canonical]')).toHaveAttribute('href', `${server.url}/rooms/lobby`)
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(ada, 'Is anybody there?')
  await sent(visitor, 'Is anybody there?')
  expect(await (await visitor.request.get('/rooms/lobby')).text()).toContain('Is anybody there?')
  await expect(visitor.getByRole('textbox')).toHaveCount(0)
  await expect((await ada.request.get('/rooms/den')).text()).resolves.toContain('content="noindex"')

  await visitor.getByRole('main').getByRole('link', { name: app.signIn }).click()
  await visitor.getByLabel(auth.email).fill(people.Bob.email)
  await visitor.getByLabel(auth.password, { exact: true }).fill(accountPassword)
  await visitor.getByRole('button', { name: auth.logIn.submit, exact: true }).click()
  await say(visitor, 'I am, now')
  await sent(ada, 'I am, now')
})

test('slow mode and a mute say so, and keep what was written', async ({ chatly }) => {
  const { server, people, lobby } = await chatly.start({ people: names })
  const change = (path: string, body: unknown) => api(server, people.Ada, 'PATCH', `/api/rooms/${lobby.id}${path}`, body)
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await change('', { slowModeSeconds: 60 })
  await say(bob, 'One')
  await sent(bob, 'One')
  await composer(bob).fill('Two')
  await expect(bob.getByText(room.slowMode(app.span(60)))).toBeVisible()
  await expect(bob.getByRole('timer')).toContainText(/0:\d\d/)
  await expect(bob.getByRole('button', { name: composerTexts.send, exact: true })).toBeDisabled()
  await composer(bob).press('Enter')
  await expect(composer(bob)).toHaveValue('Two')

  await change(`/members/${people.Bob.id}`, { muteSeconds: 3_600 })
  await expect(bob.getByText(room.muted)).toBeVisible()
  await expect(composer(bob)).toHaveCount(0)
  await change(`/members/${people.Bob.id}`, { muteSeconds: 0 })
  await expect(composer(bob)).toHaveValue('Two')
  await change('', { slowModeSeconds: 0, closed: true })
  await expect(bob.getByText(room.closed)).toBeVisible()
  await change('', { closed: false })
  await bob.getByRole('button', { name: composerTexts.send, exact: true }).click()
  await sent(bob, 'Two')

  await change(`/members/${people.Bob.id}`, { role: 'moderator' })
  const settings = await openSettings(bob, roomSettings.conversation)
  await expect(settings.getByRole('tab', { name: roomSettings.general }), 'the name is its owner\'s').toHaveCount(0)
  await settings.getByRole('switch', { name: roomSettings.closed }).click()
  await settings.getByRole('button', { name: app.save }).click()
  await expect(bob.getByText(app.saved, { exact: true })).toBeVisible()
})

test('a change that somebody is writing outlives their silence, and the message itself', async ({ chatly }) => {
  const { server, people, lobby } = await chatly.start({ people: names })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(bob, 'At nine')
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await sent(ada, 'At nine')

  await act(bob, row(bob, 'At nine'), 'edit', false)
  const field = bob.getByRole('textbox', { name: composerTexts.editing })
  await field.fill('At ten, with cake')
  for (const muteSeconds of [3_600, 0]) {
    await api(server, people.Ada, 'PATCH', `/api/rooms/${lobby.id}/members/${people.Bob.id}`, { muteSeconds })
    await expect(field).toHaveCount(muteSeconds > 0 ? 0 : 1)
  }
  await expect(field).toHaveValue('At ten, with cake')

  await act(ada, row(ada, 'At nine'), 'remove', false)
  await ada.getByRole('dialog').getByRole('button', { name: message.remove }).click()
  await expect(bob.getByText(composerTexts.editedIsGone)).toBeVisible()
  await expect(composer(bob)).toHaveValue('At ten, with cake')
})
