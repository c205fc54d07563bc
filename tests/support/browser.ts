import { test as base, type BrowserContextOptions, type Page } from '@playwright/test'
import { seed, type Seeded, type SeededPerson } from './seed'
import { startServer, tempFolder, type ServerOptions, type TestServer } from './server'
import type { Storage } from '../../server/core/ports'

export { expect } from '@playwright/test'

interface Start<Names extends string> {
  /** Who has an account; the first is the admin. None: a site that nobody has set up. */
  people: readonly Names[]
  /** What else the data folder has when the server opens it. */
  seed?: (storage: Storage, seeded: Seeded<Names>) => Promise<unknown>
  env?: ServerOptions['env']
}

export interface Chatly {
  /** Starts a server of this test's own; it is gone at the test's end, with its data. */
  start: <Names extends string>(options: Start<Names>) => Promise<Seeded<Names> & { server: TestServer }>
  /** Starts the server again that was killed: the same port and data. */
  restart: (server: TestServer) => Promise<TestServer>
  /** Starts another instance on the data of this one. */
  beside: (server: TestServer, env: ServerOptions['env']) => Promise<TestServer>
  /** A page in a browser of its own, signed in or not, at `path`. */
  open: (server: TestServer, person: SeededPerson | null, path: string, options?: BrowserContextOptions) => Promise<Page>
  /** Watches a page that `open` did not make, too. */
  watch: (page: Page) => void
  /** Announces trouble: what is said about this is no failure of the test. */
  allow: (trouble: RegExp) => void
}

/** Troubles that nobody caused: a page that is left ends its requests. */
const harmless = /net::ERR_ABORTED/

/**
 * A fresh Chatly for each test. A test fails on everything that went wrong in a page without being announced: an error or a warning on the
 * console (Vue says there when hydration does not match), an exception, a request that failed or was refused.
 */
export const test = base.extend<{ chatly: Chatly }>({
  chatly: async ({ browser }, use) => {
    const troubles: string[] = []
    const announced: RegExp[] = [harmless]
    const ends: (() => Promise<unknown>)[] = []

    const run = async (options: ServerOptions) => {
      const server = await startServer(options)
      ends.unshift(() => server.stop())
      return server
    }

    const watch = (page: Page) => {
      const note = (text: string) => troubles.push(`${new URL(page.url(), 'http://x').pathname}: ${text}`)
      page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) note(`${message.type()}: ${message.text()} (${message.location().url})`) })
      page.on('pageerror', error => note(`exception: ${error.stack ?? error.message}`))
      page.on('requestfailed', request => note(`${request.method()} ${request.url()}: ${request.failure()?.errorText}`))
      page.on('response', (response) => { if (response.status() >= 400) note(`${response.request().method()} ${response.url()}: ${response.status()}`) })
    }

    await use({
      async start({ people, seed: more, env }) {
        const { folder, remove } = await tempFolder()
        ends.push(remove)
        const seeded = people.length > 0 ? await seed(folder, people, more) : { people: {}, lobby: null } as never
        return { ...seeded, server: await run({ dataFolder: folder, env }) }
      },
      restart: ({ port, dataFolder }) => run({ port, dataFolder }),
      beside: ({ dataFolder }, env) => run({ dataFolder, env }),
      async open(server, person, path, options) {
        const context = await browser.newContext({ baseURL: server.url, ...options })
        ends.unshift(() => context.close())
        if (person) await context.addCookies([{ name: 'chatly_session', value: person.token, url: server.url, httpOnly: true, sameSite: 'Lax' }])
        const page = await context.newPage()
        watch(page)
        await page.goto(path, { waitUntil: 'commit' })
        await alive(page)
        return page
      },
      watch,
      allow: trouble => announced.push(trouble)
    })

    for (const end of ends) await end()
    const unannounced = troubles.filter(text => !announced.some(pattern => pattern.test(text)))
    if (unannounced.length > 0) throw new Error(`Something went wrong in a page:\n${unannounced.join('\n')}`)
  }
})

/** Resolves when the page that the server rendered has come alive: before, a click reaches nobody. */
export async function alive(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const root: unknown = Reflect.get(document.querySelector('#__nuxt') ?? {}, '__vue_app__')
    const nuxt: unknown = root && Reflect.get(Reflect.get(root, 'config') as object, 'globalProperties')
    const app: unknown = nuxt && Reflect.get(nuxt, '$nuxt')
    return app ? Reflect.get(app as object, 'isHydrating') === false : false
  })
}
