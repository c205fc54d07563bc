import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { freePort } from '../support/redis'
import { tempFolder } from '../support/server'

/** One server after the other starts, each within what `startServer` allows it. */
const START_MS = 150_000

interface Demo { child: ChildProcess, printed: () => string }

let folder: Awaited<ReturnType<typeof tempFolder>>
let demo: Demo | null = null
let started: number[] = []
beforeAll(async () => { folder = await tempFolder() })
afterAll(() => folder.remove())
// What it has started is in groups of its own, and would outlive it.
afterEach(async () => {
  const { child } = demo ?? {}
  demo = null
  if (child && !hasEnded(child)) {
    started = await childrenOf(child.pid!)
    child.kill('SIGKILL')
  }
  for (const pid of started.splice(0)) if (lives(pid)) process.kill(pid, 'SIGKILL')
})

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** `npm run demo:cluster`, with the server that is built. */
function start(ports: string): Demo {
  const child = spawn(process.execPath, ['scripts/cluster.mjs'], {
    env: {
      PATH: process.env.PATH, CHATLY_REDIS_SERVER: process.env.CHATLY_TEST_REDIS ?? 'redis-server', CHATLY_DEMO_PORTS: ports, CHATLY_DEMO_DATA: folder.folder,
      CHATLY_DEMO_SERVER: resolve(process.env.CHATLY_TEST_OUTPUT ?? '.output', 'server/index.mjs')
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text })
  return demo = { child, printed: () => printed }
}

/** Waits until it has printed this. */
async function says({ child, printed }: Demo, line: string): Promise<void> {
  while (!printed().includes(line)) {
    if (hasEnded(child)) throw new Error(`It ended with ${child.exitCode ?? child.signalCode}:\n${printed()}`)
    await Promise.race([once(child.stdout!, 'data'), once(child, 'close')])
  }
}

/** Ids of the processes that one has started and that have not ended, as Linux lists them. */
async function childrenOf(parent: number): Promise<number[]> {
  const ids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  // "12 (a name) S 11 …": the fourth is the parent's.
  const stats = await Promise.all(ids.map(id => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')))
  return ids.filter((_, index) => Number(stats[index]!.replace(/^.*\) /s, '').split(' ')[1]) === parent).map(Number)
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const listens = (port: number) => new Promise<boolean>((done) => {
  const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false)).on('connect', () => socket.destroy())
})

it('starts a Redis and three servers, says where they are, and ends all of them on Ctrl+C', async () => {
  const ports = await Promise.all([freePort(), freePort(), freePort()])
  const running = start(ports.join(','))
  await says(running, 'Ctrl+C ends all of them.')
  for (const port of ports) {
    expect(running.printed()).toContain(`    http://localhost:${port}\n`)
    const ready = async () => await (await fetch(`http://127.0.0.1:${port}/ready`)).json() as unknown
    // They have Redis, too: that is what makes them one.
    await expect.poll(ready, { timeout: 30_000 }).toMatchObject({ degraded: [] })
  }
  started = await childrenOf(running.child.pid!)
  expect(started).toHaveLength(4)

  // As a terminal does: the others are in groups of their own.
  const exit = once(running.child, 'exit')
  running.child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  expect(started.filter(lives)).toEqual([])
  expect(await Promise.all(ports.map(listens))).toEqual([false, false, false])
}, START_MS)

it.each(['3001', '3001,3002,3002', '3001,3002,x', '1,2,65536'])('refuses the ports %s', async (ports) => {
  const { child, printed } = start(ports)
  expect(await once(child, 'close')).toEqual([1, null])
  expect(printed()).toBe(`✖ CHATLY_DEMO_PORTS is "${ports}": it takes three different ports with commas between, like 3001,3002,3003.\n`)
})

it('says which port is taken, and starts nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const taken = (other.address() as AddressInfo).port
  const { child, printed } = start([await freePort(), taken, await freePort()].join(','))
  expect(await once(child, 'close')).toEqual([1, null])
  expect(printed()).toContain(`✖ Port ${taken} is taken.`)
  other.close()
})
