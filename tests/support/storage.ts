import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Append, Audit, Effect, NewAccount, NewInvite, NewReport, NewRoom, Precondition } from '../../server/core/ports'
import type { CameBy, Paged, Role } from '../../shared/types'

/** A folder of its own for one test; `remove` takes it away. */
export async function temporaryFolder(): Promise<{ folder: string, remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'chatly-test-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

let count = 0
/** An id that no other test has. */
export const freshId = (prefix = 'x') => `${prefix}${(++count).toString(36)}${Math.random().toString(36).slice(2, 12)}`
/** A nonce as a client makes them. */
export const freshNonce = () => freshId('n').padEnd(20, '0')

export const account = (overrides: Partial<NewAccount> = {}): NewAccount => {
  const id = freshId('u')
  return { id, name: `Person ${id}`, kind: 'member', admin: false, at: 1_000, credential: { kind: 'password', subject: `${id}@example.org`, secretHash: 'hash', verifiedAt: null }, ...overrides }
}

/** A public room, unless said otherwise. */
export const room = (owner: string, overrides: Partial<NewRoom> = {}): NewRoom => {
  const id = freshId('r')
  return { id, slug: id, name: `Room ${id}`, topic: '', owner, at: 1_000, visibility: 'public', listed: true, passwordHash: null, ...overrides }
}

/** An invite for members that never ends, unless said otherwise. */
export const invite = (to: string, by: string, overrides: Partial<NewInvite> = {}): NewInvite =>
  ({ id: freshId('i'), codeHash: freshId('code'), room: to, role: 'member', by, at: 1_000, expiresAt: null, uses: null, ...overrides })

export const report = (from: string, message: string, by: string, overrides: Partial<NewReport> = {}): NewReport =>
  ({ id: freshId('p'), room: from, message, by, at: 3_000, reason: 'Rude', ...overrides })

/** One change by somebody to a room, with a nonce of its own unless given. */
export const change = (room: string, author: string, effects: Effect[], rest: { nonce?: string | null, at?: number, requires?: Precondition[], audit?: Audit } = {}): Append =>
  ({ room, author, nonce: freshNonce(), at: 2_000, requires: [], effects, ...rest })

/** Comes in. `invite`: its code's hash. */
export const joins = (user: string, role: Role = 'member', cameBy: CameBy = 'self', invite?: string): Effect =>
  ({ do: 'join', user, role, cameBy, ...invite !== undefined && { invite } })

/** Every item of a paged list, by pages of this size. */
export async function allPages<T>(read: (page: { cursor?: string, limit: number }) => Promise<Paged<T>>, limit: number): Promise<T[]> {
  const all: T[] = []
  for (let cursor: string | undefined; ;) {
    const { items, next } = await read({ limit, ...cursor !== undefined && { cursor } })
    if (items.length > limit) throw new Error(`a page of ${limit} has ${items.length}`)
    all.push(...items)
    if (next === null) return all
    cursor = next
  }
}

export const post = (text: string, overrides: { message?: string, replyTo?: string | null } = {}): Effect =>
  ({ do: 'post', message: freshId('m'), text, replyTo: null, ...overrides })
