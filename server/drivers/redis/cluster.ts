import { createCluster } from 'redis'
import { settingsFor, type Lines, type LinesOptions } from './lines'

/**
 * A Redis Cluster. Sharded Pub/Sub: a message stays on the servers that have its slot, where the classic kind is copied to all. Keys of commands
 * share the hash tag `{chatly}`, so that they are all on one of them.
 */
export async function connectCluster({ address, deliver, broken, signal }: LinesOptions): Promise<Lines> {
  const { socket: { host, port, ...socket }, ...settings } = settingsFor(address)
  const cluster = createCluster({ rootNodes: [{ socket: { host, port } }], defaults: { ...settings, socket } })
  for (const name of ['error', 'node-error', 'sharded-channel-moved-error']) cluster.on(name, broken)
  const destroy = () => cluster.destroy()
  try {
    // Not destroyed on the way: it would forget the clients that are still connecting.
    await cluster.connect()
    signal.throwIfAborted()
  } catch (error) {
    destroy()
    throw error
  }
  signal.addEventListener('abort', destroy, { once: true })

  /** Its connection for subscriptions, where there is one: it comes with the first channel, and goes with the last, which fails what is on it. */
  const pingSubscriber = async (master: typeof cluster.masters[number]) => {
    const { pubSub } = master
    if (pubSub?.connectPromise === undefined) await pubSub?.client.ping().catch((error: unknown) => { if (master.pubSub === pubSub) throw error })
  }
  const listen = (payload: Buffer, channel: Buffer) => deliver(channel.toString(), payload)
  return {
    sendCommand: words => cluster.sendCommand('{chatly}', false, words),
    publish: (channel, payload) => cluster.sPublish(channel, payload),
    // One by one: each has a slot of its own.
    subscribe: channels => Promise.all(channels.map(channel => cluster.sSubscribe(channel, listen, true))),
    unsubscribe: channel => cluster.sUnsubscribe(channel, listen, true),
    ping: () => Promise.all(cluster.masters.flatMap(master => [cluster.nodeClient(master).then(client => client.ping()), pingSubscriber(master)])),
    destroy
  }
}
