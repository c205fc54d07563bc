import type { Page } from '@playwright/test'
import { expect, test } from '../support/browser'
import { heading, row, say, sent } from '../support/conversation'
import { newId } from '../../server/core/ids'
import { seedMessages } from '../support/seed'

const script = '<script>window.hacked=1</script>'
const image = '<img src=x onerror=window.hacked=1>'
const hostile = [script, image, '<svg/onload=window.hacked=1>', '"><b onmouseover=window.hacked=1>bold</b>', '{{constructor.constructor("window.hacked=1")()}}', '`</code>' + script + '`', '```html\n' + image + '\n```']
const badLinks = ['javascript:window.hacked=1', 'JaVaScRiPt://x%0awindow.hacked=1', 'data:text/html,<script>window.hacked=1</script>', 'vbscript:x', 'file:///etc/passwd']

/** Fails when anything that people wrote ran, or became more than text. */
async function unharmed(page: Page) {
  expect(await page.evaluate(() => Reflect.get(window, 'hacked') as unknown)).toBeUndefined()
  await expect(page.locator('img[src="x"], svg[onload], [onerror], [onmouseover], script:text("hacked=1</")')).toHaveCount(0)
  for (const link of await page.getByRole('main').locator('a[href]').all()) expect(await link.getAttribute('href')).toMatch(/^(https?:|mailto:|\/)/)
}

test('whatever people write is shown as text', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada', 'Bob'] })
  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  for (const page of [ada, bob]) page.on('dialog', () => expect(true, 'a dialog was opened').toBe(false))
  for (const text of [...hostile, ...badLinks]) {
    await say(ada, text)
    await expect(row(bob, text.replaceAll('`', '').replace(/^html\n/, '').trim()).first()).toBeVisible()
  }
  await unharmed(bob)
  await expect(bob.getByRole('log').getByRole('link')).toHaveCount(0)
  await bob.reload()
  await expect(row(bob, badLinks.at(-1)!)).toBeVisible()
  await unharmed(bob)
})

test('links are only http, https and mailto, and tell the other site nothing', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada', 'Bob'] })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(page, 'See https://example.com/a_(b)?q=1&r="x" and http://example.org. Or mailto:ada@example.com')
  await sent(page, 'See https')
  const links = row(page, 'See https').getByRole('link')
  await expect(links).toHaveCount(3)
  for (const link of await links.all()) {
    await expect(link).toHaveAttribute('rel', /noopener.*noreferrer/)
    await expect(link).toHaveAttribute('target', '_blank')
  }
  expect(await links.evaluateAll(all => all.map(link => new URL((link as HTMLAnchorElement).href).protocol))).toEqual(['https:', 'http:', 'mailto:'])
  await expect(links.nth(1)).toHaveAttribute('href', 'http://example.org/')
  await say(page, 'line one\nline `two` here\n```\ncode <b>\n```')
  const message = row(page, 'line one')
  await expect(message.locator('code').first()).toHaveText('two')
  await expect(message.locator('pre')).toHaveText('code <b>')
})

test('names, rooms and topics are text everywhere they stand', async ({ chatly }) => {
  const { server, people } = await chatly.start({
    people: ['Ada', 'Bob'],
    async seed(storage, { people, lobby }) {
      await storage.rename(people.Bob.id, image)
      await storage.createRoom({ id: newId(), slug: 'bad', name: script, topic: image, owner: people.Bob.id, at: Date.now(), visibility: 'public', listed: true, passwordHash: null })
      await seedMessages(storage, lobby.id, [{ author: people.Bob.id, text: 'Hello' }])
    }
  })
  const ada = await chatly.open(server, people.Ada, '/')
  await expect(ada.getByRole('link', { name: script })).toBeVisible()
  await expect(ada.getByText(image)).toBeVisible()
  await unharmed(ada)
  await ada.getByRole('link', { name: script }).click()
  await expect(heading(ada, script)).toBeVisible()
  await expect(ada, 'it is in the title, too').toHaveTitle(new RegExp('script'))
  await unharmed(ada)

  const bob = await chatly.open(server, people.Bob, '/rooms/lobby')
  await ada.goto('/rooms/lobby')
  await expect(row(ada, 'Hello')).toContainText(image)
  await say(bob, 'Here I am')
  await sent(ada, 'Here I am')
  await unharmed(ada)
  await unharmed(bob)
  await bob.goto('/settings/profile')
  await expect(bob.getByRole('main').getByText(image)).toBeVisible()
  await unharmed(bob)
  for (const path of ['/rooms/lobby', '/', '/rooms/bad']) {
    // Without its styles: they have another page's nonce.
    const html = (await (await ada.request.get(path)).text()).replace(/<style[^]*?<\/style>/g, '')
    expect(await ada.evaluate(text => new DOMParser().parseFromString(text, 'text/html').querySelectorAll('img[src="x"], [onerror]').length, html), path).toBe(0)
    expect(html).not.toContain(script)
  }
})
