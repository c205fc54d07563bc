import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RoomSummary } from '../../shared/types'
import { startAuthEmulator, type AuthEmulator } from '../support/firebase'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { client, sessionOf } from '../support/http'
import { api, signUp, startServer, type TestServer } from '../support/server'
import { connect } from '../support/socket'

/** One built server on Firestore, without Redis and without anything on its disk that it needs. */

let firestore: TestFirestore
let env: Record<string, string>
let servers: TestServer[] = []
const start = async (more: Record<string, string> = {}) => {
  const server = await startServer({ env: { ...env, ...more } })
  servers.push(server)
  return server
}

beforeAll(async () => { firestore = await startFirestore() })
beforeEach(() => { env = firestore.env(firestore.project()) })
afterEach(async () => {
  await Promise.all(servers.map(server => server.stop()))
  servers = []
})
afterAll(() => firestore.stop())

/** Starts another one in a process that is expected to end: its exit code, and the last line that it printed. */
const tryToStart = ({ dataFolder }: TestServer) => new Promise<[number | null, string]>((done) => {
  const child = execFile(process.execPath, [resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output', 'server/index.mjs')],
    { timeout: 50_000, env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', CHATLY_DATA: dataFolder, ...env } },
    (_, stdout, stderr) => done([child.exitCode, (stdout + stderr).trim().split('\n').at(-1) ?? '']))
})
const refused = [1, expect.stringMatching(/^Chatly cannot start: Another Chatly already uses this database .* set REDIS_URL .*CHATLY_SINGLE_INSTANCE=1/)]

describe('a second one on the same database', () => {
  it('is refused in one line while the first one runs, and starts at once when that has ended', async () => {
    const first = await start()
    expect(await tryToStart(first)).toEqual(refused)
    expect((await client(first.url)('GET', '/up')).status).toBe(200)
    expect(await first.kill('SIGTERM')).toBe(0)
    const next = await start()
    expect(next.logs()).not.toContain('another Chatly')
  })

  it('is refused in one line beside one that has Redis', async () => {
    expect(await tryToStart(await start({ REDIS_URL: 'redis://127.0.0.1:9' }))).toEqual(refused)
  })

  it('waits for the lease of one that was killed, and has all that was said', async () => {
    const first = await start()
    const ann = await signUp(first, 'Ann')
    const { id } = await (await api(first, ann, 'POST', '/api/rooms', { name: 'Attic' })).json() as RoomSummary
    const socket = await connect(first, ann)
    const { seq } = await socket.say(id, 'before the end')
    await first.kill('SIGKILL')
    const next = await start()
    expect(next.logs()).toMatch(/another Chatly had this database until a moment ago\. .* in (1[0-5]|\d) seconds at most/)
    const again = await connect(next, ann)
    await again.subscribe(id, { epoch: (await again.subscribe(id)).head.epoch, seq: seq - 1 })
    expect(await again.next('event', event => event.seq === seq)).toMatchObject({ data: { text: 'before the end' } })
    await again.close()
  })

  it('starts beside it where it is told to', async () => {
    await start()
    await start({ CHATLY_SINGLE_INSTANCE: '1' })
  })
})

describe('with accounts at Firebase', () => {
  let emulator: AuthEmulator
  beforeAll(async () => { emulator = await startAuthEmulator(firestore.project()) }, 120_000)
  afterAll(() => emulator.close())

  it('somebody signs up, opens a room and writes; after a restart they are still signed in, and read it', async () => {
    env = { ...firestore.env(emulator.projectId), ...emulator.env }
    const first = await start()
    const { idToken } = await emulator.signUp('ann@example.org')
    const cookie = sessionOf(await client(first.url)('POST', '/api/auth/firebase/setup', { idToken, name: 'Ann', remember: true }))
    const { me } = (await client(first.url, cookie)('GET', '/api/auth/session')).body as { me: { id: string } }
    const { id } = (await client(first.url, cookie)('POST', '/api/rooms', { name: 'Attic' })).body as RoomSummary
    const socket = await connect(first, { id: me.id, name: 'Ann', cookie })
    await socket.subscribe(id)
    const { seq } = await socket.say(id, 'kept far away')
    await socket.next('event', event => event.seq === seq)
    expect(await first.kill('SIGTERM')).toBe(0)

    const next = await start()
    const page = await client(next.url, cookie)('GET', `/api/rooms/${id}/messages`)
    expect(page.body).toMatchObject({ messages: [{ seq, author: me.id, text: 'kept far away' }] })
    const again = sessionOf(await client(next.url)('POST', '/api/auth/firebase', { idToken: (await emulator.signIn('ann@example.org')).idToken }))
    expect((await client(next.url, again)('GET', '/api/auth/session')).body).toMatchObject({ me: { id: me.id, name: 'Ann' } })
  })
})
