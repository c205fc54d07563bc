import type { RoomNotice } from './notices'
import { dayKey } from './time'

/** How rows of a conversation stand together. Pure: the same rows and zone give the same items on the server and in the browser. */

/** What grouping needs to know of a message. */
export interface ConversationRow { key: string, seq: number, author: string, at: number, replyTo: string | null }

export type ConversationItem<T extends ConversationRow> =
  /** A new calendar day begins. */
  | { type: 'day', key: string, at: number }
  /** Below is what the reader has not seen yet. */
  | { type: 'new', key: string }
  /** What happened between two messages. */
  | { type: 'notice', key: string, notice: RoomNotice }
  /** `lead`: shows avatar, name and time; the rows after it belong to it. */
  | { type: 'row', key: string, row: T, lead: boolean }

const groupedWithin = 5 * 60_000

/**
 * Puts day separators and the "New" line between rows, and tells which of them lead a group: the first of consecutive messages by one author
 * that are at most 5 minutes apart. A reply leads always, so that its quote has a name below it. `zone` is an IANA name; `notices` are in order.
 */
export function conversationItems<T extends ConversationRow>(rows: readonly T[], firstUnreadSeq: number | null, zone: string, notices: readonly RoomNotice[] = []): ConversationItem<T>[] {
  const items: ConversationItem<T>[] = []
  let previous: T | undefined
  let day = ''
  let lined = firstUnreadSeq === null
  let told = 0
  const tell = (before: number) => {
    const from = told
    for (let notice = notices[told]; notice && notice.seq < before; notice = notices[++told]) items.push({ type: 'notice', key: `notice ${notice.seq}`, notice })
    return told > from
  }
  for (const row of rows) {
    const today = dayKey(row.at, zone)
    let apart = !previous || previous.author !== row.author || row.replyTo !== null || Math.abs(row.at - previous.at) > groupedWithin
    if (today !== day) {
      items.push({ type: 'day', key: `day ${today} ${row.key}`, at: row.at })
      day = today
      apart = true
    }
    if (tell(row.seq)) apart = true
    if (!lined && firstUnreadSeq !== null && row.seq >= firstUnreadSeq) {
      items.push({ type: 'new', key: 'new' })
      lined = apart = true
    }
    items.push({ type: 'row', key: row.key, row, lead: apart })
    previous = row
  }
  tell(Infinity)
  return items
}
