import WebSocket from 'ws'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Storage } from '../../server/core/ports'
import openFirestore from '../../server/drivers/storage/firestore'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { client } from '../support/http'
import { startRedis, type TestRedis } from '../support/redis'
import { Sender } from '../support/sender'
import { seedStorage, startServer, type Seed, type TestServer } from '../support/server'
import { connect, newNonce, Refused, type TestSocket } from '../support/socket'

/** Built servers on one Firestore and one Redis, without anything on a disk that they share. */

let firestore: TestFirestore
let redis: TestRedis
let storage: Storage
let seed: Seed
let servers: TestServer[]

const isReady = async (server: TestServer) => ((await client(server.url)('GET', '/ready')).body as { ready: boolean }).ready
/** Of a room's events, what is said in the messages, by nonce. */
const messagesIn = async (room: string) => {
  const events = await storage.eventsAfter(room, 0, 10_000)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  return new Map(events.map(({ json }) => JSON.parse(json) as { kind: string, nonce: string, seq: number }).filter(({ kind }) => kind === 'message').map(event => [event.nonce, event]))
}

beforeAll(async () => {
  [firestore, redis] = await Promise.all([startFirestore(), startRedis()])
  const project = firestore.project()
  storage = await openFirestore({ projectId: project })
  seed = await seedStorage(storage, 26)
  servers = await Promise.all([1, 2, 3].map(() => startServer({ env: { ...firestore.env(project), REDIS_URL: redis.url } })))
  await vi.waitFor(async () => expect(await Promise.all(servers.map(isReady))).toEqual([true, true, true]), { timeout: 20_000, interval: 50 })
})
afterAll(async () => {
  await Promise.all(servers.map(server => server.stop()))
  await storage.close()
  await Promise.all([redis.stop(), firestore.stop()])
})

it('a room that three of them write to at 50 messages a second: without a hole, in one order, nothing lost', async () => {
  const { room } = seed
  const people = await Promise.all(seed.people.slice(2).map((person, index) => connect(servers[index % 3]!, person)))
  for (const socket of people) await socket.subscribe(room)
  const acknowledged = new Map<string, number>()

  /** Until it is answered, with the same nonce, as a client's outbox does. */
  async function say(socket: TestSocket, nonce: string): Promise<void> {
    for (;;) {
      try {
        return void acknowledged.set(nonce, (await socket.say(room, `text ${nonce}`, nonce)).seq)
      } catch (error) {
        if (socket.ws.readyState !== WebSocket.OPEN || (error instanceof Refused && error.code !== 'unavailable')) throw error
      }
    }
  }

  const started = performance.now()
  const saying: Promise<void>[] = []
  for (let n = 0; n < 400; n++) {
    const one = say(people[n % people.length]!, newNonce())
    one.catch(() => {})
    saying.push(one)
    await new Promise(resolve => setTimeout(resolve, Math.max(0, started + (n + 1) * 20 - performance.now())))
  }
  const sent = saying.length / (performance.now() - started) * 1_000
  const outcomes = await Promise.allSettled(saying)
  console.info(`${sent.toFixed(1)} messages a second; the last was answered ${((performance.now() - started) / 1_000).toFixed(1)} s after the first was sent`)
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
  expect(sent).toBeGreaterThan(30)

  const stored = await messagesIn(room)
  expect(stored.size).toBe(saying.length)
  expect([...acknowledged].filter(([nonce, seq]) => stored.get(nonce)?.seq !== seq)).toEqual([])
  const head = (await storage.heads([room])).get(room)
  for (const socket of people) {
    if (!socket.events(room).some(({ seq }) => seq === head)) await socket.next('event', event => event.seq === head)
    const seqs = socket.events(room).map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
  }
  await Promise.all(people.map(socket => socket.close()))
})

it('two people on two of them talk, one of the two is killed: its person goes on elsewhere, nothing is lost, and nothing is there twice', async () => {
  const [ann, ben] = [0, 1].map(index => new Sender(seed.people[index]!, seed.room)) as [Sender, Sender]
  const [one, two] = servers as [TestServer, TestServer]
  await ann.connect(one)
  await ben.connect(two)
  for (const sender of [ann, ben]) sender.queue(40)
  const sending = [ann.send(), ben.send()]
  // Of the other nothing is asked: whoever is ahead in a room stays so for a while.
  await vi.waitFor(() => expect(ann.acknowledged.size).toBeGreaterThan(10), { timeout: 30_000, interval: 1 })
  await one.kill('SIGKILL')
  await ann.broken()
  await sending[0]
  const before = new Map(ann.acknowledged)
  expect(before.size).toBeLessThan(40)

  await ann.connect(two)
  await Promise.all([ann.send(), sending[1]])
  const last = Math.max(...[ann, ben].flatMap(({ acknowledged }) => [...acknowledged.values()]))
  await Promise.all([ann, ben].map(sender => sender.upTo(last)))

  const stored = await messagesIn(seed.room)
  for (const { acknowledged } of [ann, ben]) {
    expect(acknowledged.size).toBe(40)
    expect([...acknowledged].filter(([nonce, seq]) => stored.get(nonce)?.seq !== seq)).toEqual([])
  }
  for (const [nonce, seq] of before) expect(ann.acknowledged.get(nonce)).toBe(seq)
  // What they saw is one conversation, each message once: `apply` minds the order.
  const [seenByAnn, seenByBen] = [ann, ben].map(({ applied }) => applied.filter(({ kind }) => kind === 'message').map(({ nonce }) => nonce))
  expect(seenByAnn).toHaveLength(80)
  expect(new Set(seenByAnn).size).toBe(80)
  expect(seenByAnn).toEqual(seenByBen)
  await Promise.all([ann, ben].map(sender => sender.close()))
})
