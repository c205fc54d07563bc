import { ChatError, closeCodes } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import { PROTOCOL, type ResetReason, type ServerFrame } from '#shared/protocol'
import type { Viewer } from '../core/chat'
import { tooOften } from '../core/rates'
import { identityOf } from '../core/sessions'
import type { Context } from './context'
import { OwnRate } from './counts'
import { decode, errorBody, type Incoming, type IncomingOf } from './decode'
import { Batch } from './frames'
import { deliver } from './outbox'
import type { Device, PersonHere } from './people'
import { perform, reenter } from './requests'
import { frame as encode, type Room } from './room'
import type { Wire } from './wire'

/** So many frames that are none, and the client is not one of ours. */
const MAX_STRIKES = 20
const PONG = new Batch([encode({ type: 'pong' })])

/**
 * One socket. Its frames are handled one after another, in the order in which they came; a failure is answered, never thrown. It has no timer and no
 * closure of its own: there may be very many, and nearly all of them idle.
 */
export class Connection implements Device {
  /** Who it is, from `hello` on; read again whenever something about them changes. */
  viewer: Viewer = null
  readonly rooms: Room[] = []
  closed = false
  /** Whether `hello` was answered. */
  ready = false
  readonly openedAt = performance.now()
  #here: PersonHere | null = null
  #waiting: string[] | null = null
  #strikes = 0
  #pings: OwnRate | null = null

  constructor(readonly context: Context, readonly wire: Wire, readonly address: string) {}

  /** A text frame from the client. Returns at once. */
  receive(text: string): void {
    if (this.closed || this.context.draining) return
    // Whether the line is alive must not depend on what waits.
    if (this.ready && text === '{"type":"ping"}') return this.#pong()
    if (!this.#waiting) {
      this.#waiting = [text]
      void this.#work(this.#waiting)
    } else if (this.#waiting.length > limits.waitingPerSocket) {
      this.close(closeCodes.flooding, 'Too many requests at once.')
    } else {
      this.#waiting.push(text)
    }
  }

  /** A ping of WebSocket's own, which has been answered, or one of ours. Gives whether it may have an answer: they would pile up for whoever does not read them. */
  pinged(): boolean {
    if (this.closed) return false
    this.#pings ??= new OwnRate(rates.ping)
    if (this.#pings.take() === 0) return true
    this.close(closeCodes.flooding, 'Too many pings.')
    return false
  }

  /** Whether a request of its is under way. */
  get busy(): boolean { return this.#waiting !== null }

  reads(room: string): boolean {
    return this.rooms.some(({ id }) => id === room)
  }

  send(frame: string): void { this.sendAll([frame]) }

  /** Frames for this socket alone, in one write. */
  sendAll(frames: string[]): void { deliver(this, new Batch(frames)) }

  /** Ends its subscription to a room, if it has one. */
  leave(id: string): void {
    const room = this.rooms.find(room => room.id === id)
    if (!room) return
    this.context.hub.leave(this, room)
    this.#forget(room)
  }

  dropped(room: Room, reason: ResetReason | 'deleted'): void {
    this.#forget(room)
    this.send(encode(reason === 'deleted' ? { type: 'room', room: room.id, change: reason } : { type: 'reset', room: room.id, reason }))
  }

  recheck(room: Room, seq: number): void { void reenter(this, room, seq) }

  tooSlow(): void {
    this.context.stats.slow++
    this.close(closeCodes.slowReader, 'Too slow to keep up.')
  }

  /** Says goodbye with this code, and lets go of everything at once. */
  close(code: number, reason = ''): void {
    if (this.closed) return
    this.ended()
    this.wire.close(code, reason)
  }

  /** The socket is gone, whoever closed it. */
  ended(): void {
    if (this.closed) return
    this.closed = true
    for (const room of [...this.rooms]) this.leave(room.id)
    this.context.forget(this, this.#here)
    this.#here = null
  }

  async #work(waiting: string[]): Promise<void> {
    this.context.began()
    // The one in hand stays in front until it is done: it counts.
    for (let text; !this.closed && (text = waiting[0]) !== undefined; waiting.shift()) await this.#handle(text)
    this.#waiting = null
    this.context.finished()
  }

  async #handle(text: string): Promise<void> {
    const decoded = decode(text)
    if ('refused' in decoded) return this.#refuse(decoded.refused, decoded.id)
    const { frame } = decoded
    const id = 'id' in frame ? frame.id : undefined
    try {
      const answer = await this.#answer(frame)
      if (answer && id !== undefined) this.send(JSON.stringify({ type: 'ok', id, ...answer }))
    } catch (error) {
      if (!(error instanceof ChatError)) this.context.failed(error)
      this.send(encode({ type: 'error', ...id !== undefined && { id }, ...errorBody(error) }))
      if (!this.ready) this.close(error instanceof ChatError && error.code === 'unauthenticated' ? closeCodes.needTicket : closeCodes.tryLater)
    }
  }

  async #answer(frame: Incoming): Promise<object | null> {
    if (frame.type === 'hello') return this.#hello(frame)
    if (!this.ready) throw new ChatError('unauthenticated', 'Say hello first.')
    if (frame.type === 'subscribe') this.#spendSubscribe()
    if (frame.type !== 'ping') return perform(this, frame)
    this.#pong()
    return null
  }

  #pong(): void { if (this.pinged()) deliver(this, PONG) }

  /** Each costs looking up a right, and a stretch of history. Throws rate_limited. */
  #spendSubscribe(): void {
    const wait = this.context.subscribes.take(this.viewer?.person.id ?? this.address)
    if (wait > 0) throw tooOften(wait)
  }

  #refuse(error: ChatError, id: number | undefined): void {
    this.send(encode({ type: 'error', ...id !== undefined && { id }, ...errorBody(error) }))
    if (++this.#strikes >= MAX_STRIKES) this.close(closeCodes.badProtocol, 'Too many frames that are none.')
  }

  async #hello({ protocol, ticket }: IncomingOf<'hello'>): Promise<null> {
    if (this.ready) throw new ChatError('invalid', 'Hello was said already.')
    if (protocol !== PROTOCOL) {
      this.close(closeCodes.tooOld, 'Reload to get the current version.')
      return null
    }
    const { chat, people } = this.context
    const viewer = await chat.tickets.redeem(ticket)
    if (this.closed) return null
    if (!viewer && this.context.visitorsFrom(this.address) >= limits.visitorSocketsPerAddress) {
      this.close(closeCodes.tryLater, 'Too many visitors from one address. Try again later, or sign in.')
      return null
    }
    this.viewer = viewer
    if (viewer && !await this.#register(viewer.session, this.#here = people.add(viewer.person, this))) return null
    this.ready = true
    this.context.greeted(this)
    this.send(encode(this.#greeting(viewer)))
    return null
  }

  /** Registered first, then checked: a session that ends in between closes this socket either way. */
  async #register(session: string, here: PersonHere): Promise<boolean> {
    if (here.devices.size > limits.socketsPerPerson) {
      this.close(closeCodes.flooding, 'Too many connections of one person.')
      return false
    }
    const { storage } = this.context.chat.ports
    const [live, rooms] = await Promise.all([storage.session(session), storage.memberships(here.person.id)])
    if (this.closed) return false
    if (!live) throw new ChatError('unauthenticated', 'This session has ended.')
    this.viewer = identityOf(live)
    for (const [room, head] of rooms) this.context.hub.watch(here, room, head)
    return true
  }

  #greeting(viewer: Viewer): ServerFrame {
    return {
      type: 'ready', connection: this.context.nextName(), user: viewer?.person ?? null, epoch: this.context.chat.ports.storage.epoch,
      heartbeatSeconds: limits.heartbeatSeconds, limits: { frameBytes: limits.frameBytes }
    }
  }

  #forget(room: Room): void {
    const at = this.rooms.indexOf(room)
    if (at >= 0) this.rooms.splice(at, 1)
    if (at >= 0 && this.viewer) this.context.chat.ports.coordination.leave(room.id, this.viewer.person.id)
  }
}
