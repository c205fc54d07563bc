import { createReadStream, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { ChatError } from '#shared/errors'

/** A message with all of its reactions is far below. */
const LONGEST = 64 * 1024 * 1024
const LINE_BREAK = 0x0A

/**
 * The lines of a file, each with its line break (the last perhaps without). Only `\n` ends a line: Node's own reader knows more breaks, and texts may have those.
 * Throws ChatError('invalid') that names a line which is too long or no UTF-8.
 */
export async function* readLines(file: string, progress: (done: number, total: number) => void = () => {}): AsyncGenerator<string, void> {
  const total = statSync(file).size
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const refusal = (why: string) => new ChatError('invalid', `Line ${n}: ${why}.`)
  let n = 1
  let bytes = 0
  let parts: Buffer[] = []
  let size = 0
  function take(): string {
    try {
      return utf8.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))
    } catch {
      throw refusal(n === 1 ? 'this is not an export of Chatly' : 'this is no text; the file is damaged')
    } finally {
      parts = []
      size = 0
    }
  }
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let to = chunk.indexOf(LINE_BREAK); to !== -1; to = chunk.indexOf(LINE_BREAK, from)) {
      parts.push(chunk.subarray(from, to + 1))
      from = to + 1
      yield take()
      n++
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from))
      size += chunk.length - from
      if (size > LONGEST) throw refusal(n === 1 ? 'this is not an export of Chatly' : 'it is too long; the file is damaged')
    }
    bytes += chunk.length
    progress(Math.min(bytes, total - 1), total)
  }
  if (parts.length > 0) yield take()
  progress(total, total)
}

/**
 * Writes lines into a new file, for its owner only, and onto the disk. Waits where the disk is slower than what comes. Where it throws the file is there, or
 * never will be: a stream by name would make it later than its failure is known.
 */
export async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  await pipeline(lines, handle.createWriteStream({ flush: true, highWaterMark: 256 * 1024 }))
}
