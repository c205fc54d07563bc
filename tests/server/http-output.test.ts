import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client } from '../support/http'
import { signUp, startServer } from '../support/server'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatly-output-'))
  cpSync(resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output'), join(folder, 'app'), { recursive: true, verbatimSymlinks: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts the copy and waits for its end: what a wrong setting does. */
const ends = (env: Record<string, string>) => new Promise<{ code: number | null, printed: string }>((done) => {
  const child = execFile(process.execPath, [join(folder, 'app/server/index.mjs')],
    { cwd: folder, timeout: 20_000, env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', CHATLY_DATA: join(folder, 'data'), ...env } },
    (_, stdout, stderr) => done({ code: child.exitCode, printed: (stdout + stderr).trim() }))
})

describe('the output folder', () => {
  it('runs when copied alone, and starts again with what it kept', async () => {
    const before = process.env.CHATLY_TEST_OUTPUT
    process.env.CHATLY_TEST_OUTPUT = join(folder, 'app')
    try {
      const dataFolder = join(folder, 'kept')
      const first = await startServer({ dataFolder })
      const { cookie } = await signUp(first, 'Ann')
      expect((await client(first.url, cookie)('GET', '/')).status).toBe(200)
      expect(await first.kill('SIGTERM')).toBe(0)
      const second = await startServer({ dataFolder })
      expect((await client(second.url, cookie)('GET', '/api/auth/session')).body).toMatchObject({ me: { name: 'Ann', admin: true }, needsSetUp: false })
      expect(second.logs()).not.toContain('/setup?token=')
      await second.stop()
    } finally {
      if (before === undefined) delete process.env.CHATLY_TEST_OUTPUT
      else process.env.CHATLY_TEST_OUTPUT = before
    }
  }, 60_000)

  it.each([
    ['CHATLY_SIGNUP', 'sometimes'], ['PORT', 'http'], ['CHATLY_STORAGE', 'floppy'], ['CHATLY_STORAGE', 'firestore'], ['CHATLY_ACCOUNTS', 'firebase'], ['REDIS_URL', 'localhost:6379'], ['CHATLY_SECRET', 'short'],
    ['CHATLY_ORIGIN', 'example.org'], ['SMTP_URL', 'localhost'], ['GOOGLE_CLIENT_SECRET', 'lonely'], ['CHATLY_DATA', '/dev/null/data']
  ])('does not start with %s=%s, and says so in one line', async (name, value) => {
    const { code, printed } = await ends({ [name]: value })
    expect(code).toBe(1)
    expect(printed.split('\n')).toHaveLength(1)
    expect(printed).toContain(name)
  })

  it('does not start on a port that is taken, and says so in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const { code, printed } = await ends({ PORT: String(port) })
    other.close()
    expect(code).toBe(1)
    expect(printed).toMatch(new RegExp(`^Chatly cannot listen on .*${port}`))
    expect(printed.split('\n')).toHaveLength(1)
  })
})
