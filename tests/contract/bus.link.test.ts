import { createServer as createTlsServer } from 'node:tls'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createClient } from 'redis'
import openRedis, { type RedisLink } from '../../server/drivers/redis/link'
import { addressOf, startRedis, type RedisOptions, type TestRedis } from '../support/redis'

const until = (holds: () => void | Promise<void>, timeout = 10_000) => vi.waitFor(holds, { timeout, interval: 10 })

describe('the link to Redis', () => {
  const redises: TestRedis[] = []
  const links: RedisLink[] = []
  const servers: Server[] = []
  const lines: string[] = []
  beforeEach(() => { lines.length = 0 })
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close()
    for (const redis of redises.splice(0)) await redis.stop()
    for (const server of servers.splice(0)) server.close()
  })

  async function redisWith(options: RedisOptions = {}): Promise<TestRedis> {
    const redis = await startRedis(options)
    redises.push(redis)
    return redis
  }
  function link(url: string): RedisLink {
    const opened = openRedis({ address: addressOf(url), onTrouble: line => lines.push(line) })
    links.push(opened)
    return opened
  }
  async function portOf(server: Server): Promise<number> {
    servers.push(server.listen(0, '127.0.0.1'))
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const up = (one: RedisLink) => until(() => expect(one.state()).toBe('up'))
  /** The line that is said about this URL, and, after two more tries, that it was the only one. */
  async function saidOf(url: string, tries: () => Promise<number>): Promise<string> {
    const opened = link(url)
    await until(() => expect(lines).toHaveLength(1))
    const before = await tries()
    await until(async () => expect(await tries()).toBeGreaterThan(before + 1))
    expect([lines.length, opened.state()]).toEqual([1, 'starting'])
    return lines[0] ?? ''
  }
  const connections = (redis: TestRedis) => async () => Number(/total_connections_received:(\d+)/.exec(await redis.cli('INFO', 'stats'))?.[1])

  it('gets in with a password that has every kind of character', async () => {
    const redis = await redisWith({ password: 'p@ss/w:rd#%+ ü' })
    await up(link(redis.url))
    expect(lines).toEqual([])
  })

  it.each([
    ['a wrong password', (port: number) => `redis://:not-the-%70assword@127.0.0.1:${port}`, /refuses the user or the password in REDIS_URL/],
    ['an unknown user', (port: number) => `redis://mallory:not-the-password@127.0.0.1:${port}/0`, /refuses the user or the password in REDIS_URL/],
    ['no password', (port: number) => `redis://127.0.0.1:${port}`, /wants a password/],
    ['a database that is not there', (port: number) => `redis://:sekret-word@127.0.0.1:${port}/99`, /DB index is out of range/]
  ])('says in one line what is wrong with %s, and never the password', async (_, url, what) => {
    const redis = await redisWith({ password: 'sekret-word' })
    const line = await saidOf(url(redis.port), connections(redis))
    expect(line).toMatch(what)
    expect(line).toMatch(/^Redis at 127\.0\.0\.1:\d+ cannot be used: [^\n]+$/)
    expect(line).not.toMatch(/not-the|sekret|%70/)
  })

  it('says what a user may not do', async () => {
    const redis = await redisWith()
    await redis.cli('ACL', 'SETUSER', 'half', 'on', '>sekret-word', '+@all', '-publish', '&*', '~*')
    expect(await saidOf(`redis://half:sekret-word@127.0.0.1:${redis.port}`, connections(redis))).toMatch(/may not do what is needed \(NOPERM .*publish/)
  })

  it('says that a server without TLS is called as one with it', async () => {
    const redis = await redisWith({ password: 'sekret-word' })
    const line = await saidOf(redis.url.replace('redis:', 'rediss:'), connections(redis))
    expect(line).toMatch(/REDIS_URL begins with redis:/)
    expect(line).not.toContain('sekret')
  })

  it('says that a server with TLS is called as one without it', async () => {
    let calls = 0
    const port = await portOf(createTlsServer({}).on('connection', () => calls++).on('tlsClientError', () => {}))
    expect(await saidOf(`redis://127.0.0.1:${port}`, async () => calls)).toMatch(/REDIS_URL begins with rediss:/)
  })

  it('says that something else answers there', async () => {
    let calls = 0
    const port = await portOf(createServer((socket) => {
      calls++
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')
    }))
    expect(await saidOf(`redis://127.0.0.1:${port}`, async () => calls)).toMatch(/no Redis/)
  })

  it('says a wrong password again, once, when it was changed during an outage', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    await redis.cli('CONFIG', 'SET', 'requirepass', 'sekret-word')
    await redis.cli('-a', 'sekret-word', '--no-auth-warning', 'CLIENT', 'KILL', 'TYPE', 'pubsub')
    await until(() => expect(lines).toHaveLength(2))
    expect(lines).toEqual([expect.stringMatching(/is away: the connection was cut/), expect.stringMatching(/is away: it wants a password/)])
    await redis.cli('-a', 'sekret-word', '--no-auth-warning', 'CONFIG', 'SET', 'requirepass', '')
    await up(opened)
    expect(lines).toEqual([lines[0], lines[1], expect.stringMatching(/is back/)])
  })

  it('subscribes to everything again after a break, in batches, before it says that it is up', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    const heard = new Set<string>()
    const names = Array.from({ length: 1_800 }, (_, index) => `chatly:room:${index}`)
    await Promise.all(names.map(name => opened.subscribe(name, payload => heard.add(`${name} ${payload}`)).confirmed))
    let counted: Promise<unknown> = Promise.resolve('')
    opened.onUp(() => { counted = opened.run('count', client => client.sendCommand(['PUBSUB', 'NUMSUB', 'chatly:room:0', 'chatly:room:1799'])) })
    await redis.restart()
    await up(opened)
    expect(await counted).toEqual(['chatly:room:0', 1, 'chatly:room:1799', 1])
    expect(await redis.cli('INFO', 'commandstats')).toMatch(/cmdstat_subscribe:calls=5,/)
    for (const name of names) void opened.publish(name, Buffer.from('hi'))
    await until(() => expect(heard.size).toBe(names.length))
  })

  it('lets go of what was ended while it subscribed to everything again', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    let endAll = () => {}
    await opened.subscribe('chatly:room:first', () => { if (opened.state() === 'down') endAll() }).confirmed
    const rooms = Array.from({ length: 4_000 }, (_, index) => opened.subscribe(`chatly:room:${index}`, () => {}))
    await Promise.all(rooms.map(room => room.confirmed))
    const ended = new Promise<void>((resolve) => {
      endAll = () => {
        for (const { end } of rooms.splice(1_000)) end()
        resolve()
      }
    })
    // It comes through when the first batch is subscribed again, and the others are not.
    const bell = createClient({ url: redis.url }).on('error', () => {})
    onTestFinished(() => bell.destroy())
    await bell.connect()
    const ringing = setInterval(() => void bell.publish('chatly:room:first', 'now'))
    await bell.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
    await ended
    clearInterval(ringing)
    await up(opened)
    const subscribed = async () => (await bell.sendCommand(['PUBSUB', 'CHANNELS', 'chatly:room:*']) as unknown as string[]).length
    await until(async () => expect(await subscribed()).toBe(1_001))
  })

  it('answers commands while it is up, says once what Redis refuses, and never waits for a Redis that hangs', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    const send = (...words: string[]) => opened.run(String(words[0]), client => client.sendCommand(words))
    await expect(send('PING')).rejects.toMatchObject({ code: 'unavailable' })
    await up(opened)
    expect(await send('SET', '{chatly}:a', '1')).toBe('OK')
    expect(opened.refuses()).toBe(false)
    for (const wrong of [['INCR'], ['INCR'], ['HGET', '{chatly}:a', 'b']]) await expect(send(...wrong)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await send('INCR', '{chatly}:b')).toBe(1)
    expect(opened.refuses()).toBe(true)
    await send('HGET', '{chatly}:none', 'b')
    expect(opened.refuses()).toBe(false)
    expect(lines).toEqual([expect.stringMatching(/refuses what is needed: it says "ERR [^\n]+$/), expect.stringMatching(/refuses nothing any more, after [\d.]+ s\.$/)])
    redis.pause()
    const since = performance.now()
    const [command, published] = await Promise.all([send('GET', '{chatly}:a').catch(error => error), opened.publish('c', Buffer.from('x'))])
    expect(command).toMatchObject({ code: 'unavailable' })
    expect(published).toBe(false)
    expect(performance.now() - since).toBeLessThan(8_000)
    await until(() => expect(opened.state()).toBe('down'), 15_000)
    const asked = performance.now()
    await expect(send('PING')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await opened.publish('c', Buffer.from('x'))).toBe(false)
    // At once: a call to Redis would be given a second.
    expect(performance.now() - asked).toBeLessThan(900)
    redis.resume()
    await up(opened)
    expect(await send('GET', '{chatly}:a')).toBe('1')
  })

  it('is not taken for dead because this process was busy', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    const end = performance.now() + 4_000
    while (performance.now() < end);
    expect(await opened.run('ping', client => client.sendCommand(['PING']))).toBe('PONG')
    await new Promise(resolve => setTimeout(resolve, 600))
    expect([opened.state(), lines]).toEqual(['up', []])
  })

  it('holds back what a Redis that hangs does not take, within a bound', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    redis.pause()
    const megabyte = Buffer.alloc(1024 * 1024)
    const sent = Array.from({ length: 20 }, () => opened.publish('c', megabyte))
    expect(await Promise.race([sent[19], new Promise(resolve => setTimeout(resolve, 200, 'waits'))])).toBe(false)
    redis.resume()
    expect((await Promise.all(sent)).filter(Boolean)).toHaveLength(9)
  })

  it('does not let a listener that throws stop the others', async () => {
    const redis = await redisWith()
    const opened = link(redis.url)
    await up(opened)
    const heard: string[] = []
    await opened.subscribe('c', () => { throw new Error('broken') }).confirmed
    await opened.subscribe('c', payload => heard.push(String(payload))).confirmed
    for (const text of ['a', 'b']) await opened.publish('c', Buffer.from(text))
    await until(() => expect(heard).toEqual(['a', 'b']))
    expect(lines.map(line => line.includes('broken'))).toEqual([true, true])
    expect(opened.state()).toBe('up')
  })

  it('is gone when it is closed, whatever its state', async () => {
    const redis = await redisWith()
    const [working, stuck] = [link(redis.url), link('redis://127.0.0.1:1')]
    await up(working)
    const waiting = stuck.subscribe('c', () => {}).confirmed
    redis.pause()
    const halfway = link(redis.url)
    await Promise.all([working, stuck, halfway].map(one => one.close()))
    await waiting
    redis.resume()
    await until(async () => expect((await redis.cli('CLIENT', 'LIST')).split('\n')).toHaveLength(1))
  })
})
