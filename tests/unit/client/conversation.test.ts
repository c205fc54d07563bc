import { describe, expect, it } from 'vitest'
import type { RoomNotice } from '../../../utils/notices'
import { conversationItems, type ConversationRow } from '../../../utils/conversation'

const noon = Date.UTC(2026, 10, 3, 12)
const minute = 60_000
const row = (seq: number, author: string, at: number, replyTo: string | null = null): ConversationRow => ({ key: `${author}:${seq}`, seq, author, at, replyTo })
/** 'D' a day, 'N' the New line, 'L' a row that leads, 'r' one that follows. */
const shape = (rows: ConversationRow[], firstUnread: number | null = null, zone = 'UTC') =>
  conversationItems(rows, firstUnread, zone).map(item => item.type === 'row' ? (item.lead ? 'L' : 'r') : item.type === 'day' ? 'D' : 'N').join('')

describe('conversation items', () => {
  it('groups one author within five minutes of the message before', () => {
    expect(shape([row(1, 'a', noon), row(2, 'a', noon + 5 * minute), row(3, 'a', noon + 10 * minute + 1)])).toBe('DLrL')
  })

  it('starts a group at another author and at a reply', () => {
    expect(shape([row(1, 'a', noon), row(2, 'b', noon), row(3, 'b', noon, 'm1'), row(4, 'b', noon)])).toBe('DLLLr')
  })

  it('separates days in the reader\'s zone', () => {
    const late = Date.UTC(2026, 10, 3, 23, 59)
    const rows = [row(1, 'a', late), row(2, 'a', late + 2 * minute)]
    expect(shape(rows)).toBe('DLDL')
    expect(shape(rows, null, 'America/New_York')).toBe('DLr')
  })

  it('draws the New line once, at the first unread row that is there', () => {
    expect(shape([row(1, 'a', noon), row(2, 'a', noon), row(5, 'a', noon), row(Infinity, 'a', noon)], 3)).toBe('DLrNLr')
    expect(shape([row(1, 'a', noon)], 9)).toBe('DL')
  })

  it('puts what happened to people between the messages, before those that wait to be sent', () => {
    const notice = (seq: number): RoomNotice => ({ seq, at: noon, kind: 'removed', user: 'b', by: 'a' })
    const items = conversationItems([row(1, 'a', noon), row(4, 'a', noon), row(5, 'a', noon), row(Infinity, 'a', noon)], null, 'UTC', [notice(2), notice(3), notice(9)])
    expect(items.map(item => item.type === 'row' ? (item.lead ? 'L' : 'r') : item.type === 'notice' ? String(item.notice.seq) : 'D').join('')).toBe('DL23Lr9L')
    expect(conversationItems([row(1, 'a', noon)], null, 'UTC', [notice(2)]).at(-1)?.type).toBe('notice')
  })

  it('takes a clock that is behind', () => {
    expect(shape([row(1, 'a', noon), row(2, 'a', noon - 4 * minute), row(3, 'a', noon - 20 * minute)])).toBe('DLrL')
  })
})
