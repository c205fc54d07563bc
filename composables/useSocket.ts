import { ChatError, closeCodes, comeBackAfter } from '#shared/errors'
import { PROTOCOL, WS_PATH, type Answers, type ClientFrame, type ServerFrame, type ServerFrameOf } from '#shared/protocol'
import { limits } from '#shared/limits'
import type { LineState } from '~/stores/connection'
import { createBackoff } from '~/utils/backoff'
import { createRequests } from '~/utils/requests'
import { parseServerFrame } from '~/utils/server-frames'
import type { Unnumbered } from '~/utils/timeline-types'

/** The only file that touches WebSocket: one live line, kept up. */

export type RequestFrame = Unnumbered<Extract<ClientFrame, { id: number }>>
export type Notice = Extract<ClientFrame, { type: 'read' | 'typing' }>

/** The line broke before the answer. `drop`: it may have been this frame's fault; never send it again as it is. */
export class LineLost extends Error {
  override readonly name = 'LineLost'

  constructor(readonly drop: boolean, readonly code: number) {
    super('The line broke before the answer came.')
  }
}

export interface Socket {
  readonly state: LineState
  start: () => void
  stop: () => void
  /** Asks; resolves with what `ok` carries, rejects with ChatError (the server's refusal) or LineLost. */
  request: <T extends RequestFrame['type']>(frame: RequestFrame & { type: T }) => Promise<Answers[T]>
  /** Says something that is not answered; false when there is no line. */
  tell: (frame: Notice) => boolean
  /** Calls `listen` for every frame of a type; gives the way to end it. */
  on: <T extends ServerFrame['type']>(type: T, listen: (frame: ServerFrameOf<T>) => void) => () => void
  /** Calls `listen` when the state changes. `reason`: why it is stopped for good. */
  onState: (listen: (state: LineState, reason: ChatError | null) => void) => () => void
}

/** What is used of a WebSocket. */
export interface Line { send: (data: string) => void, close: () => void }
export interface LineHandlers { open: () => void, message: (data: unknown) => void, close: (code: number) => void }

export interface SocketOptions {
  /** A one-time ticket; rejects with ChatError. */
  ticket: () => Promise<string>
  connect: (handlers: LineHandlers) => Line
  /** The session is over: nothing is tried until `start`. */
  onUnauthenticated: () => void
  now?: () => number
  random?: () => number
  /** Calls `wake` when the person looks at the page again or the network is back, `sleep` when the network is gone; gives the way to end it. */
  watchDevice?: (wake: () => void, sleep: () => void) => () => void
}

/** Milliseconds: an answer to `ping`, and a whole try from the ticket to `ready`. */
export const patience = { pong: 3_000, ready: 10_000, flooding: 30_000 } as const

const stopReasons: Record<number, ChatError> = {
  [closeCodes.badProtocol]: new ChatError('unsupported', 'This page and Chatly don\'t understand each other. Reload the page.'),
  [closeCodes.forbidden]: new ChatError('forbidden', 'You are no longer signed in here. Reload the page to go on.'),
  [closeCodes.tooOld]: new ChatError('unsupported', 'Chatly has been updated. Reload the page to go on.')
}

export function createSocket(options: SocketOptions): Socket {
  const { now = Date.now, random = Math.random, watchDevice = watchBrowser } = options
  const backoff = createBackoff({ now, random })
  const requests = createRequests()
  const listeners = new Map<string, Set<(frame: ServerFrame) => void>>()
  const stateListeners = new Set<(state: LineState, reason: ChatError | null) => void>()
  let state: LineState = 'stopped'
  let line: Line | null = null
  /** Grows with every try, so that what a former one still says is not heard. */
  let attempt = 0
  let heartbeatMs: number = limits.heartbeatSeconds * 1000
  let comeBackIn: number | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined
  let endWatch: (() => void) | null = null

  function become(next: LineState, reason: ChatError | null = null): void {
    if (next === state && !reason) return
    state = next
    for (const listen of stateListeners) listen(next, reason)
  }

  const write = (frame: ClientFrame) => line?.send(JSON.stringify(frame))

  async function connect(): Promise<void> {
    const mine = ++attempt
    clearTimeout(timer)
    become('connecting')
    timer = setTimeout(() => mine === attempt && broken(closeCodes.abnormal), patience.ready)
    try {
      const ticket = await options.ticket()
      if (mine !== attempt) return
      line = options.connect({
        open: () => { if (mine === attempt) write({ type: 'hello', protocol: PROTOCOL, ticket }) },
        message: (data) => { if (mine === attempt) hear(data) },
        close: (code) => { if (mine === attempt) broken(code) }
      })
    } catch (error) {
      if (mine === attempt) refused(error)
    }
  }

  /** No ticket, or no socket could be made. */
  function refused(error: unknown): void {
    if (error instanceof ChatError && (error.code === 'unauthenticated' || error.code === 'forbidden')) {
      halt(error)
      options.onUnauthenticated()
      return
    }
    if (!(error instanceof ChatError)) console.warn('The live line could not be opened.', error)
    wait(Math.max(backoff.next(), error instanceof ChatError ? error.retryAfter ?? 0 : 0))
  }

  function wait(ms: number): void {
    attempt++
    clearTimeout(timer)
    become('waiting')
    timer = setTimeout(() => void connect(), ms)
  }

  function letGo(): void {
    attempt++
    clearTimeout(timer)
    clearTimeout(silence)
    line?.close()
    line = null
  }

  function halt(reason: ChatError | null): void {
    letGo()
    endWatch?.()
    endWatch = null
    become('stopped', reason)
    requests.failAll(new LineLost(false, closeCodes.goingAway))
  }

  function broken(code: number): void {
    const what = comeBackAfter(code)
    const after = comeBackIn
    comeBackIn = null
    if (what === 'stay') {
      halt(stopReasons[code] ?? null)
      return
    }
    letGo()
    wait(code === closeCodes.flooding ? patience.flooding : after ?? backoff.next())
    requests.failAll(new LineLost(what === 'drop', code))
  }

  function hear(data: unknown): void {
    listenForSilence()
    const frame = parseServerFrame(data)
    if (!frame) return
    switch (frame.type) {
      case 'ready':
        clearTimeout(timer)
        backoff.reset()
        heartbeatMs = frame.heartbeatSeconds * 1000
        listenForSilence()
        become('open')
        break
      case 'ok': requests.settle(frame); break
      case 'error': requests.refuse(frame); break
      case 'bye': comeBackIn = frame.after; break
      default: break
    }
    for (const listen of listeners.get(frame.type) ?? []) listen(frame)
  }

  function listenForSilence(): void {
    clearTimeout(silence)
    silence = setTimeout(ping, heartbeatMs)
  }

  /** Anything that comes within 3 s is an answer. */
  function ping(): void {
    if (state !== 'open') return
    write({ type: 'ping' })
    clearTimeout(silence)
    silence = setTimeout(() => broken(closeCodes.abnormal), patience.pong)
  }

  function wake(): void {
    if (state === 'open') ping()
    else if (state === 'waiting') void connect()
  }

  /** The device says that it has no network. It may be wrong (a server on this very machine): the tries go on. */
  function sleep(): void {
    if (state === 'open' || state === 'connecting') broken(closeCodes.goingAway)
  }

  return {
    get state() { return state },
    start() {
      if (state !== 'stopped') return
      endWatch = watchDevice(wake, sleep)
      backoff.reset()
      void connect()
    },
    stop: () => halt(null),
    request: (frame) => {
      if (state !== 'open') return Promise.reject(new LineLost(false, closeCodes.abnormal))
      return requests.ask(frame.type, id => write({ ...frame, id }))
    },
    tell(frame) {
      if (state === 'open') write(frame)
      return state === 'open'
    },
    on(type, listen) {
      const heard = (frame: ServerFrame) => { if (isOf(frame, type)) listen(frame) }
      const set = listeners.get(type) ?? new Set()
      listeners.set(type, set.add(heard))
      return () => set.delete(heard)
    },
    onState(listen) {
      stateListeners.add(listen)
      return () => stateListeners.delete(listen)
    }
  }
}

const isOf = <T extends ServerFrame['type']>(frame: ServerFrame, type: T): frame is ServerFrameOf<T> => frame.type === type

function watchBrowser(wake: () => void, sleep: () => void): () => void {
  const seen = () => { if (document.visibilityState === 'visible') wake() }
  document.addEventListener('visibilitychange', seen)
  window.addEventListener('online', wake)
  window.addEventListener('offline', sleep)
  return () => {
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('online', wake)
    window.removeEventListener('offline', sleep)
  }
}

/** A line to the server that this page came from. */
export function openLine(handlers: LineHandlers): Line {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${WS_PATH}`)
  socket.addEventListener('open', handlers.open)
  socket.addEventListener('message', ({ data }) => handlers.message(data))
  socket.addEventListener('close', ({ code }) => handlers.close(code))
  return socket
}
