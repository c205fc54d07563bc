import { expect, test } from '../support/browser'
import { row, say, sent } from '../support/conversation'
import { en } from '../../locales/en'

const { app } = en

test('a server that is killed and started again loses nothing, and the pages come back by themselves', async ({ chatly }) => {
  chatly.allow(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection/)
  const { server, people } = await chatly.start({ people: ['Ada', 'Bob'] })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await say(ada, 'Before the crash')
  await sent(bob, 'Before the crash')
  const bar = ada.getByRole('status').filter({ hasText: app.reconnecting }).filter({ visible: true })

  // When the bar appears, seen from the page itself: a test that looks from outside is too slow to tell.
  await ada.evaluate((text) => {
    const seen = () => performance.mark(document.body.innerText.includes(text) ? 'bar' : 'no bar')
    new MutationObserver(seen).observe(document.body, { childList: true, subtree: true, characterData: true })
    window.addEventListener('down', () => performance.mark('down'))
  }, app.reconnecting)
  // Marked before, so that the lower bound holds however late it takes place.
  await ada.evaluate(() => window.dispatchEvent(new Event('down')))
  await server.kill('SIGKILL')
  await say(ada, 'While it was down, one')
  await say(bob, 'While it was down, two')
  await expect(bar).toBeVisible({ timeout: 20_000 })
  const waited = await ada.evaluate(() => {
    const [down, bar] = ['down', 'bar'].map(name => performance.getEntriesByName(name)[0]?.startTime ?? NaN)
    return bar! - down!
  })
  expect(waited, 'nothing is said in the first moments').toBeGreaterThan(1_500)
  expect(waited).toBeLessThan(15_000)

  await chatly.restart(server)
  await expect(bar).toHaveCount(0)
  for (const page of [ada, bob]) {
    for (const text of ['Before the crash', 'down, one', 'down, two']) await sent(page, text)
    await expect(page.getByRole('article')).toHaveCount(3)
  }
  const texts = await ada.getByRole('article').locator('[dir=auto]').allInnerTexts()
  expect(await bob.getByRole('article').locator('[dir=auto]').allInnerTexts(), 'one order for all').toEqual(texts)

  await say(bob, 'After the crash')
  await sent(ada, 'After the crash')
  await ada.reload()
  await expect(row(ada, 'After the crash')).toBeVisible()
  await expect(ada.getByRole('article').locator('[dir=auto]')).toHaveText([...texts, 'After the crash'])
})
