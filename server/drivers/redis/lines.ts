import type { RedisCommands } from './link'
import type { RedisAddress } from './url'

/** What a session needs of Redis, be it one server or a cluster. Everything rejects when a connection breaks, and nothing comes back by itself. */
export interface Lines extends RedisCommands {
  publish: (channel: string, payload: Buffer) => Promise<unknown>
  /** Resolves when the server has confirmed all of them. */
  subscribe: (channels: readonly string[]) => Promise<unknown>
  unsubscribe: (channel: string) => Promise<unknown>
  /** Asks every server, on each connection to it, where a message to ourselves passes through one alone; none: there are no others. */
  ping?: () => Promise<unknown>
  destroy: () => void
}

export interface LinesOptions {
  address: RedisAddress
  /** A message; called for every channel that is subscribed. Must not throw. */
  deliver: (channel: string, payload: Buffer) => void
  /** A connection is gone, or says so; may be called often. */
  broken: (error: unknown) => void
  /** Gives up while it connects. */
  signal: AbortSignal
}

/**
 * Settings of every connection. It is never made again by the client: its own strategy gives up after a socket timeout, its queue replays old
 * publishes, and it subscribes to everything in one command. We begin again with new clients. Commands are raced by whoever sends them: the
 * client's own timeout ends with the write. The canary finds a dead line; the socket's timeout is for those that it does not pass through, and so long
 * that this process, when it was busy for seconds, does not take a full socket for a silent one.
 */
export const settingsFor = ({ host, port, tls, username, password, database }: RedisAddress) => ({
  ...username !== undefined && { username }, ...password !== undefined && { password }, ...database > 0 && { database },
  name: 'chatly', disableOfflineQueue: true, pingInterval: 2_500, maintNotifications: 'disabled' as const, commandOptions: { timeout: undefined },
  socket: { host, port, ...tls && { tls: true as const }, connectTimeout: 2_000, socketTimeout: 10_000, reconnectStrategy: false as const }
})
