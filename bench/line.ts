import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { WS_PATH } from '#shared/protocol'

/**
 * The cheapest client that there can be: a TCP socket, frames masked with zeros, and of what comes only the first bytes looked at. It must not be
 * what the measurement measures.
 */
export class Line {
  events = 0
  onEvent: (() => void) | null = null
  #answers = new Map<number, (text: string) => void>()
  #ready: (() => void) | null = null
  #id = 0
  #rest: Buffer | null = null

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => this.#read(chunk))
    socket.on('error', () => {})
  }

  /** Opens, upgrades, and says hello with this ticket. */
  static async open(port: number, ticket: string): Promise<Line> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const key = randomBytes(16).toString('base64')
    socket.write(`GET ${WS_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`)
    const head = await new Promise<string>((resolve, reject) => socket.once('data', data => resolve(String(data))).once('error', reject))
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    if (!head.includes(accept)) throw new Error(`no WebSocket: ${head}`)
    const line = new Line(socket)
    const ready = new Promise<void>((resolve, reject) => {
      line.#ready = resolve
      socket.once('close', () => reject(new Error('closed before ready')))
    })
    line.#write(JSON.stringify({ type: 'hello', protocol: 1, ticket }))
    await ready
    return line
  }

  /** Sends a request; resolves with its answer, as text. */
  request(body: object): Promise<string> {
    const id = ++this.#id
    this.#write(JSON.stringify({ ...body, id }))
    return new Promise(resolve => this.#answers.set(id, resolve))
  }

  close(): void { this.socket.destroy() }

  #write(text: string): void {
    const payload = Buffer.from(text)
    const header = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 255, 0, 0, 0, 0])
    this.socket.write(Buffer.concat([header, payload]))
  }

  #read(chunk: Buffer): void {
    const data = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = null
    let at = 0
    let events = 0
    while (at + 2 <= data.length) {
      let [length, start] = [data[at + 1]!, at + 2]
      if (length === 126) {
        if (at + 4 > data.length) break
        ;[length, start] = [data.readUInt16BE(at + 2), at + 4]
      } else if (length === 127) {
        if (at + 10 > data.length) break
        ;[length, start] = [data.readUInt32BE(at + 6), at + 10]
      }
      if (start + length > data.length) break
      // `{"type":"event…`: the tenth byte and the one after tell.
      if (data[start + 9] === 0x65 && data[start + 10] === 0x76) events++
      else if (data[at] === 0x81) this.#take(data.toString('utf8', start, start + length))
      at = start + length
    }
    if (at < data.length) this.#rest = data.subarray(at)
    if (events === 0) return
    this.events += events
    this.onEvent?.()
  }

  #take(text: string): void {
    if (text.startsWith('{"type":"ready"')) return this.#ready?.()
    const [, id] = /^\{"type":"(?:ok|error)","id":(\d+)/.exec(text) ?? []
    if (id === undefined) return
    this.#answers.get(Number(id))?.(text)
    this.#answers.delete(Number(id))
  }
}
