import type { IncomingMessage } from 'node:http'
import type { Connection, Peer } from '../realtime'
import { openWire } from '../realtime'
import type { Chatly } from '../utils/chat'
import { addressKey, clientAddress, originAllowed } from '../utils/request'

interface Message { text: () => string }
interface Request { headers: Headers }
type SocketPeer = Peer & { readonly request?: Request | undefined }

/** From crossws to the real-time layer; nothing else of the server knows crossws. The same hooks run on its versions 0.3 (`nuxt dev`, which does not tell of pings) and 0.4 (our entry). */
export interface SocketHooks {
  open: (peer: SocketPeer) => void
  message: (peer: SocketPeer, message: Message) => void
  ping: (peer: SocketPeer) => void
  close: (peer: SocketPeer) => void
  error: (peer: SocketPeer) => void
}

/** Hooks for a chat that has started. */
export function socketHooks({ config, realtime }: Pick<Chatly, 'config' | 'realtime'>): SocketHooks {
  const connections = new WeakMap<object, Connection>()
  const ended = (peer: object) => connections.get(peer)?.ended()

  return {
    open(peer) {
      const connection = realtime.accept(openWire(peer), addressOf(peer, config.trustedProxies))
      if (connection) connections.set(peer, connection)
    },
    message: (peer, message) => connections.get(peer)?.receive(message.text()),
    ping: peer => void connections.get(peer)?.pinged(),
    close: ended,
    error: ended
  }
}

/** Whether a socket may be opened from where the request says that it comes. */
export const upgradeAllowed = (headers: IncomingMessage['headers'], config: Chatly['config']): boolean => originAllowed({ headers }, config.origins)

/** The request's headers are only unpacked behind a proxy: each socket would keep them. */
function addressOf(peer: SocketPeer, trustedProxies: number): string {
  const headers = trustedProxies === 0 ? {} : { 'x-forwarded-for': peer.request?.headers.get('x-forwarded-for') ?? undefined }
  return addressKey(clientAddress({ headers, socket: { remoteAddress: peer.remoteAddress ?? '' } }, trustedProxies))
}
