import { connect } from 'node:net'
import { once } from 'node:events'

/** What came back: the body parsed where it is JSON, else its text. */
export interface Answer { status: number, headers: Headers, body: unknown, text: string }

export interface Client {
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** Speaks to a server as one person (or as nobody, without a cookie). Follows no redirect; a body that is a string travels as it is. */
export function client(url: string, cookie = ''): Client {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method, redirect: 'manual', body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      headers: { ...(cookie && { cookie }), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) as unknown : text }
  }
}

/** The session cookie that an answer sets, as a client sends it back; '' when it sets none. */
export const sessionOf = ({ headers }: Answer): string =>
  headers.getSetCookie().find(line => /^(__Host-)?chatly_session=./.test(line) && !line.includes('Max-Age=0'))?.split(';')[0] ?? ''

/** Writes bytes to a fresh connection, as `fetch` would never do; gives all that comes back until the server closes it. */
export async function raw(port: number, parts: AsyncIterable<string> | Iterable<string>): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let answer = ''
  socket.setEncoding('utf8').on('data', (text: string) => { answer += text })
  // A server that cuts us off in the middle of a word: what it said before is the answer.
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  void (async () => {
    for await (const part of parts) if (socket.writable) socket.write(part)
  })()
  await closed
  return answer
}
