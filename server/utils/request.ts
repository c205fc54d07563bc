import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { ChatError } from '#shared/errors'

/** What a door needs to know of a request before anybody reads its body. Pure: the upgrade of a socket asks the same questions. */

type Headers = Pick<IncomingMessage, 'headers'>
type Request = Headers & { socket?: { remoteAddress?: string, encrypted?: boolean } | null }

const isLoopback = (address: string) => /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/.test(address)
const first = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim() ?? ''

/**
 * The client's address, as it came. `trustedProxies` hops of X-Forwarded-For are believed, counted from our end: whatever stands before them,
 * the client may have written itself.
 */
export function clientAddress(request: Request, trustedProxies: number): string {
  const remote = request.socket?.remoteAddress ?? ''
  if (trustedProxies === 0) return remote
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').map(part => part.trim()).filter(Boolean)
  const chain = [...forwarded, remote]
  return chain[Math.max(0, chain.length - 1 - trustedProxies)]!
}

/** An address that some proxies write with its port, or in brackets. */
const bare = (address: string) => /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(address)?.[1] ?? address
const LONGEST = 64

/**
 * What limits are counted by. A home or a rented machine has a whole /64 of IPv6: its addresses are one client. IPv4 counts alone, also where it is written
 * as IPv6. What is no address (a proxy may forward anything) counts as it is.
 */
export function addressKey(address: string): string {
  const plain = bare(address.trim()).split('%')[0]!.toLowerCase()
  const family = isIP(plain)
  if (family !== 6) return plain.slice(0, LONGEST)
  const groups = groupsOf(plain)
  const [high, low] = [groups[6]!, groups[7]!]
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return `${groups.slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  // The URL parser writes a dotted tail as two groups.
  const [head = [], tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
    .map(part => part.split(':').filter(Boolean).map(group => Number.parseInt(group, 16)))
  return tail === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

/** What a proxy may say of whom it speaks for. Any of them will do: many are told to send but one. */
const FORWARDING = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'] as const
/** Of a `Host`, without its port. */
const isOwnName = (host: string) => {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return name === 'localhost' || isLoopback(name)
}

/** Whether a person on this very machine asks, past no proxy and under the machine's own name (a page of another name that resolves to 127.0.0.1 is not them). */
export function fromLoopback({ headers, socket }: Request): boolean {
  return FORWARDING.every(name => headers[name] === undefined) && isLoopback(socket?.remoteAddress ?? '') && isOwnName(headers.host ?? '')
}

/**
 * Whether nothing is said to stand in front of us, nor that we are known by another name than this machine's. Elsewhere everybody may come from loopback: a proxy on
 * this machine need not tell that it is one.
 */
export const standsAlone = ({ trustedProxies, origins }: { trustedProxies: number, origins: readonly string[] }): boolean =>
  trustedProxies === 0 && origins.every(origin => isOwnName(new URL(origin).host))

/** Whether the browser speaks TLS to us or to the proxy before us. A forwarded header may only ever add this. */
export function isSecure(request: Request): boolean {
  return request.socket?.encrypted === true || first(request.headers['x-forwarded-proto']).toLowerCase() === 'https'
}

/**
 * The address that this request knows us by: of `origins` the one with its host, else the first; without any, what the request says. Nothing that is
 * mailed may be made of it.
 */
export function ownOrigin(request: Request, origins: readonly string[]): string {
  const host = request.headers.host ?? 'localhost'
  return origins.find(origin => new URL(origin).host === host) ?? origins[0] ?? `${isSecure(request) ? 'https' : 'http'}://${host}`
}

/**
 * Whether a request that changes something may come from where it says. `Origin` decides when it is there: with `origins` one of them exactly, else
 * the request's own host. Plain HTTP sends no Sec-Fetch-Site, programs send neither.
 */
export function originAllowed({ headers }: Headers, origins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined) {
    const site = first(headers['sec-fetch-site'])
    return site === '' || site === 'same-origin' || site === 'none'
  }
  if (!URL.canParse(origin)) return false
  if (origins.length > 0) return origins.includes(new URL(origin).origin)
  const base = new URL(origin)
  return host !== undefined && URL.canParse(`${base.protocol}//${host}`) && base.host !== '' && base.host === new URL(`${base.protocol}//${host}`).host
}

const MAX_BODY_BYTES = 64 * 1024
const MAX_BODY_MS = 10_000

/** A request that the server makes to itself while it renders a page; it carries what Nitro gave it, which nobody can send. `asker`: the request for that page. */
interface OwnRequest { __unenv__?: { asker?: Request }, body?: unknown }
const isOwn = (request: object): request is OwnRequest => '__unenv__' in request

/** Notes who asks for a page, for the requests that are made to render it. */
export function noteAsker(request: Request, context: object & { asker?: unknown }): void {
  if (!isOwn(request)) context.asker = request
}

/** Who asks: for a request that we make ourselves, whoever asked for the page. */
export const askerOf = (request: Request): Request => isOwn(request) ? request.__unenv__?.asker ?? request : request

/** Whether we make this request ourselves, to render a page. Pages only read: nothing that they ask on the server changes anything. */
export const isOurs = (request: Request): boolean => isOwn(request) && request.__unenv__?.asker !== undefined

/**
 * Reads a JSON body, at most 64 KiB of it and for at most ten seconds.
 * @throws ChatError unsupported (not JSON), too_large, or invalid (malformed, or too slow)
 */
export async function readJson(request: AsyncIterable<unknown> & Headers, wait = MAX_BODY_MS): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) throw new ChatError('unsupported', 'Send JSON, with the content type application/json.')
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) throw new ChatError('too_large', 'That is too much at once.')
  if (isOwn(request)) return parseJson(bytesOf(request.body))
  const chunks: Uint8Array[] = []
  let bytes = 0
  const parts = request[Symbol.asyncIterator]()
  const late = new ChatError('invalid', 'The request took too long to arrive.')
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(late), wait) })
  deadline.catch(() => {})
  try {
    for (;;) {
      const { done, value } = await Promise.race([parts.next(), deadline])
      if (done) break
      if (!(value instanceof Uint8Array)) continue
      bytes += value.length
      if (bytes > MAX_BODY_BYTES) throw new ChatError('too_large', 'That is too much at once.')
      chunks.push(value)
    }
  } catch (error) {
    throw error instanceof ChatError ? error : new ChatError('invalid', 'The request ended too early.')
  } finally {
    clearTimeout(timer)
  }
  return parseJson(Buffer.concat(chunks))
}

/** @throws ChatError too_large */
function bytesOf(body: unknown): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : new Uint8Array()
  if (bytes.length > MAX_BODY_BYTES) throw new ChatError('too_large', 'That is too much at once.')
  return bytes
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ChatError('invalid', 'That is not JSON.')
  }
}
