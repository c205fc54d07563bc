import { expect, type Locator, type Page } from '@playwright/test'
import { en } from '../../locales/en'

const { composer: words, message: texts } = en

/** The rows of the messages that hold a text. */
export const row = (page: Page, text: string | RegExp): Locator => page.getByRole('log').getByRole('article').filter({ hasText: text })

export const composer = (page: Page, room = 'Lobby'): Locator => page.getByRole('textbox', { name: words.label(room) })

/** What scrolls around the messages. */
export const scroller = (page: Page): Locator => page.getByRole('log').locator('..')

export const heading = (page: Page, name: string): Locator => page.getByRole('heading', { level: 1, name })

/** What a form says that was refused. (Nuxt's own announcer of pages is an alert, too.) */
export const problem = (page: Page): Locator => page.getByRole('main').getByRole('alert')

/** Writes a message and sends it with the button, which is there for mouse and finger. */
export async function say(page: Page, text: string, room = 'Lobby'): Promise<void> {
  await composer(page, room).fill(text)
  await page.getByRole('button', { name: words.send, exact: true }).click()
  await expect(composer(page, room)).toHaveValue('')
}

/** Resolves when a message stands there and is known to be kept. */
export async function sent(page: Page, text: string): Promise<void> {
  await expect(row(page, text)).toHaveCount(1)
  await expect(row(page, text).getByRole('img', { name: texts.pending })).toHaveCount(0)
}

/** A finger that stays on an element. `until` is what must be there before it is lifted. */
async function longPress(page: Page, target: Locator, until: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded()
  const box = await target.boundingBox()
  if (!box) throw new Error('There is nothing to press.')
  const finger = await page.context().newCDPSession(page)
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }] })
  await expect(until).toBeVisible()
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await finger.detach()
}

/** What one does with a message: by the toolbar beside it with a mouse, by the sheet of a long press with a finger. */
export async function act(page: Page, target: Locator, action: 'reply' | 'edit' | 'remove' | 'report', touch: boolean): Promise<void> {
  const name = action === 'report' ? en.reports.report : texts[action]
  if (touch) {
    const sheet = page.getByRole('dialog', { name: texts.actions })
    await longPress(page, target.locator('[dir=auto]').first(), sheet)
    await sheet.getByRole('button', { name, exact: true }).click()
    await expect(sheet).toBeHidden()
    return
  }
  await target.hover()
  const toolbar = target.getByRole('toolbar', { name: texts.actions })
  if (action === 'remove' || action === 'report') {
    await toolbar.getByRole('button', { name: texts.more }).click()
    await page.getByRole('menuitem', { name }).click()
  } else {
    await toolbar.getByRole('button', { name, exact: true }).click()
  }
}

/** Reacts to a message with an emoji of the picker. */
export async function react(page: Page, target: Locator, emoji: string, touch: boolean): Promise<void> {
  const choice = page.getByRole('button', { name: texts.reactWith(emoji) })
  if (touch) {
    await longPress(page, target.locator('[dir=auto]').first(), page.getByRole('dialog', { name: texts.actions }))
  } else {
    await target.hover()
    await target.getByRole('toolbar').getByRole('button', { name: texts.react }).click()
  }
  await choice.click()
}
