/**
 * This process's two connections to Redis, one for commands and one for subscriptions, as the drivers see them. Whether they work is decided by
 * a canary of our own: a message to ourselves, through both of them.
 */
export interface RedisLink {
  readonly state: () => 'starting' | 'up' | 'down'
  /** Each time the canary comes back after it was away, the first time included. */
  readonly onUp: (listen: () => void) => void
  /** Each time it stays away; said once per outage. */
  readonly onDown: (listen: () => void) => void
  /**
   * One command, or a few. Rejects with ChatError('unavailable') at once while the link is not up, and after a second without an answer:
   * whether it was done is then unknown.
   */
  readonly run: <T>(work: (client: RedisCommands) => Promise<T>) => Promise<T>
  /** Publishes bytes; sharded on a cluster. Never throws; false: it was not sent, or nobody knows. */
  readonly publish: (channel: string, payload: Buffer) => Promise<boolean>
  /** Resolves once the server has confirmed it; repeated by itself after a break. While the link is not up it resolves when it is back. Gives the way to end it. */
  readonly subscribe: (channel: string, listen: (payload: Buffer) => void) => Promise<() => void>
  readonly close: () => Promise<void>
}

/** What the drivers use of a node-redis client: any command, as words. Keys that go together share the hash tag `{chatly}`. */
export interface RedisCommands { sendCommand: (words: (string | Buffer)[]) => Promise<unknown> }
