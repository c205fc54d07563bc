import { z } from 'zod'
import { id } from './schemas'
import type { AuditAction } from './types'

/**
 * The lines of an export (NDJSON, UTF-8): a head, entries, an end. Everything that moves from one storage to another, and nothing of how it lies there. The order
 * of keys here is the order in a line, and the order of entries is one as well (see server/core/transfer.ts): the same site gives the same bytes.
 */
export const EXPORT_VERSION = 1

const time = z.number().int()
const seq = z.number().int().min(0)
const number = z.number().int().min(1)
const role = z.enum(['owner', 'moderator', 'member', 'guest'])

/** `passwordHashes`: whether there are hashes of people's and rooms' passwords in it. */
export const headLine = z.strictObject({ type: z.literal('chatly-export'), version: z.number().int(), passwordHashes: z.boolean() })

/** `secretHash` and `passwordHash` (of a room) are only there where they were asked for. */
const credential = z.strictObject({ kind: z.enum(['firebase', 'google', 'password']), subject: z.string(), verifiedAt: time.nullable(), secretHash: z.string().optional() })
const user = z.strictObject({
  type: z.literal('user'), id, name: z.string(), kind: z.enum(['member', 'guest', 'bot']), admin: z.boolean(), disabledAt: time.nullable(), createdAt: time,
  credentials: z.array(credential)
})

/** An event as it was sent and is stored. What its data mean is for those who read events; here, they are plain values. */
const frame = z.strictObject({
  type: z.literal('event'), room: id, seq: number, kind: z.enum(['message', 'edit', 'delete', 'react', 'join', 'leave', 'member', 'room']), at: time, author: id,
  nonce: z.string().nullable(), message: id.optional(), data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
})
  .refine(({ kind, message }) => (message !== undefined) === ['message', 'edit', 'delete', 'react'].includes(kind), 'an event of this kind is about a message, or is not')
  .refine(({ kind, data }) => (kind !== 'message' && kind !== 'edit') || data.deleted === true || typeof data.text === 'string', 'a message has a text, unless it is deleted')

/** What became of the message that an event made. `text`: where it was edited. Reactions are in the order in which they came. */
const state = z.strictObject({
  rev: number, replyTo: id.nullable(), text: z.string().optional(), editedAt: time.nullable(), deletedAt: time.nullable(), reactions: z.array(z.tuple([z.string(), id]))
})
const event = z.strictObject({ type: z.literal('event'), frame, message: state.optional() })
  .refine(({ frame, message }) => (message !== undefined) === (frame.kind === 'message'), 'the event of a message carries what became of it')

/** Somebody in a room, as a member or not. */
const person = z.strictObject({
  type: z.literal('person'), room: id, user: id,
  member: z.strictObject({ role, cameBy: z.enum(['self', 'password', 'invite', 'admin']), passwordVersion: seq, joinedSeq: seq, readSeq: seq }).nullable(),
  ban: z.strictObject({ at: time, by: z.string() }).nullable(), mutedUntil: time.nullable(), lastPostAt: time.nullable(), removedAt: time.nullable()
})
const invite = z.strictObject({
  type: z.literal('invite'), room: id, codeHash: id, id, role: z.enum(['guest', 'member']), by: id, createdAt: time, expiresAt: time.nullable(), usesLeft: seq.nullable(), uses: seq,
  revokedAt: time.nullable()
})
/** `n`: its place among those of its room, or (`room` is null) of the site. */
const audit = z.strictObject({
  type: z.literal('audit'), room: id.nullable(), n: number, at: time, action: z.custom<AuditAction>(action => typeof action === 'string', 'not a text'), by: z.string(),
  target: z.string().nullable(), detail: z.string()
})
/** After all that is in it. `audits`: how many there are. */
const room = z.strictObject({
  type: z.literal('room'), id, slug: z.string().min(1), name: z.string(), topic: z.string(), visibility: z.enum(['public', 'private']), listed: z.boolean(),
  passwordHash: z.string().nullable().optional(), passwordVersion: seq, closedAt: time.nullable(), slowModeSeconds: seq, guests: z.boolean(), archivedAt: time.nullable(), ownerId: id,
  seq, lastMessageSeq: number.nullable(), lastMessageAt: time.nullable(), createdAt: time, audits: seq
})
/** `n`: the order in which they came. `seq`: the message's. */
const report = z.strictObject({
  type: z.literal('report'), n: number, id, room: id, message: id, seq: number, by: id, at: time, reason: z.string(), closedAt: time.nullable(), closedBy: z.string().nullable(),
  outcome: z.enum(['dismissed', 'deleted']).nullable()
})
/** What is set, and how many entries of the site's history and reports there are. */
const site = z.strictObject({
  type: z.literal('site'), settings: z.strictObject({ guests: z.boolean(), public: z.boolean(), signup: z.enum(['open', 'invite', 'closed']) }).partial(), audits: seq, reports: seq
})

export const exportEntry = z.discriminatedUnion('type', [user, event, person, invite, audit, room, report, site])
export type Entry = z.output<typeof exportEntry>
export type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

export const entryTypes = ['user', 'event', 'person', 'invite', 'audit', 'room', 'report', 'site'] as const satisfies Entry['type'][]

/** `sha256` (hex): of all bytes before this line. */
export const endLine = z.strictObject({
  type: z.literal('end'), counts: z.strictObject({ user: seq, event: seq, person: seq, invite: seq, audit: seq, room: seq, report: seq, site: seq }),
  sha256: z.string().regex(/^[\da-f]{64}$/)
})
export type Counts = z.output<typeof endLine>['counts']
