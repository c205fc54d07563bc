import { createHash } from 'node:crypto'
import { ChatError } from '#shared/errors'
import { type Counts, type Entry, EXPORT_VERSION, endLine, entryTypes, exportEntry, headLine } from '#shared/export'
import { createOrderCheck } from './export-order'

export interface ExportOptions {
  /** With the hashes of people's and rooms' passwords. */
  passwordHashes: boolean
}

/** What is known of an export that was read to its end. `entries`: their number. */
export interface Summary extends ExportOptions { entries: number, counts: Counts, sha256: string }

export interface Decoder {
  /** The entry in the next line, which is given with its line break; null: head and end. Throws ChatError('invalid') that names the line. */
  take: (line: string) => Entry | null
  /** After the last line. Throws where the end is missing. */
  end: () => Summary
}

const noCounts = (): Counts => ({ user: 0, event: 0, person: 0, invite: 0, audit: 0, room: 0, report: 0, site: 0 })

function withoutHashes(entry: Entry): Entry {
  if (entry.type === 'user') return { ...entry, credentials: entry.credentials.map(({ secretHash: _, ...rest }) => rest) }
  if (entry.type !== 'room') return entry
  const { passwordHash: _, ...rest } = entry
  return rest
}

/** Whether the entry has hashes (or none) as the head says; of most there is nothing to say. */
function fitsHead(entry: Entry, { passwordHashes }: ExportOptions): boolean {
  if (entry.type === 'user') return entry.credentials.every(({ secretHash }) => (secretHash !== undefined) === passwordHashes)
  return entry.type !== 'room' || (entry.passwordHash !== undefined) === passwordHashes
}

/** The lines of an export. What could not be read again is not written: rejects with the entry's type and what is wrong with it. */
export async function* encodeExport(entries: AsyncIterable<Entry>, { passwordHashes }: ExportOptions): AsyncGenerator<string, void> {
  const digest = createHash('sha256')
  const line = (content: unknown) => {
    const text = `${JSON.stringify(content)}\n`
    digest.update(text)
    return text
  }
  const counts = noCounts()
  const misplaced = createOrderCheck()
  yield line({ type: 'chatly-export', version: EXPORT_VERSION, passwordHashes })
  for await (const entry of entries) {
    const parsed = exportEntry.safeParse(passwordHashes ? entry : withoutHashes(entry))
    const wrong = parsed.success ? misplaced(parsed.data) : reason(parsed.error)
    if (wrong !== null) throw new Error(`This ${entry.type} can't be exported (${wrong}): ${JSON.stringify(withoutHashes(entry)).slice(0, 200)}`)
    counts[entry.type]++
    yield line(parsed.data)
  }
  yield `${JSON.stringify({ type: 'end', counts, sha256: digest.digest('hex') })}\n`
}

const reason = ({ issues: [issue] }: { issues: { path: PropertyKey[], message: string }[] }) =>
  issue ? [issue.path.join('.'), issue.message].filter(part => part !== '').join(': ') : 'unknown'

/** Reads the lines of an export, one after another. */
export function createDecoder(): Decoder {
  const digest = createHash('sha256')
  const counts = noCounts()
  const misplaced = createOrderCheck()
  let n = 0
  let head: ExportOptions | null = null
  let summary: Summary | null = null

  const refusal = (why: string, line = n) => new ChatError('invalid', `Line ${line}: ${why}.`)
  const foreign = () => refusal('this is not an export of Chatly')

  function parse(line: string): unknown {
    if (!line.endsWith('\n')) throw n === 1 ? foreign() : refusal('the file is torn off here')
    try {
      return JSON.parse(line)
    } catch {
      throw n === 1 ? foreign() : refusal('this is no JSON; the file is damaged')
    }
  }

  /** Keys in another order, spaces, other ways to write a number: none of it is ours. */
  function checkForm(data: unknown, line: string): void {
    if (`${JSON.stringify(data)}\n` !== line) throw refusal('this is not as Chatly writes it; it was changed')
  }

  function takeHead(content: unknown): void {
    const parsed = headLine.safeParse(content)
    if (!parsed.success) throw foreign()
    if (parsed.data.version !== EXPORT_VERSION) throw refusal(`the export was written by another Chatly (format ${parsed.data.version}, this one knows ${EXPORT_VERSION})`)
    head = parsed.data
  }

  function takeEnd(content: unknown, { passwordHashes }: ExportOptions): void {
    const parsed = endLine.safeParse(content)
    if (!parsed.success) throw refusal(reason(parsed.error))
    if (entryTypes.some(type => parsed.data.counts[type] !== counts[type])) throw refusal('the file does not have as many entries as it says here')
    const sha256 = digest.digest('hex')
    if (sha256 !== parsed.data.sha256) throw refusal('the file is not as it was written: something before this line was changed (SHA-256)')
    if (counts.site !== 1) throw refusal('the site is missing')
    summary = { passwordHashes, entries: n - 2, counts, sha256 }
  }

  return {
    take(line) {
      n++
      if (summary) throw refusal('there is something after the end')
      const content = parse(line)
      if (!head) {
        takeHead(content)
        checkForm(content, line)
        digest.update(line)
        return null
      }
      if (typeof content === 'object' && content !== null && 'type' in content && content.type === 'end') {
        checkForm(content, line)
        takeEnd(content, head)
        return null
      }
      const parsed = exportEntry.safeParse(content)
      if (!parsed.success) throw refusal(reason(parsed.error))
      if (!fitsHead(parsed.data, head)) throw refusal('it has the hash of a password where the first line says that there are none, or none where there are')
      checkForm(parsed.data, line)
      const wrong = misplaced(parsed.data)
      if (wrong !== null) throw refusal(wrong)
      digest.update(line)
      counts[parsed.data.type]++
      return parsed.data
    },
    end() {
      if (n === 0) throw refusal('this is not an export of Chatly', 1)
      if (!summary) throw refusal('the file is torn off here', n + 1)
      return summary
    }
  }
}
