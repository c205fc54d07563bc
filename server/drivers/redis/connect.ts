import { createClient } from 'redis'
import { connectCluster } from './cluster'
import { settingsFor, type Lines, type LinesOptions } from './lines'
import type { RedisCommands } from './link'

/** Connects, for commands and for subscriptions. Rejects with what the client or the server says. */
export async function openLines(options: LinesOptions): Promise<Lines> {
  const { address, deliver, broken, signal } = options
  const [commands, subscriptions] = [createClient(settingsFor(address)), createClient(settingsFor(address))]
  for (const client of [commands, subscriptions]) client.on('error', broken)
  const destroy = () => {
    for (const client of [commands, subscriptions]) client.off('error', broken).on('error', () => {}).destroy()
  }
  signal.addEventListener('abort', destroy, { once: true })
  try {
    await commands.connect()
    // A client that is destroyed while its socket is being made connects all the same.
    signal.throwIfAborted()
    if (await isCluster(commands)) {
      destroy()
      return await connectCluster(options)
    }
    await subscriptions.connect()
    signal.throwIfAborted()
  } catch (error) {
    destroy()
    throw error
  }

  const listen = (payload: Buffer, channel: Buffer) => deliver(channel.toString(), payload)
  return {
    sendCommand: words => commands.sendCommand(words),
    publish: (channel, payload) => commands.sendCommand(['PUBLISH', channel, payload]),
    subscribe: channels => subscriptions.subscribe([...channels], listen, true),
    unsubscribe: channel => subscriptions.unsubscribe(channel, listen, true),
    destroy
  }
}

/** A user without the right to ask has a single server. */
const isCluster = (client: RedisCommands): Promise<boolean> =>
  client.sendCommand(['INFO', 'cluster']).then(info => /cluster_enabled:1/.test(String(info)), () => false)
