import { expect, test } from '../support/browser'

/** A violation is an error on the console, which fails every test here; this sees to it that there is a policy to violate. */
test('a page runs nothing that got into its markup', async ({ chatly }) => {
  const { server } = await chatly.start({ people: ['Ann'] as const })
  const page = await chatly.open(server, null, '/forgot')
  chatly.allow(/Content Security Policy|elsewhere\.invalid/)
  // Without a socket: the browser does not let a page that was given to it open one.
  await page.route('**/login', async (route) => {
    const answer = await route.fetch()
    const body = (await answer.text()).replace(/<body[^>]*>/, '$&<script>window.ran = "inline"</script><img src="data:," onerror="window.ran = \'handler\'">')
    expect(body.includes('window.ran')).toBe(true)
    await route.fulfill({ response: answer, body })
  })
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    document.documentElement.setAttribute(`data-violated-${effectiveDirective}`, '')
  }))
  await page.goto('/login')
  await page.evaluate(() => fetch('https://elsewhere.invalid/').catch(() => {}))
  for (const directive of ['script-src-elem', 'script-src-attr', 'connect-src']) await expect(page.locator('html')).toHaveAttribute(`data-violated-${directive}`)
  expect(await page.evaluate(() => Reflect.get(window, 'ran') as unknown)).toBeUndefined()
})

test('no page of ours violates it', async ({ chatly }) => {
  const { server, people } = await chatly.start({ people: ['Ann', 'Bob'] as const, env: { CHATLY_PUBLIC: 'true' } })
  const pages = ['/', '/rooms/lobby', '/settings', '/settings/profile', '/settings/appearance', '/settings/password', '/settings/sessions', '/settings/account',
    '/admin', '/admin/people', '/admin/rooms', '/admin/reports', '/admin/site', '/admin/history']
  const own = await chatly.open(server, people.Ann, '/')
  for (const path of pages) {
    await own.goto(path)
    await expect(own.getByRole('main').first()).toBeVisible()
  }
  const visitor = await chatly.open(server, null, '/')
  for (const path of ['/rooms/lobby', '/login', '/signup', '/forgot', '/reset/a.b.c', '/login?problem=google-failed']) {
    await visitor.goto(path)
    await expect(visitor.locator('#__nuxt')).not.toBeEmpty()
  }
})
