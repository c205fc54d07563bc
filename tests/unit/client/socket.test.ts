import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError, closeCodes } from '#shared/errors'
import type { ServerFrame } from '#shared/protocol'
import { createSocket, LineLost, patience, type LineHandlers, type SocketOptions } from '~/composables/useSocket'
import { backoffRules } from '~/utils/backoff'

/** A server that takes lines and does what the test says. */
function createServer(options: Partial<SocketOptions> = {}) {
  const lines: { handlers: LineHandlers, sent: unknown[], closed: boolean }[] = []
  const ticket = vi.fn<() => Promise<string>>(() => Promise.resolve('ticket'))
  const onUnauthenticated = vi.fn()
  let wake = () => {}
  let sleep = () => {}
  const socket = createSocket({
    ticket, onUnauthenticated, random: () => 0.5,
    connect(handlers) {
      const line = { handlers, sent: [] as unknown[], closed: false }
      lines.push(line)
      return { send: data => line.sent.push(JSON.parse(data)), close: () => { line.closed = true } }
    },
    watchDevice: (...calls) => {
      [wake, sleep] = calls
      return () => { wake = sleep = () => {} }
    },
    ...options
  })
  const last = () => lines.at(-1)!
  const say = (frame: ServerFrame) => last().handlers.message(JSON.stringify(frame))
  return {
    socket, lines, ticket, onUnauthenticated, last, say, wake: () => wake(), sleep: () => sleep(),
    async open() {
      await vi.advanceTimersByTimeAsync(0)
      last().handlers.open()
      say({ type: 'ready', connection: 'c', user: null, epoch: 'e', heartbeatSeconds: 25, limits: { frameBytes: 16_384 } })
    }
  }
}

async function opened(options: Partial<SocketOptions> = {}) {
  const server = createServer(options)
  server.socket.start()
  await server.open()
  return server
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('getting in', () => {
  it('says hello with a ticket, and is open when the server is ready', async () => {
    const { socket, last, ticket } = await opened()
    expect(ticket).toHaveBeenCalledTimes(1)
    expect(last().sent).toEqual([{ type: 'hello', protocol: 1, ticket: 'ticket' }])
    expect(socket.state).toBe('open')
  })

  it('gives up on a server that takes the line and says nothing', async () => {
    const server = createServer()
    server.socket.start()
    await vi.advanceTimersByTimeAsync(patience.ready)
    expect(server.socket.state).toBe('waiting')
    expect(server.last().closed).toBe(true)
  })

  it('stops, and says so, when the session is over', async () => {
    const server = createServer({ ticket: () => Promise.reject(new ChatError('unauthenticated', 'Sign in.')) })
    server.socket.start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(server.onUnauthenticated).toHaveBeenCalledTimes(1)
    expect(server.lines).toHaveLength(0)
    expect(server.socket.state).toBe('stopped')
  })

  it('waits as long as a limit on tickets asks', async () => {
    const server = createServer()
    server.ticket.mockRejectedValueOnce(new ChatError('rate_limited', 'Slower.', 9_000))
    server.socket.start()
    await vi.advanceTimersByTimeAsync(8_999)
    expect(server.ticket).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(server.ticket).toHaveBeenCalledTimes(2)
  })
})

describe('requests', () => {
  it('each get their own answer, by id', async () => {
    const { socket, last, say } = await opened()
    const sent = socket.request({ type: 'send', room: 'r', nonce: 'n', text: 'hi' })
    const refused = socket.request({ type: 'subscribe', room: 'r' })
    expect(last().sent.slice(1)).toEqual([{ type: 'send', room: 'r', nonce: 'n', text: 'hi', id: 1 }, { type: 'subscribe', room: 'r', id: 2 }])
    say({ type: 'error', id: 2, code: 'not_found', message: 'No room.' })
    say({ type: 'ok', id: 1, message: 'm', seq: 3, at: 4 })
    await expect(refused).rejects.toMatchObject({ code: 'not_found' })
    await expect(sent).resolves.toEqual({ message: 'm', seq: 3, at: 4 })
  })

  it.each([[closeCodes.abnormal, false], [closeCodes.restart, false], [closeCodes.invalidUtf8, true], [closeCodes.policy, true], [closeCodes.tooBig, true]])(
    'are lost with a close %i (never to be repeated as they are: %s)', async (code, drop) => {
      const { socket, last } = await opened()
      const lost = expect(socket.request({ type: 'subscribe', room: 'r' })).rejects.toEqual(new LineLost(drop, code))
      last().handlers.close(code)
      await lost
      expect(socket.state).toBe('waiting')
    })

  it('are refused at once without a line', async () => {
    await expect(createServer().socket.request({ type: 'subscribe', room: 'r' })).rejects.toBeInstanceOf(LineLost)
  })

  it('do not wait for ever for a server that only answers pings', async () => {
    const { socket, say } = await opened()
    const late = expect(socket.request({ type: 'subscribe', room: 'r' })).rejects.toMatchObject({ code: 'unavailable' })
    for (let n = 0; n < 3; n++) {
      await vi.advanceTimersByTimeAsync(8_000)
      say({ type: 'pong' })
    }
    await late
    expect(socket.state).toBe('open')
  })
})

describe('is the line dead?', () => {
  it('pings after silence, and comes back when nothing answers', async () => {
    const { socket, last, lines, open } = await opened()
    await vi.advanceTimersByTimeAsync(25_000)
    expect(last().sent.at(-1)).toEqual({ type: 'ping' })
    await vi.advanceTimersByTimeAsync(patience.pong - 1)
    expect(socket.state).toBe('open')
    await vi.advanceTimersByTimeAsync(1)
    expect(socket.state).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1_000)
    await open()
    expect(lines).toHaveLength(2)
    expect(socket.state).toBe('open')
  })

  it('pings at once when somebody looks, and any frame is an answer', async () => {
    const { socket, last, say, wake } = await opened()
    wake()
    expect(last().sent.at(-1)).toEqual({ type: 'ping' })
    say({ type: 'heads', rooms: {} })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(socket.state).toBe('open')
  })

  it('is given up when the device has no network, and back at once with it', async () => {
    const { socket, lines, sleep, wake, open } = await opened()
    const lost = expect(socket.request({ type: 'subscribe', room: 'r' })).rejects.toMatchObject({ drop: false })
    sleep()
    await lost
    expect(socket.state).toBe('waiting')
    expect(lines[0]?.closed).toBe(true)
    wake()
    await open()
    expect(socket.state).toBe('open')
  })

  it('tries at once when somebody looks while it waits', async () => {
    const { last, lines, wake } = await opened()
    last().handlers.close(closeCodes.abnormal)
    wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(lines).toHaveLength(2)
  })
})

describe('coming back', () => {
  it('waits at most 2 s in the first 20 s, then doubles up to 30 s', async () => {
    const waits: number[] = []
    const server = await opened({ random: () => 0.999 })
    server.ticket.mockRejectedValue(new ChatError('unavailable', 'Away.'))
    server.last().handlers.close(closeCodes.abnormal)
    let before = Date.now()
    server.ticket.mockImplementation(() => {
      waits.push(Date.now() - before)
      before = Date.now()
      return Promise.reject(new ChatError('unavailable', 'Away.'))
    })
    await vi.advanceTimersByTimeAsync(200_000)
    expect(waits.slice(0, 10).every(ms => ms <= backoffRules.first)).toBe(true)
    expect(waits.slice(-2).every(ms => ms > 29_000 && ms <= backoffRules.most)).toBe(true)
    expect([...waits].sort((a, b) => a - b)).toEqual(waits)
  })

  it('comes when the server said in its bye', async () => {
    const { last, say, lines } = await opened()
    say({ type: 'bye', after: 700 })
    last().handlers.close(closeCodes.restart)
    await vi.advanceTimersByTimeAsync(699)
    expect(lines).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(lines).toHaveLength(2)
  })

  it('waits 30 s after flooding, and takes a new ticket after 4401', async () => {
    const server = await opened()
    server.last().handlers.close(closeCodes.flooding)
    await vi.advanceTimersByTimeAsync(patience.flooding - 1)
    expect(server.ticket).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    await server.open()
    server.last().handlers.close(closeCodes.needTicket)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(server.ticket).toHaveBeenCalledTimes(3)
  })

  it.each([closeCodes.badProtocol, closeCodes.forbidden, closeCodes.tooOld])('stays away after %i, with a reason', async (code) => {
    const { socket, last, lines } = await opened()
    const states: unknown[] = []
    socket.onState((state, reason) => states.push([state, reason?.message]))
    last().handlers.close(code)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(lines).toHaveLength(1)
    expect(states).toEqual([['stopped', expect.stringContaining('Reload')]])
  })

  it('does not hear what a former line still says', async () => {
    const { socket, lines, last } = await opened()
    const heard = vi.fn()
    socket.on('typing', heard)
    last().handlers.close(closeCodes.abnormal)
    lines[0]?.handlers.message(JSON.stringify({ type: 'typing', room: 'r', user: 'u' }))
    expect(heard).not.toHaveBeenCalled()
  })

  it('ignores what is no frame', async () => {
    const { socket, last } = await opened()
    const heard = vi.fn()
    socket.on('event', heard)
    for (const data of ['ping', '{', '[]', 'null', '{"type":"event"}', '{"type":"later"}', '{"type":"toString"}', new ArrayBuffer(2)]) last().handlers.message(data)
    expect(heard).not.toHaveBeenCalled()
    expect(socket.state).toBe('open')
  })
})
