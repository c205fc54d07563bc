import WebSocket from 'ws'
import { ChatError, isErrorBody } from '#shared/errors'
import { WS_PATH } from '#shared/protocol'
import type { ApiOptions } from '~/composables/useApi'
import type { Line, LineHandlers } from '~/composables/useSocket'
import { unreachable, type Door } from './device'

/** ms */
const HTTP = 5_000
const HANDSHAKE = 5_000

/** A line that can also break, all of a sudden. */
interface ServerLine extends Line { cut: () => void }
interface ServerDoor extends Door { connect: (handlers: LineHandlers) => ServerLine }

/**
 * A person's way to the built servers: like a balancer without memory, each try after a failure goes to the next port, from `first` on. `address` is
 * the client's, as a proxy in front would say it.
 */
export function serverDoor(ports: readonly number[], cookie: string, first: number, address?: string): ServerDoor {
  let at = first
  const headers = { cookie, ...address && { 'x-forwarded-for': address } }
  const host = () => `127.0.0.1:${ports[at % ports.length]}`

  async function call(path: string, { method = 'GET', query = {}, body }: ApiOptions = {}): Promise<unknown> {
    const url = new URL(path, `http://${host()}`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
    const response = await fetch(url, {
      method, signal: AbortSignal.timeout(HTTP), headers: { ...headers, ...body && { 'content-type': 'application/json' } }, body: body && JSON.stringify(body)
    })
    const answer: unknown = /json/.test(response.headers.get('content-type') ?? '') ? await response.json() : await response.text()
    if (response.ok) return answer
    throw isErrorBody(answer) ? new ChatError(answer.code, answer.message, answer.retryAfter) : new Error(`${response.status} from ${path}`)
  }

  async function api<T>(path: string, options?: ApiOptions): Promise<T> {
    try {
      return await call(path, options) as T
    } catch (error) {
      const known = unreachable(error)
      if (known.code === 'unavailable') at++
      throw known
    }
  }

  return {
    api,
    ticket: async () => (await api<{ ticket: string }>('/api/ws/ticket', { method: 'POST' })).ticket,
    connect(handlers) {
      const ws = new WebSocket(`ws://${host()}${WS_PATH}`, { handshakeTimeout: HANDSHAKE, headers, perMessageDeflate: false })
      ws.on('open', () => handlers.open())
      ws.on('message', data => handlers.message(String(data)))
      ws.on('error', () => {})
      ws.on('close', (code) => {
        at++
        handlers.close(code)
      })
      return {
        cut: () => ws.terminate(),
        send: (text) => { if (ws.readyState === WebSocket.OPEN) ws.send(text) },
        close() {
          ws.removeAllListeners('message').removeAllListeners('close').on('close', () => {})
          // The other side may be deaf: a person who goes waits for no answer.
          ws.close()
          setTimeout(() => ws.terminate(), 1_000).unref()
        }
      }
    }
  }
}
