import type { Cluster } from './cluster'
import { sleep } from './person'
import { openReaders, say, type Reader } from './reader'
import type { Anomaly } from './rules'

/** What each of them misses. */
const MISSED = 100

/** Very many people who only read one room; and all lose their lines at once. */
export interface Crowd {
  /** Breaks all lines, and stores what everybody misses before any of them can be back. */
  drop: () => Promise<void>
  /** Waits until all are at the head, at most so many ms from now. Gives who is not. */
  arrive: (within: number) => Promise<Anomaly[]>
  /** Nobody is there any more. Gives what they were sent against the protocol. */
  leave: () => Anomaly[]
}

/** The first so many of the cluster's crowd, all in. */
export async function openCrowd(cluster: Cluster, size: number): Promise<Crowd> {
  const room = await cluster.room('crowd')
  const readers = await openReaders(cluster, room, index => ({ ports: cluster.nodes.map(({ server }) => server.port), first: index }), cluster.crowd.slice(0, size))
  let head = 0
  const isThere = ({ position }: Reader) => position >= head
  return {
    async drop() {
      for (const reader of readers) reader.cut()
      head = await say(cluster, room, MISSED)
    },
    async arrive(within) {
      const until = performance.now() + within
      while (performance.now() < until && !readers.every(isThere)) await sleep(10)
      const late = readers.filter(reader => !isThere(reader))
      return late.length === 0 ? [] : [{ rule: 'late', text: `${late.length} of ${size} in a crowd were not at ${head} of ${room} after ${within} ms (the furthest behind at ${Math.min(...late.map(({ position }) => position))})` }]
    },
    leave() {
      for (const { socket } of readers) socket.stop()
      return readers.flatMap(({ anomalies }) => anomalies)
    }
  }
}
