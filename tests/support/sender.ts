import { expect } from 'vitest'
import { comeBackAfter } from '../../shared/errors'
import type { Position, RoomEvent } from '../../shared/types'
import type { TestPerson, TestServer } from './server'
import { connect, newNonce, Refused, type TestSocket } from './socket'

/** A client as ours is: an outbox that repeats with the same nonce until it is answered, and a position from which it goes on after a break. */
export class Sender {
  readonly acknowledged = new Map<string, number>()
  readonly applied: RoomEvent[] = []
  position: Position | null = null
  #outbox: { nonce: string, text: string }[] = []
  #socket: TestSocket | null = null

  constructor(readonly person: TestPerson, readonly room: string) {}

  /** Comes in, and follows the room from where it was. */
  async connect(server: TestServer): Promise<void> {
    const socket = await connect(server, this.person)
    const { head } = await socket.subscribe(this.room, this.position ?? undefined)
    this.position ??= head
    this.#socket = socket
  }

  /** Writes so many messages, which wait to be sent. */
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

  /** Takes over what came, once, in order, without a hole. */
  apply(): void {
    for (const event of this.#socket!.events(this.room)) {
      if (event.seq <= this.position!.seq) continue
      expect(event.seq).toBe(this.position!.seq + 1)
      this.position = { ...this.position!, seq: event.seq }
      this.applied.push(event)
    }
  }

  /** Waits for an event, and takes over all up to it. */
  async upTo(seq: number): Promise<void> {
    if (!this.#socket!.events(this.room).some(event => event.seq === seq)) await this.#socket!.next('event', event => event.seq === seq)
    this.apply()
  }

  async close(): Promise<void> { await this.#socket!.close() }
}
