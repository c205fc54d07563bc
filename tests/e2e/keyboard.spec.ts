import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../support/browser'
import { composer, sent } from '../support/conversation'
import { api } from '../support/server'
import { en } from '../../locales/en'

const { invites, moderation, people: peopleTexts, room } = en

/** Goes on by Tab until the focus is there; all on the way show that they have it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 40; presses++) {
    if (await target.evaluate(element => element === document.activeElement)) return
    await page.keyboard.press('Tab')
    await showsFocus(page)
  }
  await expect(target, 'it is reached by Tab').toBeFocused()
}

/** Fails where what has the focus has no outline and no ring of two pixels, nor a caret: another shade of grey says nothing. */
async function showsFocus(page: Page): Promise<void> {
  expect(await page.evaluate(() => {
    const { activeElement } = document
    if (!activeElement || activeElement === document.body) return 'nothing has the focus'
    const marked = [undefined, '::before'].some((part) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(activeElement, part)
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || / 0px 0px 0px [2-9]/.test(boxShadow)
    })
    return marked || activeElement.matches('input, textarea') ? '' : `not to be seen: ${activeElement.outerHTML.slice(0, 300)}`
  })).toBe('')
}

test('without a mouse: into a room by an invite, and somebody out of it', async ({ chatly }) => {
  chatly.allow(/403/)
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const den = await (await api(server, people.Ada, 'POST', '/api/rooms', { name: 'Den', visibility: 'private' })).json() as { id: string }
  const { code } = await (await api(server, people.Ada, 'POST', `/api/rooms/${den.id}/invites`, { role: 'guest' })).json() as { code: string }
  const gil = await chatly.open(server, null, `/invite/${code}`)
  await expect(gil.getByLabel(invites.preview.guestName)).toBeFocused()
  await gil.keyboard.type('Gil')
  await gil.keyboard.press('Enter')
  await expect(composer(gil, 'Den')).toBeFocused()
  await gil.keyboard.type('Anybody here?')
  await gil.keyboard.press('Enter')
  await sent(gil, 'Anybody here?')
  await expect(composer(gil, 'Den'), 'one writes on').toBeFocused()

  const ada = await chatly.open(server, people.Ada, '/rooms/den')
  await expect(composer(ada, 'Den')).toBeFocused()
  const list = ada.getByRole('complementary', { name: peopleTexts.title })
  await tabTo(ada, list.getByRole('button', { name: moderation.actions('Gil') }))
  await ada.keyboard.press('Enter')
  const item = ada.getByRole('menuitem', { name: moderation.remove })
  await expect(ada.getByRole('menuitem').first()).toBeFocused()
  await showsFocus(ada)
  await ada.keyboard.press('ArrowDown')
  await expect(item).toBeFocused()
  await showsFocus(ada)
  await ada.keyboard.press('Enter')
  const dialog = ada.getByRole('dialog', { name: moderation.removeAsk.title('Gil') })
  await expect(dialog.locator(':focus'), 'the dialog takes the focus').toHaveCount(1)
  await tabTo(ada, dialog.getByRole('button', { name: moderation.removeAsk.confirm, exact: true }))
  await ada.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(gil.getByText(room.lost.guest)).toBeVisible()
  await expect(composer(gil, 'Den')).toHaveCount(0)
  await expect(ada.getByRole('button', { name: moderation.actions('Gil') })).toHaveCount(0)
  await expect(list.locator('[tabindex="-1"]').first(), 'the keyboard goes on in the list, whose row is gone').toBeFocused()
})
