import { ChatError } from '#shared/errors'
import { type Entry, entryTypes } from '#shared/export'
import { createDecoder, encodeExport, type ExportOptions, type Summary } from './export-lines'

/**
 * Moving everything from one storage to another: a port beside Storage, for the command line. Sessions do not move, nor what processes say to each other, nor what
 * is deleted and waits to be removed.
 */
export interface Transfer {
  /** All that is there, as it was at one moment, in the order of an export. Rejects with `conflict` where there is nothing. */
  read: () => AsyncIterable<Entry>
  /**
   * Begins to take in the export that has this SHA-256, or goes on; gives how many of its entries are in already. Until `finish` no server opens the storage.
   * Rejects with `conflict` where the storage holds anything else, or a server has it open.
   */
  begin: (sha256: string) => Promise<number>
  /** How many entries are to be written at once. */
  slice: number
  /** Commits the next entries, of which the first comes after `done` others. All of them or none, also when it is repeated. */
  write: (entries: readonly Entry[], done: number) => Promise<void>
  /** All is in, and right: from here on servers may use it, under a new epoch. */
  finish: () => Promise<void>
  close: () => Promise<void>
}

/** How many of how many. */
export type Progress = (done: number, total: number) => void

const SLICE_BYTES = 1024 * 1024

/** Reads the lines of an export (each with its line break) to their end and believes nothing. Throws ChatError('invalid') that names the line. */
export async function checkExport(lines: AsyncIterable<string>): Promise<Summary> {
  const decoder = createDecoder()
  for await (const line of lines) decoder.take(line)
  return decoder.end()
}

/**
 * Takes an export into a storage: what an earlier, aborted run has written is not written again. `lines` gives the file from its start, and is asked twice: nothing
 * is written of a file that is not whole. In the end the storage is read, and must give the same export. Throws ChatError('invalid') that names the line.
 */
export async function importInto(target: Transfer, lines: () => AsyncIterable<string>, progress: { write: Progress, compare: Progress }): Promise<Summary> {
  const summary = await checkExport(lines())
  const already = await target.begin(summary.sha256)
  const decoder = createDecoder()
  let done = already
  let read = 0
  let slice: Entry[] = []
  let bytes = 0
  async function write(): Promise<void> {
    if (slice.length > 0) await target.write(slice, done).catch((error: unknown) => { throw explained(error, done, slice.length) })
    done += slice.length
    slice = []
    bytes = 0
    progress.write(done, summary.entries)
  }
  for await (const line of lines()) {
    const entry = decoder.take(line)
    if (!entry || ++read <= already) continue
    slice.push(entry)
    bytes += line.length
    if (slice.length >= target.slice || bytes >= SLICE_BYTES) await write()
  }
  if (decoder.end().sha256 !== summary.sha256) throw new ChatError('conflict', 'The file was changed while it was read. Run the import again.')
  await write()
  await compare(target, summary, progress.compare)
  await target.finish()
  return summary
}

/** The head is the first line. */
const explained = (error: unknown, done: number, length: number): unknown => error instanceof ChatError
  ? error
  : new Error(`Lines ${done + 2} to ${done + 1 + length} can't be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error })

async function compare(target: Transfer, expected: Summary, progress: Progress): Promise<void> {
  const decoder = createDecoder()
  let read = 0
  for await (const line of encodeExport(target.read(), expected)) {
    if (decoder.take(line) && ++read % target.slice === 0) progress(read, expected.entries)
  }
  const found = decoder.end()
  if (found.sha256 !== expected.sha256) {
    const differing = entryTypes.filter(type => found.counts[type] !== expected.counts[type])
    throw new ChatError('conflict', `What was written is not what the file has (${differing.length > 0 ? `another number of ${differing.join(', ')}` : 'SHA-256'}). Empty the storage, and import again.`)
  }
  progress(expected.entries, expected.entries)
}

/** The lines of an export of everything that a storage holds. */
export async function* exportFrom(source: Transfer, options: ExportOptions, progress: (done: number) => void): AsyncGenerator<string, void> {
  let done = 0
  for await (const line of encodeExport(source.read(), options)) {
    yield line
    if (++done % source.slice === 0) progress(done)
  }
}
