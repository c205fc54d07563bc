import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseRedisUrl, type RedisAddress } from '../../server/drivers/redis/url'

export interface RedisOptions {
  /** More words for the command line of redis-server. */
  args?: string[]
  /** None: a free one. */
  port?: number
  password?: string
  /** A cluster of this one node, which has all the slots. */
  cluster?: boolean
  /** Takes connections with TLS, and no others; by a certificate that whoever has `authority` trusts. */
  tls?: boolean
}

/** A redis-server of our own: nothing on disk, and only this machine can reach it. */
export interface TestRedis {
  /** For `REDIS_URL`, the password included. */
  url: string
  port: number
  readonly pid: number
  /** Sends a signal and waits for the end. */
  kill: (signal: NodeJS.Signals) => Promise<void>
  /** Starts it again on the same port, empty; killed before, if it runs. */
  restart: () => Promise<void>
  /** It hangs: the port is open, nothing answers. */
  pause: () => void
  resume: () => void
  /** One command; what the command line client prints. */
  cli: (...words: string[]) => Promise<string>
  /** Ends it, however it is. */
  stop: () => Promise<void>
}

const PROGRAM = process.env.CHATLY_TEST_REDIS ?? 'redis-server'
/** What comes with it, beside it: `valkey-cli` of a `valkey-server`. */
const CLI = join(dirname(PROGRAM), basename(PROGRAM).replace(/-server$/, '-cli'))
const START_MS = 10_000

/** A file for NODE_EXTRA_CA_CERTS. */
export const authority = fileURLToPath(new URL('redis-tls.pem', import.meta.url))

/** Starts `redis-server` (or the program that CHATLY_TEST_REDIS names) and resolves when it takes commands. Rejects with what it printed. */
export async function startRedis({ args = [], port, password, cluster = false, tls = false }: RedisOptions = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'chatly-redis-'))
  const listening = port ?? await freePort()
  const words = [
    ...tls
      ? ['--port', '0', '--tls-port', String(listening), '--tls-cert-file', authority, '--tls-key-file', authority, '--tls-auth-clients', 'no']
      : ['--port', String(listening)],
    '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder,
    ...password === undefined ? [] : ['--requirepass', password],
    ...cluster ? ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort()), '--cluster-announce-ip', '127.0.0.1'] : [],
    ...args
  ]
  const env = { ...process.env, ...password !== undefined && { REDISCLI_AUTH: password } }
  const cli = async (...command: string[]) =>
    (await promisify(execFile)(CLI, ['-h', '127.0.0.1', '-p', String(listening), ...tls ? ['--tls', '--cacert', authority] : [], ...command], { env, timeout: START_MS })).stdout.trim()

  let child: ChildProcess
  const start = async () => {
    child = spawn(PROGRAM, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    await ready(child)
    if (!cluster) return
    if (await cli('CLUSTER', 'INFO').then(info => /cluster_slots_assigned:0\b/.test(info))) await cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    while (!/cluster_state:ok/.test(await cli('CLUSTER', 'INFO'))) await new Promise(resolve => setTimeout(resolve, 20))
  }
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }
  const remove = () => rm(folder, { recursive: true, force: true })

  try {
    await start()
  } catch (error) {
    await remove()
    throw error
  }
  return {
    url: `redis${tls ? 's' : ''}://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${listening}`,
    port: listening,
    get pid() { return child.pid ?? 0 },
    kill, cli,
    pause: () => { child.kill('SIGSTOP') },
    resume: () => { child.kill('SIGCONT') },
    async restart() {
      await kill('SIGKILL')
      await start()
    },
    async stop() {
      await kill('SIGKILL')
      await remove()
    }
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = ''
    const fail = (why: string) => {
      clearTimeout(timer)
      reject(new Error(`${PROGRAM} ${why}:\n${printed}`))
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready in ${START_MS / 1000} s`)
    }, START_MS)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        if (printed.length < 10_000) printed += text
        if (!/Ready to accept connections/.test(printed)) return
        clearTimeout(timer)
        resolve()
      })
    }
    child.once('error', error => fail(error.message))
    child.once('exit', code => fail(`ended with ${code} before it was ready`))
  })
}

/** What the drivers are given of a URL. */
export function addressOf(url: string): RedisAddress {
  const address = parseRedisUrl(url)
  if (!address) throw new Error('This is no URL of a Redis.')
  return address
}

/** A port that nobody has now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
