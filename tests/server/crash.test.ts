import { afterAll, beforeAll, expect, it } from 'vitest'
import { Sender } from '../support/sender'
import { seedPeople, startServer, tempFolder, type Seed, type TestServer } from '../support/server'

const CLIENTS = 20

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

it('kill -9 while 20 clients send: nothing acknowledged is lost, nothing is there twice, one order for all, and all catch up', async () => {
  const senders = seed.people.map(person => new Sender(person, seed.room))
  for (const sender of senders) await sender.connect(server)
  for (const sender of senders) sender.queue(25)

  const enough = new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (senders.reduce((sum, sender) => sum + sender.acknowledged.size, 0) < 100) return
      clearInterval(look)
      resolve()
    }, 1)
  })
  const sending = senders.map(sender => sender.send())
  await enough
  await server.kill('SIGKILL')
  await Promise.all(senders.map(sender => sender.broken()))
  await Promise.all(sending)
  const before = senders.map(sender => new Map(sender.acknowledged))

  server = await startServer({ dataFolder: folder.folder, port: server.port })
  for (const sender of senders) await sender.connect(server)
  await Promise.all(senders.map(sender => sender.send()))
  const last = Math.max(...senders.flatMap(sender => [...sender.acknowledged.values()]))
  await Promise.all(senders.map(sender => sender.upTo(last)))

  const seqsOf = (sender: Sender) => sender.applied.map(event => event.seq)
  for (const sender of senders) expect(seqsOf(sender)).toEqual(seqsOf(senders[0]!))
  const messages = new Map(senders[0]!.applied.filter(event => event.kind === 'message').map(event => [event.nonce, event]))
  senders.forEach((sender, index) => {
    expect(sender.acknowledged.size).toBe(25)
    for (const [nonce, seq] of before[index]!) expect(sender.acknowledged.get(nonce)).toBe(seq)
    for (const [nonce, seq] of sender.acknowledged) expect(messages.get(nonce)?.seq).toBe(seq)
  })
  expect(messages.size).toBe(25 * CLIENTS)
  expect(new Set(senders[0]!.applied.map(event => event.seq)).size).toBe(senders[0]!.applied.length)
  await Promise.all(senders.map(sender => sender.close()))
})
