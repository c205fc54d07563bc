import { socketHooks, upgradeAllowed, type SocketHooks } from '../entry/hooks'
import { useChat } from '../utils/chat'

let hooks: SocketHooks | undefined

/** The socket in development. In production the entry takes upgrades before they come here; a plain request is answered with 426 by both. */
export default defineWebSocketHandler({
  async upgrade({ headers }) {
    const chatly = await useChat()
    hooks ??= socketHooks(chatly)
    const [origin, host, site] = ['origin', 'host', 'sec-fetch-site'].map(name => new Headers(headers).get(name) ?? undefined)
    if (!upgradeAllowed({ origin, host, 'sec-fetch-site': site }, chatly.config)) return new Response('Forbidden', { status: 403 })
  },
  open: peer => hooks?.open(peer),
  message: (peer, message) => hooks?.message(peer, message),
  close: peer => hooks?.close(peer),
  error: peer => hooks?.error(peer)
})
