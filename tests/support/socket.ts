import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import WebSocket from 'ws'
import { PROTOCOL, WS_PATH, type Answers, type ClientFrame, type ServerFrame, type ServerFrameOf } from '../../shared/protocol'
import type { Position, RoomEvent } from '../../shared/types'
import { api, type TestPerson, type TestServer } from './server'

export const newNonce = () => randomBytes(12).toString('base64url')

type RequestFrame = Extract<ClientFrame, { id: number }>
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
type Waiter = { matches: (frame: ServerFrame) => boolean, resolve: (frame: ServerFrame) => void, reject: (error: Error) => void }

/** A refusal by an `error` frame. */
export class Refused extends Error {
  constructor(readonly code: string, message: string) { super(`${code}: ${message}`) }
}

/** Far longer than anything takes: what must come soon is measured where it is tested. */
const WAIT_MS = 30_000

/** A client that speaks the protocol, keeps every frame it got, and never sleeps: it waits for the next one. */
export class TestSocket {
  /** All frames, in the order in which they came. */
  readonly frames: ServerFrame[] = []
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  #unread: ServerFrame[] = []
  #waiters: Waiter[] = []
  #id = 0

  constructor(readonly ws: WebSocket) {
    ws.on('message', data => this.#take(JSON.parse(String(data)) as ServerFrame))
    ws.on('error', () => {})
    this.closed = new Promise(resolve => ws.on('close', (code) => {
      for (const { reject } of this.#waiters.splice(0)) reject(new Error(`closed with ${code}`))
      resolve(code)
    }))
  }

  send(frame: ClientFrame): void { this.ws.send(JSON.stringify(frame)) }

  /** Sends whatever, as it is. */
  raw(data: string | Buffer): void { this.ws.send(data) }

  /** The next unread frame of a type (and of what `where` says); those before it stay unread. */
  async next<T extends ServerFrame['type']>(type: T, where: (frame: ServerFrameOf<T>) => boolean = () => true): Promise<ServerFrameOf<T>> {
    return await this.#wait(type, frame => frame.type === type && where(frame as ServerFrameOf<T>)) as ServerFrameOf<T>
  }

  /** Sends a request and gives what its `ok` carries. Throws Refused for an `error`. */
  async request<T extends RequestFrame['type']>(frame: WithoutId<Extract<RequestFrame, { type: T }>> & { type: T }): Promise<Answers[T]> {
    const id = ++this.#id
    this.raw(JSON.stringify({ ...frame, id }))
    const answer = await this.#wait(`answer to ${frame.type}`, frame => (frame.type === 'ok' || frame.type === 'error') && frame.id === id)
    if (answer.type === 'error') throw new Refused(answer.code, answer.message)
    return answer as unknown as Answers[T]
  }

  subscribe(room: string, position?: Position) { return this.request<'subscribe'>({ type: 'subscribe', room, ...position && { position } }) }

  say(room: string, text: string, nonce = newNonce()) { return this.request<'send'>({ type: 'send', room, nonce, text }) }

  /** Events of a room so far, in the order in which they came. */
  events(room: string): RoomEvent[] {
    return this.frames.filter(frame => frame.type === 'event').filter(event => event.room === room)
  }

  /** Lets go of what it has got so far. */
  forget(): void {
    this.frames.length = 0
    this.#unread.length = 0
  }

  async close(): Promise<void> {
    this.ws.close()
    await this.closed
  }

  async #wait(what: string, matches: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const at = this.#unread.findIndex(matches)
    if (at >= 0) return this.#unread.splice(at, 1)[0]!
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<ServerFrame>((resolve, reject) => {
        if (this.ws.readyState >= WebSocket.CLOSING) reject(new Error(`no ${what} can come: it is closed`))
        this.#waiters.push({ matches, resolve, reject })
        timer = setTimeout(() => reject(new Error(`no ${what} came; the last were ${JSON.stringify(this.frames.slice(-5))}`)), WAIT_MS)
      })
    } finally {
      clearTimeout(timer)
    }
  }

  #take(frame: ServerFrame): void {
    this.frames.push(frame)
    const at = this.#waiters.findIndex(waiter => waiter.matches(frame))
    if (at < 0) this.#unread.push(frame)
    else this.#waiters.splice(at, 1)[0]!.resolve(frame)
  }
}

/** A ticket for somebody; null for a visitor. */
export async function ticketOf(server: TestServer, person: TestPerson | null): Promise<string> {
  const response = await api(server, person, 'POST', '/api/ws/ticket')
  if (!response.ok) throw new Error(`No ticket: ${response.status} ${await response.text()}`)
  return (await response.json() as { ticket: string }).ticket
}

/** A socket that has been opened, and has said nothing yet. */
export async function openSocket(server: TestServer, options: WebSocket.ClientOptions = {}): Promise<TestSocket> {
  const socket = new TestSocket(new WebSocket(`${server.url.replace('http', 'ws')}${WS_PATH}`, options))
  await Promise.race([once(socket.ws, 'open'), socket.closed.then((code) => { throw new Error(`closed with ${code}`) })])
  return socket
}

/** A socket that has said hello and heard `ready`. */
export async function connect(server: TestServer, person: TestPerson | null): Promise<TestSocket> {
  // The ticket first, as our client does: few sockets of one address may be without hello.
  const ticket = await ticketOf(server, person)
  const socket = await openSocket(server)
  socket.send({ type: 'hello', protocol: PROTOCOL, ticket })
  await socket.next('ready')
  return socket
}

/** The same as a client does it that is refused because too many of its address come at once: again, after a while of its own. */
export async function connectPatiently(server: TestServer, person: TestPerson | null): Promise<TestSocket> {
  for (let tries = 1; ; tries++) {
    try {
      return await connect(server, person)
    } catch (error) {
      if (tries === 200) throw error
      await new Promise(resolve => setTimeout(resolve, 50 + Math.random() * 200))
    }
  }
}
