import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { Batch } from '../../../server/realtime/frames'
import { openWire, type Peer } from '../../../server/realtime/wire'

let server: WebSocketServer
let client: WebSocket
let socket: WebSocket

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise(resolve => server.once('listening', resolve))
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  ;[socket] = await Promise.all([new Promise<WebSocket>(resolve => server.once('connection', resolve)), new Promise(resolve => client.once('open', resolve))])
})
afterEach(() => {
  client.terminate()
  server.close()
})

/** A peer of crossws around the server's side; `sent` counts what goes by the library's own `send`. */
function peerOf(websocket: object): Peer & { sent: number } {
  const peer = {
    websocket, sent: 0,
    send(text: string) {
      peer.sent++
      socket.send(text)
    },
    close: (code?: number, reason?: string) => socket.close(code, reason),
    terminate: () => socket.terminate()
  }
  return peer
}

const read = (count: number) => new Promise<string[]>((resolve) => {
  const texts: string[] = []
  client.on('message', data => texts.push(String(data)) === count && resolve(texts))
})

it('writes straight to the socket, in order with what the library sends', async () => {
  const peer = peerOf(socket)
  const wire = openWire(peer)
  const texts = read(4)
  wire.write(new Batch(['one', 'two']))
  socket.send('three')
  wire.write(new Batch(['four']))
  expect(await texts).toEqual(['one', 'two', 'three', 'four'])
  expect(peer.sent).toBe(0)
})

it('is shut as soon as a close frame was sent', async () => {
  const wire = openWire(peerOf(socket))
  expect(wire.open).toBe(true)
  const closed = new Promise<number>(resolve => client.once('close', resolve))
  wire.close(1012, 'Restarting.')
  expect(wire.open).toBe(false)
  expect(await closed).toBe(1012)
})

it('counts what waits', async () => {
  const wire = openWire(peerOf(socket))
  client.pause()
  const batch = new Batch(['x'.repeat(60_000)])
  for (let n = 0; n < 400; n++) wire.write(batch)
  expect(wire.backlog).toBeGreaterThan(1024 * 1024)
})

it.each([
  ['has no raw socket', () => ({ readyState: 1 })],
  ['compresses', () => Object.create(socket, { _extensions: { value: { 'permessage-deflate': {} } } }) as object]
])('goes by the library where it %s', async (_, websocket) => {
  const peer = peerOf(websocket())
  const texts = read(2)
  openWire(peer).write(new Batch(['one', 'two']))
  expect(await texts).toEqual(['one', 'two'])
  expect(peer.sent).toBe(2)
})
