import { isErrorBody } from '#shared/errors'
import type { Answers, ServerFrame, ServerFrameOf } from '#shared/protocol'
import type { Person, Position } from '#shared/types'

type Kind = 'string' | 'number' | 'boolean' | 'object'

/** What every frame of a type must have for the client to act on it. Unknown types are ignored, so that a newer server may say more. */
const required: { [T in ServerFrame['type']]: Record<string, Kind> } = {
  ready: { connection: 'string', epoch: 'string', heartbeatSeconds: 'number', limits: 'object' },
  event: { room: 'string', seq: 'number', kind: 'string', at: 'number', author: 'string', data: 'object' },
  ok: { id: 'number' },
  error: { code: 'string', message: 'string' },
  reset: { room: 'string', reason: 'string' },
  heads: { rooms: 'object' },
  people: { users: 'object' },
  presence: { room: 'string', version: 'number', online: 'number' },
  typing: { room: 'string', user: 'string' },
  room: { room: 'string', change: 'string' },
  pong: {},
  bye: { after: 'number' }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isType = (type: unknown): type is ServerFrame['type'] => typeof type === 'string' && Object.hasOwn(required, type)

const isServerFrame = (value: unknown): value is ServerFrame => isRecord(value) && isType(value.type)
  && Object.entries(required[value.type]).every(([name, kind]) => typeof value[name] === kind && value[name] !== null)
  && (value.type !== 'error' || isErrorBody(value))

/** A frame from the server; null for what is none that this client knows. */
export function parseServerFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    return isServerFrame(value) ? value : null
  } catch {
    return null // not JSON: not a frame of this protocol
  }
}

type Ok = ServerFrameOf<'ok'>
const number = (ok: Ok, name: string): number | null => {
  const value: unknown = Reflect.get(ok, name)
  return typeof value === 'number' ? value : null
}
const isPerson = (value: unknown): value is Person => isRecord(value) && typeof value.id === 'string' && typeof value.name === 'string' && typeof value.kind === 'string'
const isPosition = (value: unknown): value is Position => isRecord(value) && typeof value.epoch === 'string' && typeof value.seq === 'number'
const duplicate = (ok: Ok) => Reflect.get(ok, 'duplicate') === true ? { duplicate: true as const } : {}

const change = (ok: Ok) => {
  const seq = number(ok, 'seq')
  return seq === null ? null : { seq, ...duplicate(ok) }
}

const readers: { [K in keyof Answers]: (ok: Ok) => Answers[K] | null } = {
  subscribe(ok) {
    const head: unknown = Reflect.get(ok, 'head')
    const users: unknown = Reflect.get(ok, 'users')
    return isPosition(head) ? { head, online: number(ok, 'online') ?? 0, users: Array.isArray(users) ? users.filter(isPerson) : [] } : null
  },
  unsubscribe: () => ({}),
  send(ok) {
    const message: unknown = Reflect.get(ok, 'message')
    const [seq, at] = [number(ok, 'seq'), number(ok, 'at')]
    return typeof message === 'string' && seq !== null && at !== null ? { message, seq, at, ...duplicate(ok) } : null
  },
  edit: change,
  delete: change,
  react: change
}

/** What an `ok` carries for a request of this type; null when it lacks what it must have. */
export const readAnswer = <K extends keyof Answers>(type: K, ok: Ok): Answers[K] | null => readers[type](ok)
