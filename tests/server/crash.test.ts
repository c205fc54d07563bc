import { afterAll, beforeAll, expect, it } from 'vitest'
import { comeBackAfter } from '../../shared/errors'
import type { Position, RoomEvent } from '../../shared/types'
import { seedPeople, startServer, tempFolder, type Seed, type TestPerson, type TestServer } from '../support/server'
import { connect, newNonce, Refused, type TestSocket } from '../support/socket'

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

/** A client as ours is: an outbox that repeats with the same nonce until it is answered, and a position from which it goes on after a break. */
class Sender {
  readonly acknowledged = new Map<string, number>()
  readonly applied: RoomEvent[] = []
  position: Position | null = null
  #outbox: { nonce: string, text: string }[] = []
  #socket: TestSocket | null = null

  constructor(readonly person: TestPerson, readonly room: string) {}

  async connect(): Promise<void> {
    const socket = await connect(server, this.person)
    const { head } = await socket.subscribe(this.room, this.position ?? undefined)
    this.position ??= head
    this.#socket = socket
  }

  queue(count: number): void {
    for (let n = 0; n < count; n++) this.#outbox.push({ nonce: newNonce(), text: `${this.person.name} says ${n}` })
  }

  /** Sends what is queued, one at a time; ends when all is answered or the line breaks. */
  async send(): Promise<void> {
    for (let next; (next = this.#outbox[0]);) {
      try {
        const { seq } = await this.#socket!.say(this.room, next.text, next.nonce)
        this.acknowledged.set(next.nonce, seq)
        this.#outbox.shift()
      } catch (error) {
        if (!(error instanceof Refused)) return
        if (error.code !== 'rate_limited' && error.code !== 'unavailable') throw error
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
  }

  /** The line broke: takes over what came by it, in order. */
  async broken(): Promise<void> {
    expect(comeBackAfter(await this.#socket!.closed)).toBe('resend')
    this.apply()
  }

  apply(): void {
    for (const event of this.#socket!.events(this.room)) {
      if (event.seq <= this.position!.seq) continue
      expect(event.seq).toBe(this.position!.seq + 1)
      this.position = { ...this.position!, seq: event.seq }
      this.applied.push(event)
    }
  }

  async upTo(seq: number): Promise<void> {
    if (!this.#socket!.events(this.room).some(event => event.seq === seq)) await this.#socket!.next('event', event => event.seq === seq)
    this.apply()
  }

  async close(): Promise<void> { await this.#socket!.close() }
}

it('kill -9 while 20 clients send: nothing acknowledged is lost, nothing is there twice, one order for all, and all catch up', async () => {
  const senders = seed.people.map(person => new Sender(person, seed.room))
  for (const sender of senders) await sender.connect()
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
  for (const sender of senders) await sender.connect()
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
