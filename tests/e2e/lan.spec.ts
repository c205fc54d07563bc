import { alive, expect, test } from '../support/browser'
import { act, composer, heading, row, say, sent } from '../support/conversation'
import { password } from '../support/seed'
import { en } from '../../locales/en'

const { auth, room } = en

test('everything works over plain HTTP by a name on the local network', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const there = `http://chat.lan:${server.port}`
  const bob = await chatly.open(server, null, `${there}/signup`)
  expect(await bob.evaluate(() => [isSecureContext, 'randomUUID' in crypto, 'locks' in navigator, 'clipboard' in navigator])).toEqual([false, false, false, false])

  await bob.getByLabel(auth.name).fill('Bob')
  await bob.getByLabel(auth.email).fill('bob@example.com')
  await bob.getByLabel(auth.password, { exact: true }).fill(password)
  await bob.getByRole('button', { name: auth.signUp.submit }).click()
  await expect(heading(bob, en.rooms.title)).toBeVisible()
  await bob.reload()
  await alive(bob)
  await expect(bob.getByRole('button', { name: en.app.account('Bob') }), 'the cookie sticks').toBeVisible()
  await bob.getByRole('link', { name: 'Lobby' }).click()
  await expect(composer(bob)).toBeVisible()

  const ada = await chatly.open(server, people.Ada, '/rooms/lobby')
  await say(bob, 'From the phone')
  await sent(ada, 'From the phone')
  await say(ada, 'From the desktop')
  await sent(bob, 'From the desktop')
  await act(bob, row(bob, 'From the phone'), 'edit', false)
  await bob.getByRole('textbox', { name: en.composer.editing }).fill('From the sofa')
  await bob.keyboard.press('Enter')
  await expect(row(ada, 'From the sofa')).toBeVisible()

  await bob.getByRole('button', { name: room.menu }).click()
  await bob.getByRole('menuitem', { name: room.copyLink }).click()
  await expect(bob.getByText(room.linkCopied).or(bob.getByRole('dialog', { name: room.copyTitle })).first()).toBeVisible()
  // The menu gives the focus back to its button as the last thing.
  await expect(bob.getByRole('menu')).toHaveCount(0)
  await expect(bob.getByRole('button', { name: room.menu })).toBeFocused()
  await composer(bob).press('ControlOrMeta+v')
  await expect(composer(bob), 'the link went to the clipboard').toHaveValue(`${there}/rooms/lobby`)
})

test('where copying is not allowed, the link is shown', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ada'] })
  const page = await chatly.open(server, people.Ada, '/rooms/lobby')
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
    document.execCommand = () => false
  })
  await page.getByRole('button', { name: room.menu }).click()
  await page.getByRole('menuitem', { name: room.copyLink }).click()
  await expect(page.getByRole('dialog').getByRole('textbox', { name: room.copyTitle })).toHaveValue(`${server.url}/rooms/lobby`)
})
