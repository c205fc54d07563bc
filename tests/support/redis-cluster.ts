import { vi } from 'vitest'
import { freePort, startRedis, type TestRedis } from './redis'

const SLOTS = 16_384

/** A Redis Cluster of so many nodes, each with its share of the slots. */
export interface TestCluster { nodes: TestRedis[], url: string, stop: () => Promise<void> }

/** Starts one on this machine and resolves when every node knows of all slots. */
export async function startCluster(count: number): Promise<TestCluster> {
  const nodes: TestRedis[] = []
  const stop = async () => { await Promise.all(nodes.map(node => node.stop())) }
  try {
    const ports: number[] = []
    for (let n = 0; n < count; n++) {
      const port = await freePort()
      ports.push(port)
      nodes.push(await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', String(port), '--cluster-announce-ip', '127.0.0.1'] }))
    }
    await Promise.all(nodes.map((node, n) => node.cli('CLUSTER', 'ADDSLOTSRANGE', String(Math.floor(n * SLOTS / count)), String(Math.floor((n + 1) * SLOTS / count) - 1))))
    const [first, ...others] = nodes
    for (const [n, node] of others.entries()) await first!.cli('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(ports[n + 1]))
    await vi.waitFor(async () => {
      for (const node of nodes) {
        const info = await node.cli('CLUSTER', 'INFO')
        if (!/cluster_state:ok/.test(info) || !info.includes(`cluster_known_nodes:${count}`)) throw new Error(info)
      }
    }, { timeout: 15_000, interval: 50 })
    return { nodes, url: first!.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
