import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished, vi, type TestContext } from 'vitest'
import openRedis from '../../server/drivers/redis/link'
import { addressOf, authority, startRedis, type TestRedis } from '../support/redis'
import program from '../support/redisProcess?worker-url'

describe('the link to a Redis with TLS', () => {
  let started: Promise<TestRedis> | undefined
  afterAll(() => started?.then(redis => redis.stop(), () => {}))

  /** Not every build of Redis has it. */
  async function redisFor({ skip }: TestContext): Promise<TestRedis> {
    started ??= startRedis({ tls: true })
    return started.catch((error: Error) => /'tls-[\s\S]*Bad directive/.test(error.message) ? skip('this redis-server was made without TLS') : Promise.reject(error))
  }
  /** The first line that is said about this URL. */
  async function saidOf(url: string): Promise<string> {
    const lines: string[] = []
    const link = openRedis({ address: addressOf(url), onTrouble: line => lines.push(line) })
    onTestFinished(link.close)
    await vi.waitFor(() => expect([lines.length > 0, link.state()]).not.toEqual([false, 'starting']), { timeout: 10_000, interval: 10 })
    return lines[0] ?? link.state()
  }
  /** The same in a process that trusts the certificate: authorities are read once, when it starts. */
  async function saidToOneWhoTrusts(url: string): Promise<string> {
    const child = spawn(process.execPath, [fileURLToPath(program), url], { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority }, stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(async () => {
      const exit = once(child, 'exit')
      if (child.exitCode === null && child.kill('SIGKILL')) await exit
    })
    const [line] = await once(createInterface({ input: child.stdout }), 'line') as [string]
    return line
  }

  it('is up where its certificate is trusted', async (context) => {
    expect(await saidToOneWhoTrusts((await redisFor(context)).url)).toBe('up')
  })

  it('says that the certificate is not trusted, and what to do', async (context) => {
    expect(await saidOf((await redisFor(context)).url)).toMatch(/ cannot be used: its certificate is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\); NODE_EXTRA_CA_CERTS /)
  })

  it('says that it is called as one without', async (context) => {
    expect(await saidOf((await redisFor(context)).url.replace('rediss:', 'redis:'))).toMatch(/ cannot be used: .*REDIS_URL begins with rediss:/)
  })
})
