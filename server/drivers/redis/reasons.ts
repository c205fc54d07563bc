import { ConnectionTimeoutError, ErrorReply, SocketClosedUnexpectedlyError, SocketTimeoutError } from 'redis'
import { NoAnswer } from './patience'
import type { RedisAddress } from './url'

/** Why Redis is not there, in words for a log. `settings`: it will not come by itself, somebody must change something. */
export interface Reason { text: string, settings: boolean }

const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'the connection is refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the host',
  ETIMEDOUT: 'it does not answer'
}

const noTls = 'it does not answer as a server with TLS does; for one without, REDIS_URL begins with redis://'
const wantsTls = 'it closed the connection; if it wants TLS, REDIS_URL begins with rediss://'

/** One line about an error of the client or of the server. The password is in none of it. `opening`: it came before the line was ever open. */
export function explain(error: unknown, { tls, password }: RedisAddress, opening: boolean): Reason {
  const { text, settings = false } = reasonOf(error, tls, opening)
  const without = password ? text.replaceAll(password, '***') : text
  return { text: without.replace(/\s+/g, ' ').slice(0, 200), settings }
}

function reasonOf(error: unknown, tls: boolean, opening: boolean): { text: string, settings?: boolean } {
  if (!(error instanceof Error)) return { text: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (error instanceof ErrorReply || /^[A-Z]{3,} /.test(error.message)) return refusal(error.message)
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO/.test(code)) return { text: certificate(code), settings: true }
  if (tls && opening && (error instanceof ConnectionTimeoutError || /EPROTO|ERR_SSL/.test(code) || /before secure TLS/.test(error.message))) return { text: noTls, settings: true }
  if (!tls && opening && wasCut(error, code)) return { text: wantsTls, settings: true }
  if (/Unknown RESP type/.test(error.message)) return { text: 'what answers there is no Redis', settings: true }
  if (wasCut(error, code)) return { text: 'the connection was cut' }
  if (NETWORK[code]) return { text: NETWORK[code] }
  if (error instanceof NoAnswer || error instanceof ConnectionTimeoutError || error instanceof SocketTimeoutError) return { text: NETWORK.ETIMEDOUT ?? '' }
  return { text: error.message || code || error.name }
}

/** What is wrong with its certificate: more authorities help only where nobody known stands for it. */
function certificate(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name than that of the host in REDIS_URL'
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet, by the clock here'
  return `its certificate is not trusted (${code}); NODE_EXTRA_CA_CERTS names a file with more authorities`
}

/** Whoever takes our first words for none of TLS closes the connection, and more often than not before it has read all of them: the network calls that a reset. */
const wasCut = (error: Error, code: string) => error instanceof SocketClosedUnexpectedlyError || code === 'ECONNRESET' || code === 'EPIPE'

/** What the server itself said. */
function refusal(message: string): { text: string, settings?: boolean } {
  const [code] = message.split(' ', 1)
  if (code === 'WRONGPASS') return { text: 'it refuses the user or the password in REDIS_URL', settings: true }
  if (code === 'NOAUTH') return { text: 'it wants a password, and REDIS_URL has none', settings: true }
  if (code === 'NOPERM') return { text: `the user in REDIS_URL may not do what is needed (${message})`, settings: true }
  // It repeats what it was sent, the password too, cut where it likes.
  if (/^ERR unknown command/i.test(message)) return { text: 'it does not know a command that is needed; Redis must be 6 or newer, a Redis Cluster 7 or newer', settings: true }
  if (code === 'LOADING') return { text: 'it is still loading its data' }
  return { text: `it says "${message}"`, settings: code === 'ERR' }
}
