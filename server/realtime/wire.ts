import { Socket } from 'node:net'
import type { Batch } from './frames'

/** The sending side of one socket. */
export interface Wire {
  /** Whether frames may still be written: nothing may follow a close frame. */
  readonly open: boolean
  /** Bytes that wait in this process because the other side does not read. */
  readonly backlog: number
  write: (batch: Batch) => void
  close: (code: number, reason: string) => void
  /** Ends the connection without a word. */
  terminate: () => void
}

/** What we use of a peer of crossws, the same in 0.3 (Nitro's, in development) and 0.4 (our own entry). */
export interface Peer {
  readonly websocket: object
  readonly remoteAddress?: string | undefined
  send: (text: string) => unknown
  close: (code?: number, reason?: string) => void
  terminate: () => void
}

interface State { readonly readyState: number }

const hasState = (socket: object): socket is State => 'readyState' in socket && typeof socket.readyState === 'number'

/**
 * The raw socket below a `ws` WebSocket, where writing frames to it ourselves is safe: ws must hold nothing back, which it does only when it
 * compresses. null where the library looks different from the one that we know.
 */
function rawSocket(websocket: object): Socket | null {
  if (!('_socket' in websocket) || !(websocket._socket instanceof Socket)) return null
  if (!('_extensions' in websocket) || typeof websocket._extensions !== 'object' || Object.keys(websocket._extensions ?? {}).length > 0) return null
  return websocket._socket
}

/** One system call per buffer, and the buffer is shared by all sockets that it goes to. */
class RawWire implements Wire {
  constructor(private readonly peer: Peer, private readonly state: State, private readonly socket: Socket) {}

  get open() { return this.state.readyState === 1 }
  get backlog() { return this.socket.writableLength }
  write(batch: Batch) { for (const buffer of batch.buffers) this.socket.write(buffer) }
  close(code: number, reason: string) { this.peer.close(code, reason) }
  terminate() { this.peer.terminate() }
}

/** The way without knowledge of the library's inside: each frame by its own `send`. */
class FrameWire implements Wire {
  constructor(private readonly peer: Peer) {}

  get open() { return !hasState(this.peer.websocket) || this.peer.websocket.readyState === 1 }
  get backlog() { return 'bufferedAmount' in this.peer.websocket ? Number(this.peer.websocket.bufferedAmount) || 0 : 0 }
  write(batch: Batch) { for (const text of batch.texts) this.peer.send(text) }
  close(code: number, reason: string) { this.peer.close(code, reason) }
  terminate() { this.peer.terminate() }
}

/** How to write to this peer: straight to its raw socket where that is known to be safe. Read once, when it opens. */
export function openWire(peer: Peer): Wire {
  const { websocket } = peer
  const socket = rawSocket(websocket)
  return socket && hasState(websocket) ? new RawWire(peer, websocket, socket) : new FrameWire(peer)
}
