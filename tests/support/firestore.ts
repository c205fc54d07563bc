import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { resolve } from 'node:path'

/** As Google would bill it. `queries`: their number, by the collection's name. */
export interface Counts { reads: number, writes: number, deletes: number, commits: number, queries: Record<string, number> }

/** Calls that fail: without having done anything, after they have done it, or by never answering. `skip`: so many pass first. */
export interface Fault { method: 'Commit' | 'BatchGetDocuments' | 'RunQuery' | 'RunAggregationQuery', when: 'before' | 'after' | 'never', times: number, code?: number, details?: string, skip?: number }

/** A Firestore for tests, on loopback, in a process of its own. */
export interface TestFirestore {
  /** For `FIRESTORE_EMULATOR_HOST`. */
  host: string
  /** A project id that no other test has: a database of its own, new and empty. */
  project: () => string
  /** What a server needs to keep everything in a project's database; at another address, if it goes by a proxy. */
  env: (project: string, host?: string) => Record<string, string>
  /** Whether it counts, makes faults and knows indexes: Google's emulator does not. */
  ours: boolean
  counts: (project: string) => Promise<Counts>
  forgetCounts: (project: string) => Promise<void>
  fail: (project: string, faults: Fault[]) => Promise<void>
  /** Queries that were refused for want of an index. */
  unindexed: (project: string) => Promise<unknown[]>
  stop: () => Promise<void>
}

export const indexesFile = resolve('firestore.indexes.json')
const START_MS = 60_000
let projects = 0
const envOf = (host: string): TestFirestore['env'] => (project, at = host) => ({
  CHATLY_STORAGE: 'firestore', CHATLY_SECRET: 'a secret of at least sixteen characters', FIREBASE_PROJECT_ID: project, FIRESTORE_EMULATOR_HOST: at,
  CHATLY_ALLOW_EMULATORS: '1', METADATA_SERVER_DETECTION: 'none'
})
const project = () => `demo-${process.pid}-${Date.now().toString(36)}-${++projects}`

/** Starts the in-memory one from npm, or Google's emulator where FIRESTORE_EMULATOR_JAR names it; says which. */
export async function startFirestore(): Promise<TestFirestore> {
  // Without it the client looks for Google's metadata server, which is nowhere here.
  process.env.METADATA_SERVER_DETECTION = 'none'
  const jar = process.env.FIRESTORE_EMULATOR_JAR
  console.info(jar ? `Firestore: Google's emulator, ${jar}` : 'Firestore: the in-memory engine of @firebase-bridge/firestore-admin')
  const started = await (jar ? startGoogles(jar) : startOurs())
  process.env.FIRESTORE_EMULATOR_HOST = started.host
  return started
}

async function startOurs(): Promise<TestFirestore> {
  const child = fork(resolve('tests/support/firestore-endpoint.mjs'), [], { env: { ...process.env, INDEXES: indexesFile }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ host, control }] = await Promise.race([once(child, 'message'), ended(child)]) as [{ host: string, control: string }]
  const ask = async (path: string, init?: RequestInit) => await (await fetch(`${control}/projects/${path}`, init)).json() as { counts: Counts, unindexed: unknown[] }
  return {
    host, project, ours: true, env: envOf(host),
    counts: async name => (await ask(name)).counts,
    async forgetCounts(name) { await ask(name, { method: 'DELETE' }) },
    async fail(name, faults) { await ask(`${name}/faults`, { method: 'POST', body: JSON.stringify(faults) }) },
    unindexed: async name => (await ask(name)).unindexed,
    stop: () => stop(child)
  }
}

async function startGoogles(jar: string): Promise<TestFirestore> {
  const port = await freePort()
  const child = spawn('java', ['-cp', jar, 'com.google.cloud.datastore.emulator.firestore.CloudFirestore', '--host=127.0.0.1', `--port=${port}`], { stdio: 'ignore' })
  const host = `127.0.0.1:${port}`
  await Promise.race([answers(`http://${host}/`), ended(child)])
  const none = () => Promise.reject(new Error('Google\'s emulator can\'t do that.'))
  return { host, project, ours: false, env: envOf(host), counts: none, forgetCounts: none, fail: none, unindexed: async () => [], stop: () => stop(child) }
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`Firestore for tests ended with ${code}.`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = once(child, 'exit')
  child.kill()
  await gone
}

async function answers(url: string): Promise<void> {
  for (const until = performance.now() + START_MS; ;) {
    if (await fetch(url).then(() => true, () => false)) return
    if (performance.now() > until) throw new Error('Firestore for tests does not answer.')
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
