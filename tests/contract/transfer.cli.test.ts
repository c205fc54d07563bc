import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { initializeApp } from 'firebase-admin/app'
import { getFirestore } from 'firebase-admin/firestore'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readLines } from '../../cli/lines'
import { encodeExport } from '../../server/core/export-lines'
import openFirestore from '../../server/drivers/storage/firestore'
import openSqlite from '../../server/drivers/storage/sqlite'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import type { Entry } from '../../shared/export'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { seedSite } from '../support/site'
import { freshId, temporaryFolder } from '../support/storage'

vi.setConfig({ testTimeout: 120_000 })

/** As the build makes it: one file beside the server. */
const program = resolve('node_modules/.cache/chatly/transfer', `${process.pid}.chatly.mjs`)
let firestore: TestFirestore
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  firestore = await startFirestore()
  await build({ entryPoints: ['cli/chatly.ts'], outfile: program, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', alias: { '#shared': resolve('shared') } })
}, 60_000)
afterAll(() => firestore.stop())
beforeEach(async () => { ({ folder, remove } = await temporaryFolder()) })
afterEach(() => remove())

type Env = Record<string, string>
const sqlite = (): Env & { CHATLY_DATA: string } => ({ CHATLY_DATA: join(folder, freshId('data')) })
const inFirestore = (): Env & { FIREBASE_PROJECT_ID: string } => ({
  CHATLY_STORAGE: 'firestore', FIREBASE_PROJECT_ID: firestore.project(), CHATLY_SECRET: 'a secret for tests alone', CHATLY_ALLOW_EMULATORS: '1', FIRESTORE_EMULATOR_HOST: firestore.host,
  METADATA_SERVER_DETECTION: 'none'
})
const start = (env: Env, args: string[]): ChildProcess => spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })

/** Runs it to its end. `said`: all that it printed. */
async function chatly(env: Env, ...args: string[]): Promise<{ code: number | null, said: string }> {
  const child = start(env, args)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { said += text })
  const [code] = await once(child, 'close')
  return { code, said }
}
async function seededSqlite() {
  const env = sqlite()
  const storage = await openSqlite({ folder: env.CHATLY_DATA })
  await seedSite(storage)
  await storage.close()
  return env
}
const file = (name: string) => join(folder, name)

/** A file with one room, of so many messages. */
async function long(name: string, messages: number): Promise<string> {
  async function* entries(): AsyncGenerator<Entry, void> {
    yield { type: 'user', id: 'ada', name: 'Ada', kind: 'member', admin: true, disabledAt: null, createdAt: 1, credentials: [] }
    for (let seq = 1; seq <= messages; seq++) {
      yield {
        type: 'event', frame: { type: 'event', room: 'lobby', seq, kind: 'message', at: seq, author: 'ada', nonce: `nonce${seq}`, message: `m${seq}`, data: { text: `message ${seq}`, replyTo: null } },
        message: { rev: seq, replyTo: null, editedAt: null, deletedAt: null, reactions: [] }
      }
    }
    yield {
      type: 'room', id: 'lobby', slug: 'lobby', name: 'Lobby', topic: '', visibility: 'public', listed: true, passwordHash: null, passwordVersion: 0, closedAt: null, slowModeSeconds: 0, guests: true,
      archivedAt: null, ownerId: 'ada', seq: messages, lastMessageSeq: messages, lastMessageAt: messages, createdAt: 1, audits: 0
    }
    yield { type: 'site', settings: {}, audits: 0, reports: 0 }
  }
  const lines: string[] = []
  for await (const line of encodeExport(entries(), { passwordHashes: true })) lines.push(line)
  writeFileSync(file(name), lines.join(''))
  return file(name)
}

describe('chatly export and import', () => {
  it('move a site from SQLite to Firestore and back, in files that are the same to the byte', async () => {
    const from = await seededSqlite()
    const [middle, to] = [inFirestore(), sqlite()]
    expect(await chatly(from, 'export', file('1'), '--with-password-hashes')).toMatchObject({ code: 0, said: expect.stringMatching(/Saved and checked: .*\n9 people, 4 rooms, 45 events\. SHA-256/) })
    expect(await chatly(middle, 'import', file('1'))).toMatchObject({ code: 0, said: expect.stringMatching(/Checking: 100 %\nImporting: 100 %\nComparing: 100 %\nImported, and the same as the file: 9 people/) })
    expect((await chatly(middle, 'export', file('2'), '--with-password-hashes')).code).toBe(0)
    expect((await chatly(to, 'import', file('2'))).code).toBe(0)
    expect((await chatly(to, 'export', file('3'), '--with-password-hashes')).code).toBe(0)
    expect(readFileSync(file('2')).equals(readFileSync(file('1')))).toBe(true)
    expect(readFileSync(file('3')).equals(readFileSync(file('1')))).toBe(true)
    expect(statSync(file('1')).mode & 0o777).toBe(0o600)
    expect(statSync(join(to.CHATLY_DATA, 'chatly.db')).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter(name => name.includes('part'))).toEqual([])
    const opened = await Promise.all([openSqlite({ folder: to.CHATLY_DATA }), openFirestore({ projectId: middle.FIREBASE_PROJECT_ID })])
    for (const storage of opened) {
      expect((await storage.heads(['lobby'])).get('lobby')).toBe(36)
      await storage.close()
    }
  })

  it('say what has no passwords in it, and what has', async () => {
    const from = await seededSqlite()
    const open = await chatly(from, 'export', file('open'))
    expect(open).toMatchObject({ code: 0, said: expect.stringContaining('It has no passwords in it') })
    expect(readFileSync(file('open'), 'utf8')).not.toContain('hash of')
    expect((await chatly(sqlite(), 'import', file('open'))).said).toContain('people set new ones')
    expect((await chatly(from, 'export', file('closed'), '--with-password-hashes')).said).toContain('keep it as safe as the site itself')
    expect((await chatly(sqlite(), 'import', file('closed'))).said).not.toContain('people set new ones')
  })

  it('without hashes, leave a way in: a link from the storage that they were taken into', async () => {
    const open = file('open')
    await chatly(await seededSqlite(), 'export', open)
    for (const to of [sqlite(), inFirestore()]) {
      await chatly(to, 'import', open)
      expect(await chatly(to, 'reset-link', 'BOB@example.org')).toMatchObject({ code: 0, said: expect.stringMatching(/^http:\/\/localhost:3000\/reset\/[\w.-]+\n/) })
      expect(await chatly(to, 'reset-link', 'nobody@example.org')).toMatchObject({ code: 1, said: 'There is no account with the e-mail address nobody@example.org.\n' })
    }
  })

  it('goes on after it was killed, with the same result: SQLite', async () => {
    const lines = await long('long', 60_000)
    const env = sqlite()
    const imported = join(env.CHATLY_DATA, 'chatly.import.db')
    const child = start(env, ['import', lines])
    const entries = await until(() => {
      if (!existsSync(imported)) return 0
      try {
        const db = openDatabase(imported, { readonly: true, wait: 0 })
        try {
          return JSON.parse(String(db.prepare('SELECT value FROM meta WHERE key = \'import\'').pluck().get())).entries
        } finally {
          db.close()
        }
      } catch {
        return 0
      }
    })
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(existsSync(join(env.CHATLY_DATA, 'chatly.db'))).toBe(false)
    expect(entries).toBeLessThan(60_000)
    expect(await chatly(env, 'import', lines)).toMatchObject({ code: 0, said: expect.stringContaining('60000 events') })
    expect((await chatly(env, 'export', file('again'), '--with-password-hashes')).code).toBe(0)
    expect(readFileSync(file('again')).equals(readFileSync(lines))).toBe(true)
    expect(readdirSync(env.CHATLY_DATA).filter(name => /import|restore/.test(name))).toEqual([])
  })

  it('goes on after it was killed, with the same result: Firestore', async () => {
    const lines = await long('long', 2_500)
    const env = inFirestore()
    const db = getFirestore(initializeApp({ projectId: env.FIREBASE_PROJECT_ID }, freshId()))
    const child = start(env, ['import', lines])
    const entries = await until(async () => (await db.doc('meta/history').get()).data()?.import?.entries ?? 0)
    child.kill('SIGKILL')
    await once(child, 'close')
    await db.terminate()
    expect(entries).toBeLessThan(2_500)
    await expect(openFirestore({ projectId: env.FIREBASE_PROJECT_ID })).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not finished') })
    expect(await chatly(env, 'import', lines)).toMatchObject({ code: 0 })
    expect((await chatly(env, 'export', file('again'), '--with-password-hashes')).code).toBe(0)
    expect(readFileSync(file('again')).equals(readFileSync(lines))).toBe(true)
  })

  it('refuse with one line what they can\'t do, and leave nothing', async () => {
    const from = await seededSqlite()
    const [good, empty] = [file('good'), sqlite()]
    await chatly(from, 'export', good)
    const refuses = async (env: Env, args: string[], message: RegExp) => {
      const { code, said } = await chatly(env, ...args)
      const last = said.trimEnd().split('\n').filter(line => !/^\w+: 100 %$/.test(line))
      expect([code, last], args.join(' ')).toEqual([1, [expect.stringMatching(message)]])
    }
    for (const args of [['export'], ['export', '--what'], ['export', 'a', 'b']]) await refuses(from, args, /^Usage: chatly export FILE/)
    for (const args of [['import'], ['import', '--force'], ['import', 'a', 'b']]) await refuses(from, args, /^Usage: chatly import FILE/)
    await refuses(from, ['export', good], /--force/)
    await refuses(empty, ['export', file('none')], /^There is no Chatly in .*CHATLY_DATA/)
    await refuses(inFirestore(), ['export', file('none')], /^There is no Chatly in the project .*FIREBASE_PROJECT_ID/)
    await refuses(inFirestore(), ['reset-link', 'ada@example.org'], /^There is no Chatly in the project .*FIREBASE_PROJECT_ID/)
    await refuses({ CHATLY_STORAGE: 'firestore' }, ['export', file('none')], /^FIREBASE_PROJECT_ID must be set/)
    await refuses({ CHATLY_STORAGE: 'paper' }, ['import', good], /^CHATLY_STORAGE must be sqlite or firestore/)
    await refuses(empty, ['import', file('none')], /^There is no file/)
    await refuses(from, ['import', good], /^There is a Chatly with people in .* already/)

    writeFileSync(file('torn'), readFileSync(good))
    truncateSync(file('torn'), statSync(good).size - 20)
    writeFileSync(file('foreign'), readFileSync(join(from.CHATLY_DATA, 'chatly.db')))
    writeFileSync(file('edited'), readFileSync(good, 'utf8').replace('"plain"', '"plane"'))
    const bytes = readFileSync(good)
    bytes[bytes.indexOf('Ångström')] = 0xFF
    writeFileSync(file('spoiled'), bytes)
    writeFileSync(file('nothing'), '')
    await refuses(empty, ['import', file('torn')], /^Line \d+: the file is torn off here\.$/)
    await refuses(empty, ['import', file('foreign')], /^Line 1: this is not an export of Chatly\.$/)
    await refuses(empty, ['import', file('edited')], /^Line \d+: the file is not as it was written/)
    await refuses(empty, ['import', file('spoiled')], /^Line 2: this is no text; the file is damaged\.$/)
    await refuses(empty, ['import', file('nothing')], /^Line 1: this is not an export of Chatly\.$/)
    expect(existsSync(empty.CHATLY_DATA)).toBe(false)
    expect(readdirSync(folder).filter(name => name.startsWith('none') || name.includes('part'))).toEqual([])
    expect((await chatly(from, 'export', good, '--force')).code).toBe(0)
  })

  it('never leave half a file behind', async () => {
    const from = await seededSqlite()
    const db = openDatabase(join(from.CHATLY_DATA, 'chatly.db'))
    db.prepare('UPDATE rooms SET seq = seq + 1 WHERE id = \'lobby\'').run()
    db.close()
    writeFileSync(file('precious'), 'precious')
    const { code, said } = await chatly(from, 'export', file('precious'), '--force')
    expect([code, said]).toEqual([1, expect.stringContaining('can\'t be exported')])
    expect(readFileSync(file('precious'), 'utf8')).toBe('precious')
    expect(existsSync(file('precious.part'))).toBe(false)
  })
})

describe('lines of a file', () => {
  const read = async (content: string | Buffer) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file('lines'), '')
    appendFileSync(file('lines'), content)
    const lines: string[] = []
    for await (const line of readLines(file('lines'))) lines.push(line)
    return lines
  }

  it('end where they end, and nowhere else', async () => {
    expect(await read('')).toEqual([])
    expect(await read('a\nb')).toEqual(['a\n', 'b'])
    expect(await read('a\r\n\u2028\u2029\u0085\r\n\n')).toEqual(['a\r\n', '\u2028\u2029\u0085\r\n', '\n'])
    const long = ['x'.repeat(700_000), '👍'.repeat(150_000), 'é'.repeat(300_001)].map(text => `${text}\n`)
    expect(await read(long.join(''))).toEqual(long)
  })

  it('are refused where they are no UTF-8', async () => {
    await expect(read(Buffer.from([0x61, 0x0A, 0xC3, 0x0A]))).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('Line 2') })
  })
})

/** Asks until the answer is not 0. */
async function until(ask: () => number | Promise<number>): Promise<number> {
  for (const end = performance.now() + 60_000; performance.now() < end;) {
    const answer = await ask()
    if (answer > 0) return answer
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  throw new Error('It never began.')
}
