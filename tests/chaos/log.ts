import type { ChangeFrame, ResetReason } from '#shared/protocol'
import type { Message, RoomEvent } from '#shared/types'
import type { Fault } from './faults'

/** Who saw or did it: one device of one person. `line` counts the device's connections. */
interface Of { device: string, person: string }
interface In extends Of { room: string }

/** What is written down. The rules look at nothing else, and at what storage holds in the end. */
export type Happening =
  /** A person wrote it; it waits in the outbox, after those that were queued before it. */
  | In & { what: 'queued', nonce: string, kind: ChangeFrame['type'] }
  /** The server acknowledged it. */
  | In & { what: 'ok', nonce: string, seq: number }
  /** The server refused it for good, or the line broke on it too often: nobody says that it is there, or that it is not. */
  | In & { what: 'refused', nonce: string, code: string }
  | In & { what: 'subscribe', line: number, request: number }
  | In & { what: 'subscribed', line: number, request: number, head: number }
  /** An event frame came by the line, whatever became of it. */
  | In & { what: 'received', line: number, seq: number }
  /** It took effect. */
  | In & { what: 'applied', event: Pick<RoomEvent, 'seq' | 'kind' | 'author' | 'nonce'> & { message: string | null } }
  /** A page was taken: what is known is contiguous up to `seq`, whatever was applied before. */
  | In & { what: 'page', seq: number }
  | In & { what: 'reset', reason: ResetReason | 'refused' }
  /** The person shut the room: what comes until it is opened again is on its way already. */
  | In & { what: 'closed' }
  | Of & { what: 'line', line: number, state: 'open' | 'lost' }
  /** Somebody's session was ended, and the server said so. */
  | { what: 'session-ended', person: string, within: number }
  | { what: 'fault', name: string, part: Fault['part'], over: boolean }
  /** An instance was told to stop (SIGTERM), and after so many ms it ended with this exit code; null: it was killed. */
  | { what: 'stopped', instance: number, code: number | null, took: number }
  /** From now on, each of these devices must reach these heads within so many ms. */
  | { what: 'expect', why: string, within: number, heads: Readonly<Record<string, number>>, devices: readonly In[] }
  /** While nothing was broken, somebody on each instance wrote and read here; from the first who was told to the last it may take so many ms. */
  | { what: 'rung', room: string, within: number, devices: readonly string[] }
  /** What a device shows of a room when all is over. */
  | In & { what: 'shown', seq: number | null, rows: readonly Shown[], waiting: number }

export type Entry = Happening & { at: number }
export type EntryOf<W extends Happening['what']> = Extract<Entry, { what: W }>

/** What a person sees of a message. */
export interface Shown { key: string, id: string, seq: number, text: string, deleted: boolean, reactions: string }

export const show = (message: Message): Shown => ({
  key: `${message.author}:${message.nonce || message.id}`, id: message.id, seq: message.seq, text: message.text, deleted: message.deletedAt !== null,
  reactions: message.reactions.map(({ emoji, count }) => `${emoji}${count}`).sort().join(' ')
})

/** What storage holds of a room in the end: all of its events, and the newest messages as a page shows them. */
export interface Stored { events: readonly RoomEvent[], messages: readonly Shown[] }

/** A log that is only ever added to. `now` in ms. */
export function createLog(now: () => number = () => performance.now()) {
  const entries: Entry[] = []
  return { entries, now, add: (happening: Happening): void => { entries.push({ at: now(), ...happening }) } }
}

export type Log = ReturnType<typeof createLog>
