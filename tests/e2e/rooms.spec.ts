import type { Page } from '@playwright/test'
import { alive, expect, test } from '../support/browser'
import { composer, heading, row, say, sent } from '../support/conversation'
import { api } from '../support/server'
import { newId } from '../../server/core/ids'
import { en } from '../../locales/en'

const { app, message, room, roomSettings, rooms } = en
const names = ['Ada', 'Bob'] as const
const open = { visibility: 'public', listed: true, passwordHash: null } as const

async function fill(page: Page, name: string, topic: string) {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(rooms.name).fill(name)
  await dialog.getByLabel(rooms.topic).fill(topic)
  return dialog
}

async function menu(page: Page, item: string) {
  await page.getByRole('button', { name: room.menu }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

const card = (page: Page, name: string) => page.getByRole('article').filter({ has: page.getByRole('link', { name, exact: true }) })

test('a room is made, renamed, archived and taken out again; the other sees it live', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/')
  await ada.getByRole('button', { name: rooms.create }).click()
  const dialog = await fill(ada, ' Tea & Böök Club ', 'What we read')
  await ada.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await ada.getByRole('button', { name: rooms.create }).click()
  await expect(dialog.getByLabel(rooms.topic), 'what was typed is not lost by a key').toHaveValue('What we read')
  await dialog.getByRole('button', { name: rooms.createSubmit }).click()
  await expect(ada).toHaveURL(`/rooms/${encodeURIComponent('tea-böök-club')}`)
  await expect(heading(ada, 'Tea & Böök Club')).toBeVisible()
  await expect(ada.getByText('What we read')).toBeVisible()

  const bob = await chatly.open(server, people.Bob, '/')
  await card(bob, 'Tea & Böök Club').getByRole('link').click()
  await expect(bob.getByRole('navigation', { name: app.rooms }).getByRole('link', { name: 'Tea & Böök Club' }), 'also before one has joined').toBeVisible()
  await bob.getByRole('button', { name: room.join, exact: true }).click()
  await expect(bob.getByText(room.joined('Tea & Böök Club'), { exact: true })).toBeVisible()
  await expect(bob.getByRole('button', { name: room.join, exact: true })).toHaveCount(0)
  await bob.setViewportSize({ width: 820, height: 900 })
  await expect(bob.getByRole('button', { name: app.account('Bob') }), 'on a tablet, too').toBeVisible()
  await bob.setViewportSize({ width: 1440, height: 900 })
  await say(bob, 'Nice place', 'Tea & Böök Club')
  await sent(ada, 'Nice place')
  await bob.getByRole('button', { name: room.menu }).click()
  await expect(bob.getByRole('menuitem', { name: room.leave })).toBeVisible()
  await expect(bob.getByRole('menuitem', { name: room.settings }), 'only who runs it may').toHaveCount(0)
  await bob.keyboard.press('Escape')

  await menu(ada, room.settings)
  await fill(ada, 'Reading room', 'Quiet, please')
  await ada.getByRole('tab', { name: roomSettings.access }).click()
  await ada.getByRole('tab', { name: roomSettings.general }).click()
  await ada.getByRole('button', { name: app.save }).click()
  await expect(ada.getByText(app.saved, { exact: true })).toBeVisible()
  await ada.keyboard.press('Escape')
  for (const page of [ada, bob]) {
    await expect(heading(page, 'Reading room')).toBeVisible()
    await expect(page.getByText('Quiet, please')).toBeVisible()
  }
  await expect(ada, 'the link stays').toHaveURL(`/rooms/${encodeURIComponent('tea-böök-club')}`)

  await menu(ada, room.settings)
  await ada.getByRole('dialog').getByRole('button', { name: rooms.archive }).click()
  await expect(ada.getByRole('dialog').getByText(rooms.unarchiveText)).toBeVisible()
  await ada.keyboard.press('Escape')
  for (const page of [ada, bob]) {
    await expect(page.getByText(room.archived)).toBeVisible()
    await expect(page.getByRole('textbox')).toHaveCount(0)
    await expect(row(page, 'Nice place')).toBeVisible()
  }
  await bob.goto('/')
  await expect(card(bob, 'Lobby')).toBeVisible()
  await expect(card(bob, 'Reading room')).toHaveCount(0)
  await alive(bob)
  await bob.getByRole('button', { name: rooms.showArchived }).click()
  await card(bob, 'Reading room').getByRole('link').click()

  await menu(ada, room.settings)
  await ada.getByRole('dialog').getByRole('button', { name: rooms.unarchive }).click()
  await expect(ada.getByRole('dialog').getByText(rooms.archiveText)).toBeVisible()
  await ada.keyboard.press('Escape')
  await say(bob, 'Open again', 'Reading room')
  await sent(ada, 'Open again')

  await menu(bob, room.leave)
  await expect(bob.getByText(room.left('Reading room'), { exact: true })).toBeVisible()
  await expect(bob).toHaveURL('/')
  await expect(bob.getByRole('region', { name: rooms.mine }).getByRole('link', { name: 'Reading room' })).toHaveCount(0)
})

test('who has gone on while they leave a room stays where they are', async ({ chatly }) => {
  const { server, people, lobby } = await chatly.start({ people: names })
  const { id } = await (await api(server, people.Ada, 'POST', '/api/rooms', { name: 'Attic' })).json() as { id: string }
  await api(server, people.Bob, 'POST', `/api/rooms/${id}/join`, {})
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  let answer = () => {}
  const held = new Promise<void>((resolve) => { answer = resolve })
  await bob.route(`**/api/rooms/${lobby.id}/leave`, async (route) => {
    await held
    await route.continue()
  })
  await menu(bob, room.leave)
  await bob.getByRole('link', { name: 'Attic' }).click()
  await expect(heading(bob, 'Attic')).toBeVisible()
  answer()
  await expect(bob.getByText(room.left('Lobby'), { exact: true })).toBeVisible()
  await expect(bob).toHaveURL('/rooms/attic')
  await menu(bob, room.leave)
  await expect(bob).toHaveURL('/')
})

test('a room is deleted after its name was typed, for everybody', async ({ chatly }) => {
  chatly.allow(/404/)
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(ada, 'Soon gone')
  await sent(bob, 'Soon gone')
  await composer(bob).fill('I was about to say')

  await menu(ada, room.remove)
  const dialog = ada.getByRole('dialog', { name: rooms.deleteTitle })
  await expect(dialog).toContainText(rooms.deleteText('Lobby'))
  await dialog.getByLabel(rooms.deleteConfirm('Lobby')).fill('Loby')
  await dialog.getByRole('button', { name: rooms.deleteSubmit }).click()
  await expect(dialog.getByText(rooms.deleteMismatch)).toBeVisible()
  await dialog.getByLabel(rooms.deleteConfirm('Lobby')).fill('Lobby')
  await dialog.getByRole('button', { name: rooms.deleteSubmit }).click()

  await expect(ada).toHaveURL('/')
  await expect(ada.getByText(rooms.empty.title)).toBeVisible()
  await expect(bob.getByText(room.lost.deletedTitle)).toBeVisible()
  await expect(bob.getByText(room.lost.deleted)).toBeVisible()
  const unsent = bob.getByRole('textbox', { name: room.unsent })
  await expect(unsent, 'what somebody was writing is theirs').toHaveValue('I was about to say')
  await expect.poll(() => bob.content(), 'its messages are gone').not.toContain('Soon gone')
  await bob.getByRole('button', { name: message.discard }).click()
  await expect(unsent).toBeHidden()
  const answer = await bob.goto('/rooms/lobby')
  expect(answer?.status()).toBe(404)
  await expect(bob.getByText(room.notFound)).toBeVisible()
})

test('many rooms come in pages, and are found by name', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: names,
    async seed(storage, { people }) {
      for (let n = 1; n <= 120; n++) {
        const name = `Room ${String(n).padStart(3, '0')}`
        await storage.createRoom({ id: newId(), slug: name.toLowerCase().replace(' ', '-'), name, topic: `Topic ${n}`, owner: people.Ada.id, at: Date.now() - n * 1_000, ...open })
      }
    }
  })
  const bob = await chatly.open(server, people.Bob, '/?sort=name')
  const html = await (await bob.request.get('/?sort=name')).text()
  expect(html, 'the server renders the list').toContain('Room 001')
  await expect(bob.getByRole('region', { name: rooms.mine }).getByRole('link')).toHaveText(['Lobby'])

  const others = bob.getByRole('region', { name: rooms.others }).getByRole('link')
  const more = bob.getByRole('button', { name: app.more })
  for (let pages = 1; pages <= 3 && await more.isVisible(); pages++) {
    const before = await others.count()
    await more.click()
    await expect.poll(() => others.count()).toBeGreaterThan(before)
  }
  await expect(more).toHaveCount(0)
  await expect(others).toHaveText(Array.from({ length: 120 }, (_, index) => `Room ${String(index + 1).padStart(3, '0')}`))

  await bob.getByRole('textbox', { name: rooms.search }).fill('room 07')
  await expect(bob.getByRole('link', { name: /^Room 07/ })).toHaveCount(10)
  await expect(bob.getByRole('article')).toHaveCount(10)
  await expect(bob).toHaveURL(/search=room/)
  await bob.reload()
  await expect(bob.getByRole('article'), 'the search is in the address').toHaveCount(10)
  await alive(bob)
  await bob.getByRole('textbox', { name: rooms.search }).fill('no such room')
  await expect(bob.getByText(rooms.nothingFound.title)).toBeVisible()
  await bob.getByRole('button', { name: rooms.clearSearch }).click()
  await expect(card(bob, 'Room 001')).toBeVisible()
})

test('the list is in order of the last activity', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: names,
    async seed(storage, { people }) {
      for (const name of ['Older', 'Newer']) await storage.createRoom({ id: newId(), slug: name.toLowerCase(), name, topic: '', owner: people.Ada.id, at: Date.now() - 1_000, ...open })
    }
  })
  const ada = await chatly.open(server, people.Ada, '/rooms/older')
  await say(ada, 'Something', 'Older')
  await sent(ada, 'Something')
  await ada.goto('/')
  const mine = ada.getByRole('region', { name: rooms.mine }).getByRole('link')
  await expect(mine.first()).toHaveText('Older')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(bob, 'Something newer')
  await expect(mine.first(), 'it follows live').toHaveText('Lobby')
  await ada.getByRole('combobox', { name: rooms.sort }).click()
  await ada.getByRole('option', { name: rooms.byName }).click()
  await expect(mine).toHaveText(['Lobby', 'Newer', 'Older'])
})
