import type { Page } from '@playwright/test'
import { expect, test } from '../support/browser'
import { act, row, say, scroller, sent } from '../support/conversation'
import { seedMessages } from '../support/seed'
import { api } from '../support/server'
import { newNonce } from '../support/socket'
import { en } from '../../locales/en'

const COUNT = 1_000
const { composer: composerTexts, message, room } = en

interface Walk { jumps: number[], pages: number }

/**
 * Scrolls up as a person does, a bit in each frame, until the first message is there. The text of a row in the view must have moved by what was
 * scrolled and nothing else, whatever was loaded meanwhile. Its lower edge tells: above it the author's name goes when the row before it, by the same
 * author, arrives. Gives the differences in pixels, and how often rows were added.
 */
const walkUp = (page: Page, first: string): Promise<Walk> => scroller(page).evaluate(async (element, first) => {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
  const rows = () => [...element.querySelectorAll<HTMLElement>('[data-key]')]
  const walk: Walk = { jumps: [], pages: 0 }
  while (!rows()[0]?.innerText.includes(first) || element.scrollTop > element.clientHeight - element.scrollHeight + 1) {
    const anchor = rows().find(candidate => candidate.getBoundingClientRect().top > 100)!
    const { key } = anchor.dataset
    const [bottom, position, oldest] = [anchor.getBoundingClientRect().bottom, element.scrollTop, rows()[0]]
    element.scrollTop -= 400
    const moved = position - element.scrollTop
    await frame()
    await frame()
    const same = rows().find(candidate => candidate.dataset.key === key)
    if (!same) throw new Error('The row that was looked at is gone.')
    const jump = Math.abs(same.getBoundingClientRect().bottom - bottom - moved)
    if (jump > 0) walk.jumps.push(jump)
    if (rows()[0] !== oldest) walk.pages++
  }
  return walk
}, first)

test('a thousand messages scroll to the very first one without a jump', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: ['Ada', 'Bob'],
    async seed(storage, { lobby, people }) {
      await seedMessages(storage, lobby.id, Array.from({ length: COUNT }, (_, index) => ({
        author: Math.floor(index / 3) % 2 ? people.Ada.id : people.Bob.id,
        text: `Message number ${index + 1}.${'\nAnother line of it.'.repeat(index % 4)}`
      })))
      await storage.markRead(lobby.id, people.Ada.id, Number.MAX_SAFE_INTEGER)
    }
  })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  const last = row(page, `Message number ${COUNT}.`)
  await expect(last, 'all read: it opens at the end').toBeInViewport()

  const walk = await walkUp(page, 'Message number 1.')
  expect(walk.pages, 'pages were loaded on the way').toBeGreaterThan(5)
  expect(Math.max(0, ...walk.jumps), 'nothing jumped').toBeLessThan(2)
  await expect(row(page, 'Message number 1.')).toBeInViewport()
  await expect(page.getByText(room.beginning('Lobby'))).toBeVisible()
  expect(await page.getByRole('article').count(), 'not all of them are in the page').toBeLessThan(COUNT / 2)

  await page.getByRole('button', { name: message.toEnd }).click()
  await expect(last).toBeInViewport()
})

test('whoever reads in the middle stays there: with a change that is saved, and with what can\'t be loaded', async ({ chatly, isMobile }) => {
  chatly.allow(/503/)
  const { server, people, lobby } = await chatly.start({
    people: ['Ada', 'Bob'],
    seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, Array.from({ length: 400 }, (_, index) => ({
      author: index % 2 ? people.Ada.id : people.Bob.id, text: `Message number ${index + 1}.`
    })))
  })
  const { messages: [newest] } = await (await api(server, people.Ada, 'GET', `/api/rooms/${lobby.id}/messages?limit=1`)).json() as { messages: { seq: number }[] }
  const page = await chatly.open(server, people.Ada, `/rooms/lobby?message=${newest!.seq - 300}`)
  const here = row(page, 'Message number 100.')
  await expect(here).toBeInViewport()

  await act(page, here, 'edit', isMobile)
  await page.getByRole('textbox', { name: composerTexts.editing }).fill('Message number one hundred.')
  await page.getByRole('button', { name: composerTexts.save }).click()
  const changed = row(page, 'Message number one hundred.')
  await expect(changed).toBeInViewport()
  await expect(page.getByRole('button', { name: composerTexts.save })).toHaveCount(0)
  await expect(changed).toBeInViewport()

  let asked = 0
  await page.route(/\/messages\?/, (route) => {
    asked++
    return route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ code: 'unavailable', message: 'Away for a moment.' }) })
  })
  await scroller(page).evaluate((element) => { element.scrollTop = 0 })
  await expect(page.getByText('Away for a moment.').first()).toBeVisible()
  await page.evaluate(async () => { for (let n = 0; n < 30; n++) await new Promise(resolve => requestAnimationFrame(resolve)) })
  expect(asked, 'not again and again').toBe(1)
  const last = page.getByRole('log').getByRole('article').last()
  const text = await last.innerText()
  await page.getByRole('button', { name: message.toEnd }).click()
  await expect.poll(() => asked).toBe(2)
  await expect(last, 'what is there stays').toHaveText(text, { useInnerText: true })
  await page.unroute(/\/messages\?/)
  await page.getByRole('button', { name: message.toEnd }).click()
  await expect(row(page, 'Message number 400.')).toBeInViewport()
})

test('what can\'t be loaded further up is asked for once, and again when one wants it', async ({ chatly }) => {
  chatly.allow(/503/)
  const { server, people } = await chatly.start({
    people: ['Ada', 'Bob'],
    seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, Array.from({ length: 200 }, (_, index) => ({ author: people.Bob.id, text: `Message number ${index + 1}.` })))
  })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await expect(page.getByRole('article').first()).toBeAttached()
  let asked = 0
  await page.route(/\/messages\?/, (route) => {
    asked++
    return route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ code: 'unavailable', message: 'Away for a moment.' }) })
  })
  const top = () => scroller(page).evaluate((element) => { element.scrollTop = -element.scrollHeight })
  await top()
  await expect(page.getByText(room.olderFailed)).toBeVisible()
  await page.evaluate(async () => { for (let n = 0; n < 30; n++) await new Promise(resolve => requestAnimationFrame(resolve)) })
  expect(asked, 'not again and again').toBe(1)
  await page.unroute(/\/messages\?/)
  await page.getByRole('button', { name: en.app.retry }).click()
  await expect(page.getByText(room.olderFailed)).toBeHidden()
  await expect(async () => {
    await top()
    await expect(row(page, 'Message number 1.')).toBeInViewport({ timeout: 500 })
  }).toPass()
})

test('a quote that leads to what is in view already leaves the end followed', async ({ chatly, isMobile }) => {
  const { server, people, lobby } = await chatly.start({
    people: ['Ada', 'Bob'],
    seed: (storage, { lobby, people }) => seedMessages(storage, lobby.id, Array.from({ length: 40 }, (_, index) => ({ author: people.Bob.id, text: `Message number ${index + 1}.` })))
  })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await act(page, row(page, 'Message number 40.'), 'reply', isMobile)
  await say(page, 'An answer')
  await sent(page, 'An answer')
  await row(page, 'An answer').getByRole('button', { name: message.inReplyTo }).click()
  for (const text of ['The first after it', 'The second after it']) {
    await api(server, people.Bob, 'POST', `/api/rooms/${lobby.id}/messages`, { nonce: newNonce(), text })
    await expect(row(page, text)).toBeInViewport({ ratio: 1 })
  }
  await expect(page.getByRole('button', { name: message.toEnd })).toBeHidden()
})
