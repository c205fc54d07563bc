import { alive, expect, test } from '../support/browser'
import { act, composer, react, row, say, scroller, sent } from '../support/conversation'
import { seedMessages } from '../support/seed'
import { en } from '../../locales/en'

const { app, message, people: peopleTexts, room: roomTexts, rooms } = en
const names = ['Ada', 'Bob'] as const
const chatter = (author: string, count: number) => Array.from({ length: count }, (_, index) => ({ author, text: `Line ${index + 1}\nof a longer conversation` }))

test('two people talk: presence, typing, order', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await expect(ada.getByText(roomTexts.empty.title)).toBeVisible()
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  for (const page of [ada, bob]) await expect(page.getByRole('heading', { level: 1 }).locator('..').getByText(roomTexts.online(2))).toBeVisible()
  if (isMobile) await ada.getByRole('button', { name: roomTexts.showPeople }).click()
  const list = isMobile ? ada.getByRole('dialog', { name: peopleTexts.title }) : ada.getByRole('complementary', { name: peopleTexts.title })
  await expect(list.getByText(peopleTexts.online(2))).toBeVisible()
  await expect(list.getByRole('listitem').filter({ hasText: 'Bob' })).toBeVisible()
  if (isMobile) await ada.keyboard.press('Escape')

  await composer(ada).pressSequentially('Hello')
  await expect(bob.getByText(message.typing(['Ada']))).toBeVisible()
  await say(ada, 'Hello Bob')
  await sent(ada, 'Hello Bob')
  await sent(bob, 'Hello Bob')
  await expect(bob.getByText(message.typing(['Ada'])), 'what was typed has come').toBeHidden()

  for (const text of ['one', 'two', 'three']) await say(bob, text)
  for (const page of [ada, bob]) {
    await sent(page, 'three')
    await expect(page.getByRole('article').locator('[dir=auto]')).toHaveText(['Hello Bob', 'one', 'two', 'three'])
    await expect(row(page, 'one')).toHaveAccessibleName(/^Bob, /)
  }

  await bob.context().close()
  await expect(ada.getByRole('heading', { level: 1 }).locator('..').getByText(roomTexts.online(1))).toBeVisible()
})

test('Enter sends with a keyboard and breaks the line on a phone; a draft survives a reload', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({ people: names })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await composer(page).fill('first')
  await composer(page).press('Shift+Enter')
  await composer(page).pressSequentially('second')
  await page.reload()
  await expect(composer(page)).toHaveValue('first\nsecond')
  await composer(page).press('End')
  await composer(page).press('Enter')
  if (isMobile) await expect(composer(page)).toHaveValue('first\nsecond\n')
  else await expect(row(page, 'first').locator('[dir=auto]')).toHaveText(/^first\s+second$/, { useInnerText: true })
})

test('a reply carries a quote that leads to its message', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({
    people: names,
    seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [{ author: people.Bob.id, text: 'The very first' }, ...chatter(people.Bob.id, 150)])
  })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await scroller(bob).evaluate((element) => { element.scrollTop = 0 })
  const first = row(ada, 'The very first')
  await expect(async () => {
    await scroller(ada).evaluate((element) => { element.scrollTop = -element.scrollHeight })
    await expect(first).toBeInViewport({ timeout: 200 })
  }).toPass()

  await act(ada, first, 'reply', isMobile)
  await expect(ada.getByText(en.composer.replying('Bob'))).toBeVisible()
  await say(ada, 'An answer')
  await expect(row(ada, 'An answer'), 'who sends sees it').toBeInViewport()

  await expect(row(bob, 'An answer')).toBeInViewport()
  const quote = row(bob, 'An answer').getByRole('button', { name: message.inReplyTo })
  await expect(quote).toContainText('The very first')
  await expect(row(bob, 'The very first').filter({ hasNotText: 'An answer' })).toHaveCount(0)
  await quote.click()
  await expect(row(bob, 'The very first').filter({ hasNotText: 'An answer' })).toBeInViewport()
  await bob.getByRole('button', { name: message.toEnd }).click()
  await expect(row(bob, 'An answer')).toBeInViewport()
})

test('an answer outlives the message that it answers', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(ada, 'Who comes?')
  await act(bob, row(bob, 'Who comes?'), 'reply', isMobile)
  await composer(bob).fill('I do')
  await act(ada, row(ada, 'Who comes?'), 'remove', isMobile)
  await ada.getByRole('dialog').getByRole('button', { name: message.remove }).click()
  await expect(bob.getByText(en.composer.answeredIsGone)).toBeVisible()
  await expect(bob.getByText(en.composer.replying('Ada'))).toHaveCount(0)
  await expect(composer(bob)).toHaveValue('I do')
  await bob.getByRole('button', { name: en.composer.send, exact: true }).click()
  await sent(ada, 'I do')
  await expect(row(ada, 'I do').getByText(message.inReplyTo)).toHaveCount(0)
})

test('a draft is one in all tabs, and sent it is in none', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const one = await chatly.open(server, people.Ada, '/rooms/lobby')
  await composer(one).fill('Half a th')
  const two = await one.context().newPage()
  chatly.watch(two)
  await two.goto('/rooms/lobby')
  await alive(two)
  await expect(composer(two)).toHaveValue('Half a th')
  await composer(two).pressSequentially('ought')
  await expect(composer(one)).toHaveValue('Half a thought')
  await composer(two).press('Control+Enter')
  await sent(one, 'Half a thought')
  await expect(composer(one)).toHaveValue('')
  await one.reload()
  await alive(one)
  await expect(composer(one)).toHaveValue('')
})

test('reactions are seen by the other, and taken back', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({
    people: names, seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [{ author: people.Bob.id, text: 'Shall we?' }])
  })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')

  await react(ada, row(ada, 'Shall we?'), '🎉', isMobile)
  const seen = row(bob, 'Shall we?').getByRole('group', { name: message.reactions })
  await seen.getByRole('button', { name: message.reaction('🎉', 1, false), exact: true }).click()
  for (const page of [ada, bob]) await expect(page.getByRole('button', { name: message.reaction('🎉', 2, true) })).toHaveAttribute('aria-pressed', 'true')
  await ada.getByRole('button', { name: message.reaction('🎉', 2, true) }).click()
  await expect(seen.getByRole('button', { name: message.reaction('🎉', 1, true) })).toBeVisible()
  await seen.getByRole('button', { name: message.reaction('🎉', 1, true) }).click()
  for (const page of [ada, bob]) await expect(page.getByRole('group', { name: message.reactions })).toHaveCount(0)
})

test('a message is edited, then deleted: its text is in nobody\'s page', async ({ chatly, isMobile }) => {
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(ada, 'The meeting is at nine')
  await sent(bob, 'at nine')

  await act(ada, row(ada, 'at nine'), 'edit', isMobile)
  const field = ada.getByRole('textbox', { name: en.composer.editing })
  await expect(field).toHaveValue('The meeting is at nine')
  await field.fill('The meeting is at ten')
  await ada.getByRole('button', { name: en.composer.save }).click()
  for (const page of [ada, bob]) {
    await expect(row(page, 'at ten')).toContainText(`(${message.edited})`)
    await expect(row(page, 'at nine')).toHaveCount(0)
  }

  await act(bob, row(bob, 'at ten'), 'reply', isMobile)
  await say(bob, 'Fine')
  await act(ada, row(ada, 'at ten').filter({ hasNotText: 'Fine' }), 'remove', isMobile)
  const question = ada.getByRole('dialog', { name: message.removeTitle })
  await question.getByRole('button', { name: message.remove }).click()
  await expect(question).toBeHidden()
  await expect.poll(() => ada.evaluate(() => document.activeElement?.tagName), 'the keyboard has not lost its place').toMatch(isMobile ? /^(?!BODY)/ : /^ARTICLE$/)
  for (const page of [ada, bob]) {
    await expect(page.getByText(message.deleted).first()).toBeVisible()
    await expect.poll(() => page.content()).not.toContain('at ten')
  }
  await bob.reload()
  await expect(row(bob, 'Fine')).toContainText(message.deleted)
  expect(await bob.content()).not.toMatch(/at ten|at nine/)
})

test('what is unread is counted in the list, and marked by a line in the room', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: names, seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, [{ author: people.Ada.id, text: 'Old' }])
  })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  /** Leaving before the server has been told would leave it unread. */
  const read = () => expect.poll(async () => (await (await bob.request.get('/api/rooms/~lobby')).json() as { unread: number }).unread).toBe(0)
  await read()
  const card = bob.getByRole('article').filter({ has: bob.getByRole('link', { name: 'Lobby' }) })
  await bob.goto('/')
  await expect(card).toBeVisible()
  await expect(card).not.toContainText('unread')

  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(ada, 'News one')
  await expect(card).toContainText(rooms.unread(1))
  await say(ada, 'News two')
  await expect(card).toContainText(rooms.unread(2))
  await expect(bob).toHaveTitle(app.unreadTitle(2, `${rooms.title} · ${app.name}`))

  await card.getByRole('link', { name: 'Lobby' }).click()
  await expect(row(bob, 'News two')).toBeInViewport()
  const line = bob.getByRole('separator').filter({ hasText: message.new })
  await expect(line).toHaveCount(1)
  const order = await bob.getByRole('log').evaluate(log => log.textContent ?? '')
  expect(order).toMatch(/Old[^]*?New(?!s)[^]*News one[^]*News two/)

  await expect(bob).toHaveTitle(`Lobby · ${app.name}`)
  await read()
  await bob.goto('/')
  await expect(card).not.toContainText('unread')
})

test('a broken line is said once', async ({ chatly }) => {
  chatly.allow(/ERR_INTERNET_DISCONNECTED/)
  const { server, people } = await chatly.start({ people: names })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bar = ada.getByText(app.reconnecting).filter({ visible: true })
  await expect(composer(ada)).toBeVisible()
  await ada.context().setOffline(true)
  await expect(bar.first()).toBeVisible()
  await expect(bar).toHaveCount(1)
  await ada.context().setOffline(false)
  await expect(bar).toHaveCount(0)
})

test('what was read last is read everywhere, also when the tab is closed at once', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: names })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  for (const text of ['One', 'Two', 'Three']) {
    await say(ada, text)
    await expect(row(bob, text)).toBeInViewport()
  }
  await bob.close({ runBeforeUnload: true })
  await expect.poll(async () => (await (await bob.request.get('/api/rooms/~lobby')).json() as { unread: number }).unread).toBe(0)
})

test('who reads further up is not moved, and told of new messages', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: names, seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, chatter(people.Bob.id, 60))
  })
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await expect(row(bob, 'Line 60')).toBeInViewport()
  await scroller(bob).evaluate((element) => { element.scrollTop = -900 })
  const pill = (n: number) => bob.getByRole('button', { name: message.unseen(n), exact: true })
  await expect(bob.getByRole('button', { name: message.toEnd })).toBeVisible()
  // By its text: what is loaded above it meanwhile changes its number.
  const anchor = await bob.getByRole('article').evaluateAll(rows => /Line \d+/.exec(rows.find(row => row.getBoundingClientRect().top > 200)?.textContent ?? '')?.[0])
  const place = () => row(bob, new RegExp(`${anchor}(?!\\d)`)).evaluate(row => row.getBoundingClientRect().top)
  const before = await place()

  await say(ada, 'First news')
  await expect(pill(1)).toBeVisible()
  await say(ada, 'Second news')
  await expect(pill(2)).toBeVisible()
  expect(Math.abs(await place() - before), 'the reader is not moved').toBeLessThan(2)

  await pill(2).click()
  await expect(row(bob, 'Second news')).toBeInViewport()
  await expect(pill(2)).toBeHidden()
  await say(ada, 'Third news')
  await expect(row(bob, 'Third news'), 'at the end the list follows').toBeInViewport()
})
