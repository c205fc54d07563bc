import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { BATCH_BYTES, encodeFrame, encodeFrames } from '../../../server/realtime/frames'

/** What `ws` itself puts on the wire for these texts, one after another. */
async function bytesOfWs(texts: string[]): Promise<Buffer> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    for (const text of texts) socket.send(text)
    socket.close(1000)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const client: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  const close = Buffer.from([0x88, 0x02, 0x03, 0xe8])
  let received = Buffer.alloc(0)
  for await (const chunk of client) {
    received = Buffer.concat([received, chunk as Buffer])
    if (received.subarray(-4).equals(close)) break
  }
  client.destroy()
  sockets.close()
  await new Promise<void>(resolve => server.close(() => resolve()))
  return received.subarray(received.indexOf('\r\n\r\n') + 4, -4)
}

describe('frames', () => {
  it.each([0, 125, 126, 65_535, 65_536])('is byte for byte what ws sends at %i bytes', async (length) => {
    const text = 'x'.repeat(length)
    expect(encodeFrame(text).equals(await bytesOfWs([text]))).toBe(true)
  })

  it('counts bytes, not characters', async () => {
    const text = 'naïve 🙂 '.repeat(20)
    expect(encodeFrame(text).equals(await bytesOfWs([text]))).toBe(true)
  })

  it('puts frames behind one another, at most 64 KiB at a time', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => `${index} ${'y'.repeat(5_000)}`)
    const buffers = encodeFrames(texts)
    expect(buffers.length).toBe(3)
    for (const buffer of buffers) expect(buffer.length).toBeLessThanOrEqual(BATCH_BYTES)
    expect(Buffer.concat(buffers).equals(await bytesOfWs(texts))).toBe(true)
  })

  it('gives a frame larger than a batch a buffer of its own', () => {
    expect(encodeFrames(['a', 'b'.repeat(BATCH_BYTES), 'c']).map(buffer => buffer.length)).toEqual([3, BATCH_BYTES + 10, 3])
  })

  it('is what a client reads', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    sockets.on('connection', (_socket, request) => request.socket.write(encodeFrames(['one', 'zwei ü'])[0]!))
    await new Promise(resolve => sockets.once('listening', resolve))
    const client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`)
    const read: string[] = []
    await new Promise<void>(resolve => client.on('message', data => read.push(String(data)) === 2 && resolve()))
    expect(read).toEqual(['one', 'zwei ü'])
    client.terminate()
    sockets.close()
  })
})
