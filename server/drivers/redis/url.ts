/** Where a Redis is and how to get in, from `REDIS_URL`. */
export interface RedisAddress {
  host: string
  port: number
  tls: boolean
  username: string | undefined
  password: string | undefined
  database: number
  /** How it is called in logs: never with the password. */
  name: string
}

/** What is said instead of a URL that is none; the URL itself may have a password in it. */
export const redisUrlForm = 'must look like redis://[user:password@]host[:port][/database], or rediss:// for TLS, with special characters of the password percent-encoded'

/** Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS; null when it is something else. */
export function parseRedisUrl(text: string): RedisAddress | null {
  // Nothing of ours begins with these. Left as they are in a password, they end the URL: its beginning would be taken for the host and the port, and printed.
  if (/[?#]/.test(text)) return null
  try {
    const { protocol, hostname, port, username, password, pathname } = new URL(text)
    const [, database] = /^\/?(\d*)$/.exec(pathname) ?? []
    if (!/^rediss?:$/.test(protocol) || hostname === '' || port === '0' || database === undefined) return null
    const address = {
      host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 6379), tls: protocol === 'rediss:',
      username: decodeURIComponent(username) || undefined, password: decodeURIComponent(password) || undefined, database: Number(database)
    }
    return { ...address, name: `Redis at ${hostname}:${address.port}` }
  } catch {
    // Not a URL, or a `%` in it that stands for nothing.
    return null
  }
}
