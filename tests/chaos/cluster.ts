import { hash, newId, newSecret } from '../../server/core/ids'
import type { Storage } from '../../server/core/ports'
import openSqlite from '../../server/drivers/storage/sqlite'
import { startRedis, type TestRedis } from '../support/redis'
import { seedPeople, startServer, tempFolder, type TestPerson, type TestServer } from '../support/server'
import { openProxy, type Proxy } from './proxy'

/** One built server, the way of people to it, one for those who read slowly, and its way to Redis. */
interface Node {
  readonly server: TestServer
  front: Proxy
  slow: Proxy
  back: Proxy
  /** Signals it, and waits for its end. */
  stop: (signal: NodeJS.Signals) => Promise<void>
  /** Starts it again, unless it runs, on the same port. */
  start: () => Promise<void>
}

export interface Cluster {
  folder: string
  /** Our own connection to the shared storage, as of one more process. */
  storage: Storage
  redis: TestRedis
  nodes: Node[]
  people: TestPerson[]
  /** A fresh session of a person: the cookie, and its id. */
  signIn: (person: TestPerson) => Promise<{ cookie: string, id: string }>
  /** A room of the first person's. */
  room: (name: string) => Promise<string>
  close: () => Promise<void>
}

interface ClusterOptions { people: number, instances?: number, env?: Record<string, string>, nodeArgs?: string[] }

/** Built servers (three, unless told otherwise) on one data folder and one Redis of our own. */
export async function openCluster({ people: count, instances = 3, env = {}, nodeArgs = [] }: ClusterOptions): Promise<Cluster> {
  const { folder, remove } = await tempFolder()
  const { people } = await seedPeople(folder, count)
  const redis = await startRedis()
  const nodes = await Promise.all(Array.from({ length: instances }, () => openNode(folder, redis.port, env, nodeArgs)))
  const storage = await openSqlite({ folder, shared: true })
  let rooms = 0
  return {
    folder, storage, redis, nodes, people,
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
    },
    async close() {
      await Promise.all(nodes.map(async ({ server, front, slow, back }) => {
        await server.stop()
        await Promise.all([front, slow, back].map(proxy => proxy.close()))
      }))
      await storage.close()
      await redis.stop()
      await remove()
    }
  }
}

async function openNode(folder: string, redis: number, env: Record<string, string>, nodeArgs: string[]): Promise<Node> {
  const back = await openProxy(redis)
  const launch = (port = 0) => startServer({ dataFolder: folder, port, env: { REDIS_URL: `redis://127.0.0.1:${back.port}`, ...env }, nodeArgs })
  let server = await launch()
  let running = true
  return {
    get server() { return server },
    front: await openProxy(server.port), slow: await openProxy(server.port), back,
    async stop(signal) {
      running = false
      await server.kill(signal)
    },
    async start() {
      if (running) return
      server = await launch(server.port)
      running = true
    }
  }
}
