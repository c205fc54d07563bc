import { z } from 'zod'
import type { EventKind } from '#shared/types'
import type { Control, StoredEvent } from '../../core/ports'

/** What one instance tells the others. */
export type Envelope =
  /** Events of one room, in order. */
  | { what: 'events', room: string, events: readonly StoredEvent[] }
  /** Storage has events up to `seq`. */
  | { what: 'head', room: string, seq: number }
  | { what: 'typing', room: string, user: string }
  | { what: 'control', control: Control }

/** Who sent it: each bus has its own, so that it knows its echo by the first bytes. */
export const ORIGIN_BYTES = 8
const ORIGIN_AT = 2
const VERSION = 1
const WHATS = ['events', 'head', 'typing', 'control'] as const
/** Never reordered: the place is the number on the wire. */
const KINDS: readonly EventKind[] = ['message', 'edit', 'delete', 'react', 'join', 'leave', 'member', 'room']
const NONE = 0xffff_ffff

const id = z.string()
/** By kind, so that none is forgotten. */
const control: { [Kind in Control['kind']]: z.ZodType<Omit<Extract<Control, { kind: Kind }>, 'kind'>> } = {
  'session-ended': z.object({ session: id }),
  'person-changed': z.object({ user: id }),
  'room-deleted': z.object({ room: id }),
  'room-changed': z.object({ room: id, silent: z.boolean().optional() }),
  'joined': z.object({ room: id, user: id }),
  'read': z.object({ room: id, user: id, readSeq: z.int().nonnegative() }),
  'settings-changed': z.object({})
}
const named = z.object({ kind: z.enum(Object.keys(control) as Control['kind'][]) })

function parseControl(json: string): Control {
  const value: unknown = JSON.parse(json)
  const { kind } = named.parse(value)
  return { kind, ...control[kind].parse(value) } as Control
}

/**
 * The bytes of an envelope: version, what, origin; then, for a room, its id and the numbers. The text of an event goes as storage made it: neither side
 * parses its JSON.
 */
export function encode(origin: Uint8Array, envelope: Envelope): Buffer {
  const parts: Uint8Array[] = [Buffer.from([VERSION, WHATS.indexOf(envelope.what)]), origin]
  const number = (value: number) => {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(value)
    parts.push(bytes)
  }
  const text = (value: string | null) => {
    const bytes = Buffer.from(value ?? '')
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(value === null ? NONE : bytes.length)
    parts.push(length, bytes)
  }
  switch (envelope.what) {
    case 'events':
      text(envelope.room)
      for (const { seq, kind, author, message, json } of envelope.events) {
        number(seq)
        parts.push(Buffer.from([KINDS.indexOf(kind)]))
        for (const value of [author, message, json]) text(value)
      }
      break
    case 'head':
      text(envelope.room)
      number(envelope.seq)
      break
    case 'typing':
      text(envelope.room)
      text(envelope.user)
      break
    case 'control':
      text(JSON.stringify(envelope.control))
  }
  return Buffer.concat(parts)
}

/** Whether this bus sent it. */
export const isOwn = (origin: Uint8Array, bytes: Buffer): boolean => bytes.subarray(ORIGIN_AT, ORIGIN_AT + ORIGIN_BYTES).equals(origin)

/** The envelope in these bytes; null when they are none that this version knows. */
export function decode(bytes: Buffer): Envelope | null {
  try {
    return new Reader(bytes).envelope()
  } catch {
    // Too short, or no number, kind or control that there is.
    return null
  }
}

class Reader {
  #at = ORIGIN_AT + ORIGIN_BYTES

  constructor(private readonly bytes: Buffer) {}

  envelope(): Envelope | null {
    const what = this.bytes.readUInt8(0) === VERSION && WHATS[this.bytes.readUInt8(1)]
    if (!what) return null
    const envelope = this.#body(what)
    return this.#at === this.bytes.length ? envelope : null
  }

  #body(what: Envelope['what']): Envelope {
    if (what === 'control') return { what, control: parseControl(this.#text()) }
    const room = this.#text()
    if (what === 'head') return { what, room, seq: this.#seq() }
    if (what === 'typing') return { what, room, user: this.#text() }
    const events: StoredEvent[] = []
    while (this.#at < this.bytes.length) {
      events.push({ room, seq: this.#seq(), kind: this.#kind(), author: this.#text(), message: this.#textOrNull(), json: this.#text() })
    }
    return { what, room, events }
  }

  #seq(): number {
    const value = this.bytes.readDoubleBE(this.#at)
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('no seq')
    this.#at += 8
    return value
  }

  #kind(): EventKind {
    const kind = KINDS[this.bytes.readUInt8(this.#at++)]
    if (!kind) throw new RangeError('no kind')
    return kind
  }

  #textOrNull(): string | null {
    const length = this.bytes.readUInt32BE(this.#at)
    this.#at += 4
    if (length === NONE) return null
    if (this.#at + length > this.bytes.length) throw new RangeError('no text')
    return this.bytes.toString('utf8', this.#at, this.#at += length)
  }

  #text(): string {
    const value = this.#textOrNull()
    if (value === null) throw new RangeError('no text')
    return value
  }
}
