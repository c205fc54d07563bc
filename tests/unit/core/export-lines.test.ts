import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { encodeExport } from '../../../server/core/export-lines'
import { checkExport } from '../../../server/core/transfer'
import type { Entry, EntryOf } from '../../../shared/export'

const user = (id: string): EntryOf<'user'> => ({
  type: 'user', id, name: id, kind: 'member', admin: false, disabledAt: null, createdAt: 1,
  credentials: [{ kind: 'password', subject: `${id}@example.org`, verifiedAt: null, secretHash: 'hash' }]
})
const event = (room: string, seq: number, text = 'hello'): EntryOf<'event'> => ({
  type: 'event', frame: { type: 'event', room, seq, kind: 'message', at: 1, author: 'ada', nonce: `nonce-${seq}`, message: `${room}${seq}`, data: { text, replyTo: null } },
  message: { rev: seq, replyTo: null, editedAt: null, deletedAt: null, reactions: [['👍', 'ada']] }
})
const person = (room: string, id: string): EntryOf<'person'> => ({
  type: 'person', room, user: id, member: { role: 'owner', cameBy: 'self', passwordVersion: 0, joinedSeq: 0, readSeq: 0 }, ban: null, mutedUntil: null, lastPostAt: null, removedAt: null
})
const audit = (room: string | null, n: number): EntryOf<'audit'> => ({ type: 'audit', room, n, at: 1, action: 'room-created', by: 'ada', target: null, detail: '' })
const room = (id: string, seq: number, audits: number): EntryOf<'room'> => ({
  type: 'room', id, slug: id, name: id, topic: '', visibility: 'public', listed: true, passwordHash: null, passwordVersion: 0, closedAt: null, slowModeSeconds: 0, guests: true,
  archivedAt: null, ownerId: 'ada', seq, lastMessageSeq: null, lastMessageAt: null, createdAt: 1, audits
})
const site = (audits = 0): EntryOf<'site'> => ({ type: 'site', settings: { signup: 'open' }, audits, reports: 0 })
const whole = (): Entry[] => [user('ada'), user('bob'), event('lobby', 1), event('lobby', 2), person('lobby', 'ada'), audit('lobby', 1), room('lobby', 2, 1), audit(null, 1), site(1)]

async function* each<T>(items: readonly T[]): AsyncGenerator<T, void> { yield* items }
async function encode(entries: readonly Entry[], passwordHashes = true): Promise<string[]> {
  const lines: string[] = []
  for await (const line of encodeExport(each(entries), { passwordHashes })) lines.push(line)
  return lines
}
const check = (lines: readonly string[]) => checkExport(each(lines))
/** As somebody who edits a file with care would leave it: counts and sum are right. */
function resealed(lines: readonly string[]): string[] {
  const before = lines.slice(0, -1)
  const counts: Record<string, number> = { user: 0, event: 0, person: 0, invite: 0, audit: 0, room: 0, report: 0, site: 0 }
  for (const line of before.slice(1)) { const { type } = JSON.parse(line); counts[type] = (counts[type] ?? 0) + 1 }
  return [...before, `${JSON.stringify({ type: 'end', counts, sha256: createHash('sha256').update(before.join('')).digest('hex') })}\n`]
}
const changed = (lines: readonly string[], line: number, change: (text: string) => string) => lines.map((text, index) => index === line - 1 ? change(text) : text)

describe('the lines of an export', () => {
  it('are read as they were written, and say how much there is', async () => {
    const lines = await encode(whole())
    expect(lines.every(line => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
    expect(await check(lines)).toMatchObject({ passwordHashes: true, entries: 9, counts: { user: 2, event: 2, person: 1, audit: 2, room: 1, site: 1 } })
    expect(await check(resealed(lines))).toEqual(await check(lines))
  })

  it('leave hashes out unless they are asked for', async () => {
    const lines = await encode(whole(), false)
    expect(lines.join('')).not.toMatch(/secretHash|passwordHash"/)
    expect(await check(lines)).toMatchObject({ passwordHashes: false })
  })

  it('are not written where they could not be read again', async () => {
    const spoiled: [string, Entry[]][] = [
      ['a hole', [user('ada'), event('lobby', 2)]],
      ['another order', [user('bob'), user('ada')]],
      ['an id that is none', [user('a b')]],
      ['a message without a text', [{ ...event('lobby', 1), frame: { ...event('lobby', 1).frame, data: {} } }]]
    ]
    for (const [what, entries] of spoiled) await expect(encode(entries), what).rejects.toThrow('can\'t be exported')
    await expect(encode([{ ...user('a b') }])).rejects.not.toThrow('"hash"')
  })
})

describe('an export is refused, with the line,', () => {
  const refused = (lines: readonly string[], message: RegExp) => expect(check(lines)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) })

  it('where it is none', async () => {
    for (const lines of [[], ['hello\n'], ['SQLite format 3\0'], ['{}\n'], ['{"type":"user"}\n'], ['[1]\n'], ['null\n']]) await refused(lines, /^Line 1: this is not an export of Chatly\.$/)
  })

  it('where another version wrote it', async () => {
    await refused(changed(await encode(whole()), 1, line => line.replace('"version":1', '"version":2')), /^Line 1: .*another Chatly \(format 2, this one knows 1\)/)
  })

  it('where it is torn off, anywhere', async () => {
    const lines = await encode(whole())
    for (let length = 1; length < lines.length; length++) await refused(lines.slice(0, length), new RegExp(`^Line ${length + 1}: the file is torn off here`))
    for (let length = 2; length <= lines.length; length++) await refused(changed(lines.slice(0, length), length, line => line.slice(0, -1)), new RegExp(`^Line ${length}: the file is torn off here`))
  })

  it('where a byte was changed, anywhere', async () => {
    const lines = await encode(whole())
    for (let line = 1; line <= lines.length; line++) {
      await refused(changed(lines, line, text => text.replace(',', ', ')), new RegExp(`^Line ${line}: this is not as Chatly writes it`))
      await refused(changed(lines, line, text => text.replace('{', '')), new RegExp(`^Line ${line}: this is `))
    }
    await refused(changed(lines, 4, text => text.replace('hello', 'hullo')), /^Line 11: .*was changed \(SHA-256\)/)
  })

  it('where a line is missing, there twice, or elsewhere', async () => {
    const lines = await encode(whole())
    await refused(lines.filter((_, index) => index !== 2), /^Line 10: the file does not have as many entries/)
    const resorted = [...lines]
    resorted.splice(2, 1)
    resorted.splice(1, 0, lines[2] ?? '')
    await refused(resealed(resorted), /^Line 3: it is not in its place/)
    for (let index = 1; index < lines.length - 1; index++) await refused(resealed([...lines.slice(0, index), ...lines.slice(index - 0, index + 1), ...lines.slice(index)]), new RegExp(`^Line ${index + 2}: `))
    await refused([...lines, lines.at(-1) ?? ''], /^Line 12: there is something after the end/)
  })

  it('where it was edited with care', async () => {
    const lines = await encode(whole())
    const without = (index: number) => resealed(lines.filter((_, at) => at !== index))
    await refused(without(3), /^Line 4: event 2 comes after 0/)
    await refused(without(4), /^Line 7: the room does not have all/)
    await refused(without(6), /^Line 7: the room does not have all/)
    await refused(without(7), /^Line 8: the room lobby has no end/)
    await refused(without(8), /^Line 9: the site does not have all/)
    await refused(without(9), /^Line 10: the site is missing/)
    const edits: [number, string, string, RegExp][] = [
      [2, '"member"', '"king"', /^Line 2: kind: /],
      [2, '"admin":false', '"admin":false,"more":1', /^Line 2: .*more/],
      [2, ',"secretHash":"hash"', '', /^Line 2: it has the hash of a password where/],
      [4, '"type":"event","frame":', '"frame":', /^Line 4: /],
      [4, '"text":"hello"', '"text":5', /^Line 4: .*a message has a text/],
      [4, '"at":1', '"at":"now"', /^Line 4: .*at: /],
      [4, '"seq":1,', '"seq":1e0,', /^Line 4: this is not as Chatly writes it/],
      [4, '{"type":"event","frame"', '{"type":"odd","frame"', /^Line 4: type: /],
      [6, '"readSeq":0', '"readSeq":-1', /^Line 6: member\.readSeq: /]
    ]
    for (const [line, from, to, message] of edits) {
      expect(lines[line - 1], from).toContain(from)
      await refused(resealed(changed(lines, line, text => text.replace(from, to))), message)
    }
  })
})
