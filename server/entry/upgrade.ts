import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import wsAdapter from 'crossws/adapters/node'
import { limits } from '#shared/limits'
import { WS_PATH } from '#shared/protocol'
import type { Chatly } from '../utils/chat'
import { socketHooks, upgradeAllowed } from './hooks'

/** Sockets that answer no ping for this long are dead, s. */
const IDLE = 30
/** How long a closed socket may take to say so too, ms. */
const CLOSE = 10_000

/** What `ws` must be told; crossws passes it on. Tiny fragments are an attack on its memory, compression one on ours. */
const serverOptions = {
  maxPayload: limits.frameBytes, maxFragments: 32, maxBufferedChunks: 64, perMessageDeflate: false, clientTracking: false, closeTimeout: CLOSE
}

/** Takes WebSocket upgrades at `/_ws`, from allowed origins, and refuses all others at once. Gives the way to end the sockets that are left. */
export function acceptUpgrades(server: Server, chatly: Chatly): { terminate: () => void } {
  const adapter = wsAdapter({ hooks: socketHooks(chatly), idleTimeout: IDLE, serverOptions, getNamespace: () => WS_PATH })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', ignore)
    if (request.url?.split('?', 1)[0] !== WS_PATH) return refuse(socket, 404, 'Not Found')
    if (!upgradeAllowed(request.headers, chatly.config)) return refuse(socket, 403, 'Forbidden')
    if (chatly.realtime.draining) return refuse(socket, 503, 'Service Unavailable')
    void adapter.handleUpgrade(request, socket, head)
  })

  return { terminate: () => adapter.closeAll(undefined, undefined, true) }
}

/** A socket that breaks while it is being refused or taken over is nobody's loss. */
function ignore() {}

function refuse(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}
