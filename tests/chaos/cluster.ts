import { hash, newId, newSecret } from '../../server/core/ids'
import type { Storage } from '../../server/core/ports'
import { startRedis, type TestRedis } from '../support/redis'
import { seedStorage, startServer, type TestPerson, type TestServer } from '../support/server'
import type { Crowd } from './crowd'
import { openGround, type Ground, type GroundName } from './ground'
import { openProxy, type Proxy } from './proxy'

/** One built server, the way of people to it, one for those who read slowly, its way to Redis, and the one to storage where that is a line. */
interface Node {
  readonly server: TestServer
  front: Proxy
  slow: Proxy
  back: Proxy
  store: Proxy | null
  /** Signals it, and waits for its end; gives its exit code, null after a signal that kills. */
  stop: (signal: NodeJS.Signals) => Promise<number | null>
  /** Starts it again, unless it runs, on the same port. */
  start: () => Promise<void>
  /** Ends it, however it is, and all the ways to it. */
  close: () => Promise<void>
}

export interface Cluster {
  ground: Ground
  /** Our own connection to the shared storage, as of one more process. */
  storage: Storage
  redis: TestRedis
  nodes: Node[]
  people: TestPerson[]
  /** Further people, who are there to be many. */
  crowd: TestPerson[]
  /** Those of them who are there, and have to be at the head in the end. */
  crowds: Crowd[]
  /** A fresh session of a person: the cookie, and its id. */
  signIn: (person: TestPerson) => Promise<{ cookie: string, id: string }>
  /** A room of the first person's. */
  room: (name: string) => Promise<string>
  close: () => Promise<void>
}

interface ClusterOptions { people: number, crowd?: number, storage?: GroundName, instances?: number, env?: Record<string, string>, nodeArgs?: string[] }

/** Built servers (three, unless told otherwise) on one storage and one Redis of our own. Where one of them can't be had, none of them stays. */
export async function openCluster({ people: count, crowd = 0, storage: name = 'sqlite', instances = 3, env = {}, nodeArgs = [] }: ClusterOptions): Promise<Cluster> {
  const undo: (() => Promise<unknown>)[] = []
  /** What was opened last is closed first; what can't be closed keeps nothing else open. */
  const close = async () => {
    const failures: unknown[] = []
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => { failures.push(error) })
    if (failures.length > 0) throw new AggregateError(failures, 'Not all of the cluster could be closed.')
  }
  try {
    const ground = await openGround(name)
    undo.push(ground.close)
    const storage = await ground.open()
    undo.push(storage.close)
    const { people } = await seedStorage(storage, count + crowd)
    const redis = await startRedis()
    undo.push(redis.stop)
    const nodes = await all(Array.from({ length: instances }, async () => {
      const node = await openNode(ground, redis.port, env, nodeArgs)
      undo.push(node.close)
      return node
    }))
    let rooms = 0
    return {
      ground, storage, redis, nodes, people: people.slice(0, count), crowd: people.slice(count), crowds: [], close,
      async signIn(person) {
        const token = newSecret()
        const id = hash(token)
        await storage.createSession({ idHash: id, user: person.id, remember: true, at: Date.now(), agent: 'chaos' })
        return { cookie: `chatly_session=${token}`, id }
      },
      async room(name) {
        const room = await storage.createRoom({
          id: newId(), slug: `${name}-${++rooms}`, name, topic: '', owner: people[0]!.id, at: Date.now(), visibility: 'public', listed: true, passwordHash: null
        })
        if (!room) throw new Error('The room was not made.')
        return room.id
      }
    }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

/** A cluster for as long as `work` takes; whatever becomes of that, nothing of it stays. */
export async function withCluster<T>(options: ClusterOptions, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await openCluster(options)
  try {
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}

/** Waits for every one of them, also where one has failed: what the others have opened has to be known. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return await Promise.all(promises)
}

async function openNode(ground: Ground, redis: number, env: Record<string, string>, nodeArgs: string[]): Promise<Node> {
  const back = await openProxy(redis)
  const store = ground.port === null ? null : await openProxy(ground.port)
  const launch = (port = 0) => startServer({
    dataFolder: ground.folder, port, env: { ...ground.env(store?.port ?? null), REDIS_URL: `redis://127.0.0.1:${back.port}`, ...env }, nodeArgs
  })
  let server = await launch()
  let running = true
  const [front, slow] = [await openProxy(server.port), await openProxy(server.port)]
  return {
    get server() { return server },
    front, slow, back, store,
    async stop(signal) {
      running = false
      return await server.kill(signal)
    },
    async start() {
      if (running) return
      // As whatever supervises it would: where storage can't be had just now, it says so and ends.
      server = await launch(server.port).catch(() => launch(server.port))
      running = true
    },
    async close() {
      await server.stop()
      await Promise.all([front, slow, back, store].map(proxy => proxy?.close()))
    }
  }
}
