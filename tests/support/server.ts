import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { hash, newId, newSecret } from '../../server/core/ids'
import type { Storage } from '../../server/core/ports'

/** Where the built server is; a copy of it can be tested by naming its folder. */
const output = () => resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output')

export interface ServerOptions {
  env?: Record<string, string>
  /** Kept after `stop`; without it a temporary one is made and removed. */
  dataFolder?: string
  /** 0, or none: a free one. */
  port?: number
  nodeArgs?: string[]
}

/** The built server in a process of its own. */
export interface TestServer {
  url: string
  port: number
  pid: number
  dataFolder: string
  /** Everything it has printed. */
  logs: () => string
  /** Sends a signal and waits for the end; gives the exit code, null after a signal that kills. */
  kill: (signal: NodeJS.Signals) => Promise<number | null>
  /** Ends it, however it is, and removes what it left. */
  stop: () => Promise<void>
}

const START_MS = 120_000

/** Starts `.output/server/index.mjs` and resolves when it says that it is ready. Rejects with its output when it ends before. */
export async function startServer({ env = {}, dataFolder, port = 0, nodeArgs = [] }: ServerOptions = {}): Promise<TestServer> {
  const program = join(output(), 'server/index.mjs')
  if (!existsSync(program)) throw new Error('There is no built server: run `npm run build` first.')
  const folder = dataFolder ?? await mkdtemp(join(tmpdir(), 'chatly-'))
  const child = spawn(process.execPath, [...nodeArgs, program], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), CHATLY_DATA: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text })
  const listening = await ready(child, () => printed)
  const ended = () => child.exitCode !== null || child.signalCode !== null

  const kill = async (signal: NodeJS.Signals) => {
    if (ended()) return child.exitCode
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
    return child.exitCode
  }
  return {
    url: `http://127.0.0.1:${listening}`, port: listening, pid: child.pid ?? 0, dataFolder: folder,
    logs: () => printed, kill,
    async stop() {
      await kill('SIGKILL')
      if (dataFolder === undefined) await rm(folder, { recursive: true, force: true })
    }
  }
}

function ready(child: ChildProcess, printed: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`The server was not ready in ${START_MS / 1000} s:\n${printed()}`))
    }, START_MS)
    const look = () => {
      const [, port] = /Chatly is ready on http:\/\/localhost:(\d+)/.exec(printed()) ?? []
      if (!port) return
      clearTimeout(timer)
      resolve(Number(port))
    }
    child.stdout?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`The server ended with ${code} before it was ready:\n${printed()}`))
    })
  })
}

/** Somebody with a session: what a test needs to speak for them. */
export interface TestPerson { id: string, name: string, cookie: string }

/** What the link for the first account has in it. It is printed a moment after the line that says that the server is ready. */
export async function setUpToken(server: Pick<TestServer, 'logs'>): Promise<string> {
  for (const since = Date.now(); Date.now() - since < 20_000; await new Promise(resolve => setTimeout(resolve, 10))) {
    const [, token] = /\/setup\?token=(\S+)/.exec(server.logs()) ?? []
    if (token !== undefined) return token
  }
  throw new Error(`No set-up link was printed:\n${server.logs()}`)
}

/** Signs up by HTTP. The first one on a server sets it up and becomes its admin. */
export async function signUp(server: TestServer, name: string): Promise<TestPerson> {
  const { needsSetUp } = await (await fetch(`${server.url}/api/auth/session`)).json() as { needsSetUp: boolean }
  const response = await fetch(`${server.url}/api/auth/${needsSetUp ? 'setup' : 'signup'}`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'origin': server.url }, body: JSON.stringify({
      name, email: `${name.toLowerCase().replace(/\W/g, '')}@example.com`, password: 'correct horse battery', remember: true, ...needsSetUp && { token: await setUpToken(server) }
    })
  })
  if (!response.ok) throw new Error(`Sign-up failed: ${response.status} ${await response.text()}`)
  const { me } = await response.json() as { me: { id: string } }
  const cookie = response.headers.getSetCookie().map(line => line.split(';')[0]).find(pair => pair?.startsWith('chatly_session=')) ?? ''
  return { id: me.id, name, cookie }
}

export interface Seed { people: TestPerson[], room: string }

/** Makes many accounts with a session each, and one room, in a data folder that no server has open. */
export async function seedPeople(dataFolder: string, count: number): Promise<Seed> {
  // Only here: the browser tests use this file too, and know no worker imports.
  const { default: openSqlite } = await import('../../server/drivers/storage/sqlite')
  const storage = await openSqlite({ folder: dataFolder })
  try {
    return await seedStorage(storage, count)
  } finally {
    await storage.close()
  }
}

/** The same in whichever storage. No password is hashed: they cannot log in. */
export async function seedStorage(storage: Storage, count: number): Promise<Seed> {
  const at = Date.now()
  const people = await Promise.all(Array.from({ length: count }, async (_, index) => {
    const [id, name, token] = [newId(), `Person ${index}`, newSecret()]
    const credential = { kind: 'password', subject: `person${index}@example.com`, secretHash: 'none', verifiedAt: null } as const
    await storage.createAccount({ id, name, kind: 'member', admin: index === 0, at, credential })
    await storage.createSession({ idHash: hash(token), user: id, remember: true, at, agent: 'test' })
    return { id, name, cookie: `chatly_session=${token}` }
  }))
  const room = await storage.createRoom({ id: newId(), slug: 'hall', name: 'Hall', topic: '', owner: people[0]!.id, at, visibility: 'public', listed: true, passwordHash: null })
  if (!room) throw new Error('The room was not made.')
  return { people, room: room.id }
}

/** A temporary data folder, and the way to remove it. */
export async function tempFolder(): Promise<{ folder: string, remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'chatly-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A request with somebody's cookie, as their browser would send it. */
export function api(server: TestServer, person: TestPerson | null, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'origin': server.url, ...(person && { cookie: person.cookie }) }
  })
}
