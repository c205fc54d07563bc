import { afterAll, beforeAll, expect, it } from 'vitest'
import { limits, rates } from '../../shared/limits'
import { seedPeople, startServer, tempFolder, type Seed, type TestServer } from '../support/server'
import { connect, connectPatiently } from '../support/socket'

let server: TestServer
let seed: Seed
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  folder = await tempFolder()
  seed = await seedPeople(folder.folder, 92)
  server = await startServer({ dataFolder: folder.folder })
})
afterAll(async () => {
  await server.stop()
  await folder.remove()
})

it('closes a reader that does not read with 4408; the others do not notice, and it resumes without a hole', async () => {
  const { people: [slowPerson, readerPerson, ...writers], room } = seed
  const [slow, reader] = [await connect(server, slowPerson!), await connect(server, readerPerson!)]
  const { head } = await slow.subscribe(room)
  await reader.subscribe(room)
  const sockets = await Promise.all(writers.map(person => connectPatiently(server, person)))
  slow.ws.pause()

  // Everybody may send 30 at once: three groups of writers need not wait for each other.
  const text = '€'.repeat(limits.textCodePoints - 100)
  const delays: number[] = []
  const before = await openSockets()
  for (let round = 0; round < 85 && await openSockets() === before; round++) {
    const started = performance.now()
    const group = sockets.filter((_, index) => index % 3 === round % 3)
    const answers = await Promise.all(group.map(socket => socket.say(room, `${round} ${text}`)))
    const last = Math.max(...answers.map(({ seq }) => seq))
    await reader.next('event', event => event.seq === last)
    delays.push(performance.now() - started)
    reader.forget()
  }
  slow.ws.resume()
  expect(await slow.closed).toBe(4408)
  // Of those who read: the slow one holds up nobody for long.
  expect(delays.sort((a, b) => a - b)[Math.floor(delays.length * 0.9)]).toBeLessThan(2_000)

  const had = slow.events(room).at(-1)?.seq ?? head.seq
  const again = await connect(server, slowPerson!)
  const { head: now } = await again.subscribe(room, { epoch: head.epoch, seq: had })
  const caughtUp = again.frames.some(frame => frame.type === 'reset') || now.seq === had
  if (!caughtUp) await again.next('event', event => event.seq === now.seq)
  const seqs = slow.events(room).map(event => event.seq)
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => head.seq + 1 + n))
  await Promise.all([again, reader, ...sockets].map(socket => socket.close()))
})

it('closes one that sends ping after ping and does not read the answers, and holds no more of them for it', async () => {
  const socket = await connect(server, seed.people[0]!)
  let pongs = 0
  socket.ws.on('pong', () => pongs++)
  socket.ws.pause()
  for (let n = 0; n < 50_000; n++) socket.ws.ping()
  socket.ws.resume()
  expect(await socket.closed).toBe(4429)
  expect(pongs).toBeLessThanOrEqual(rates.ping.points + 1)
})

async function openSockets(): Promise<number> {
  return Number(/^chatly_sockets (\d+)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1])
}
