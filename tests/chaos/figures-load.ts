import { randomBytes } from 'node:crypto'
import WebSocket from 'ws'
import { percentile, round } from '../../bench/measure'
import { withCluster, type Cluster } from './cluster'
import type { Figure } from './figures'
import { sleep } from './person'
import { behindProxy, openReaders, type Reader } from './reader'

const fronts = ({ nodes }: Cluster) => nodes.map(({ front }) => front.port)

/** Lets these people write for a while, in turn, so many messages a second of so many bytes; each carries the time at which it was sent. */
async function write(writers: readonly Reader[], room: string, perSecond: number, bytes: number, seconds: number): Promise<void> {
  const started = performance.now()
  for (let sent = 0; performance.now() < started + seconds * 1000;) {
    const due = Math.floor((performance.now() - started) / 1000 * perSecond)
    for (; sent < due; sent++) {
      const text = `${performance.now().toFixed(3)} `.padEnd(bytes, 'x')
      writers[sent % writers.length]?.socket.request({ type: 'send', room, nonce: randomBytes(12).toString('base64url'), text }).catch(() => {})
    }
    await sleep(2)
  }
}

/** Collects how long messages were on their way to these readers, ms. */
function listen(readers: readonly Reader[]): () => number[] {
  const latencies: number[] = []
  for (const reader of readers) {
    reader.onEvent = (event) => {
      if (event.kind === 'message' && 'text' in event.data) latencies.push(performance.now() - Number(event.data.text.split(' ', 1)[0]))
    }
  }
  return () => latencies.splice(0)
}

/** 60 readers and 12 writers; 100 messages a second of 4 KB. First all are healthy, then six of the readers take 1 KB/s. */
export async function slow(): Promise<Figure[]> {
  return await withCluster({ people: 72, env: behindProxy }, async (cluster) => {
    const room = await cluster.room('hall')
    const isSlow = (index: number) => index < 6
    const everybody = await openReaders(cluster, room, index => ({
      ports: isSlow(index) ? cluster.nodes.map(node => node.slow.port) : fronts(cluster), first: index
    }))
    const writers = everybody.slice(60)
    const healthy = everybody.slice(6, 60)
    const take = listen(healthy)
    await write(writers, room, 100, 4_000, 3)
    take()
    const ratios: number[] = []
    const measured: string[] = []
    for (let turn = 0; turn < 3; turn++) {
      for (const node of cluster.nodes) node.slow.heal()
      await sleep(3_000)
      take()
      await write(writers, room, 100, 4_000, 15)
      const without = percentile(take(), 0.99)
      for (const node of cluster.nodes) node.slow.set({ rate: 1_024 })
      await write(writers, room, 100, 4_000, 15)
      const withSlow = percentile(take(), 0.99)
      ratios.push(withSlow / without)
      measured.push(`${round(without)} → ${round(withSlow)} ms`)
    }
    const cut = everybody.filter((reader, index) => isSlow(index) && reader.lostAt !== null).length
    for (const { socket } of everybody) socket.stop()
    const ratio = percentile(ratios, 0.5)
    return [
      { what: 'p99 of healthy readers, without and with 10 % slow ones', value: measured.join(', '), aim: '', reached: true },
      { what: 'its growth, median of 3', value: `${round(ratio, 2)} ×`, aim: '≤ 1.5 ×', reached: ratio <= 1.5 },
      { what: 'slow readers that were cut off', value: `${cut} of 6`, aim: 'all', reached: cut === 6 }
    ]
  })
}

/** Asks a server's inspector, which listens on loopback only, for its heap after a collection, bytes. */
async function heapOf(logs: string): Promise<number> {
  const [url] = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(logs) ?? []
  if (!url) throw new Error('The server has no inspector.')
  const inspector = new WebSocket(url)
  await new Promise((resolve, reject) => inspector.once('open', resolve).once('error', reject))
  const ask = async (id: number, method: string): Promise<string> => {
    inspector.send(JSON.stringify({ id, method }))
    return await new Promise(resolve => inspector.once('message', data => resolve(String(data))))
  }
  for (let turn = 1; turn <= 3; turn++) await ask(turn, 'HeapProfiler.collectGarbage')
  const { result } = JSON.parse(await ask(4, 'Runtime.getHeapUsage')) as { result: { usedSize: number } }
  inspector.close()
  return result.usedSize
}

/** 150 people who come and go all the time, 30 of whom write 30 messages a second; the heap of each instance every half minute. */
export async function soak({ minutes }: { minutes: number }): Promise<Figure[]> {
  return await withCluster({ people: 150, env: behindProxy, nodeArgs: ['--inspect=127.0.0.1:0'] }, async (cluster) => {
    const room = await cluster.room('hall')
    const readers = await openReaders(cluster, room, index => ({ ports: fronts(cluster), first: index }))
    const heaps: number[][] = []
    const end = performance.now() + minutes * 60_000
    let churned = 0
    const churn = (async () => {
      for (; performance.now() < end; churned++) {
        const reader = readers[30 + Math.floor(Math.random() * 120)]
        reader?.socket.stop()
        await sleep(50)
        reader?.socket.start()
      }
    })()
    while (performance.now() < end) {
      await write(readers.slice(0, 30), room, 30, 200, Math.min(30, (end - performance.now()) / 1000))
      heaps.push(await Promise.all(cluster.nodes.map(({ server }) => heapOf(server.logs()))))
    }
    await churn
    for (const { socket } of readers) socket.stop()
    const megabytes = (all: readonly number[]) => all.map(heap => round(heap / 2 ** 20, 1)).join(' / ')
    const third = Math.max(1, Math.floor(heaps.length / 3))
    const mean = (some: number[][]) => some.flat().reduce((sum, heap) => sum + heap, 0) / Math.max(1, some.flat().length)
    // The first third is warming up.
    const growth = mean(heaps.slice(-third)) / mean(heaps.slice(third, third * 2))
    return [
      { what: `heap of each instance after ${round(minutes * third / heaps.length, 1)} minutes`, value: `${megabytes(heaps[third] ?? [])} MB`, aim: '', reached: true },
      { what: `heap of each instance after ${minutes} minutes and ${churned} returns`, value: `${megabytes(heaps.at(-1) ?? [])} MB`, aim: '', reached: true },
      { what: 'last third against the one before', value: `${round(growth, 3)} ×`, aim: '≤ 1.05 ×', reached: growth <= 1.05 }
    ]
  })
}
