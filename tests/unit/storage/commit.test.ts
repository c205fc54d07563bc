import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toEdit, toPost, toReact } from '../../../server/core/policy'
import type { Effect } from '../../../server/core/ports'
import { createCommitter, type Committer } from '../../../server/drivers/storage/sqlite/commit'
import { openDatabase, type Db } from '../../../server/drivers/storage/sqlite/database'
import { createEventReads } from '../../../server/drivers/storage/sqlite/events'
import type { Request } from '../../../server/drivers/storage/sqlite/requests'
import { migrate } from '../../../server/drivers/storage/sqlite/schema'
import { account, change, invite, joins, post, report, room, temporaryFolder } from '../../support/storage'

let folder: string
let remove: () => Promise<void>
let db: Db
let committer: Committer
const author = account()
const here = room(author.id)

const says = (text: string, message?: string): Request =>
  ({ name: 'append', input: [change(here.id, author.id, [post(text, message === undefined ? {} : { message })])] })

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder())
  db = openDatabase(join(folder, 'chatly.db'))
  migrate(db)
  committer = createCommitter(db, { origin: null, wait: 5_000 })
  committer.commit([{ name: 'firstAccount', input: { account: author, room: here } }])
})
afterEach(async () => {
  db.close()
  await remove()
})

const seqs = () => db.prepare<[], number>('SELECT seq FROM events ORDER BY pos').pluck().all()

describe('a group commit', () => {
  it('every connection commits durably and overwrites what is deleted', () => {
    const reader = openDatabase(join(folder, 'chatly.db'), { readonly: true })
    for (const connection of [db, reader]) {
      const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'secure_delete'].map(name => connection.pragma(name, { simple: true }))
      expect(settings).toEqual(['wal', 2, 1, 1])
    }
    expect(() => reader.exec('DELETE FROM users')).toThrow('readonly')
    reader.close()
  })

  it('a request that fails by itself leaves nothing, its neighbours are committed without a hole', () => {
    const outcomes = committer.commit([says('one', 'm1'), says('twice', 'm1'), says('two', 'm2'), { name: 'rename', input: { user: author.id, name: 'New' } }, says('three')])
    expect(outcomes.map(outcome => outcome.ok)).toEqual([true, false, true, true, true])
    expect(outcomes[1]).toMatchObject({ outage: false, message: expect.stringContaining('UNIQUE') })
    expect(seqs()).toEqual([1, 2, 3])
    expect(db.prepare('SELECT seq FROM rooms').pluck().get()).toBe(3)
    expect(committer.pos()).toBe(db.prepare('SELECT max(pos) FROM events').pluck().get())
  })

  it('a full disk fails the group as an outage, with nothing half-committed; reads go on, and it recovers by itself', async () => {
    committer.commit([says('before')])
    const pages = Number(db.pragma('page_count', { simple: true }))
    db.pragma(`max_page_count = ${pages}`)
    const big = says('x'.repeat(50_000))
    const outcomes = committer.commit([says('small'), big, says('small too')])
    expect(outcomes).toMatchObject([{ ok: false, outage: true }, { ok: false, outage: true }, { ok: false, outage: true }])
    expect(seqs()).toEqual([1])
    expect(committer.pos()).toBe(1)
    expect((await createEventReads(db).page(here.id, null, { limit: 10 }))?.messages.map(message => message.text)).toEqual(['before'])
    db.pragma('max_page_count = 1000000')
    expect(committer.commit([big])).toMatchObject([{ ok: true, value: [{ ok: true, seq: 2 }] }])
  })

  it('rooms made and deleted in the middle of a group are seen by what follows', () => {
    const other = room(author.id, { slug: here.slug })
    const there = (text: string): Request => ({ name: 'append', input: [change(other.id, author.id, [post(text)])] })
    const outcomes = committer.commit([
      there('too early'), says('x'), { name: 'createRoom', input: other }, there('in time'), { name: 'markRead', input: { room: here.id, user: author.id, seq: 9 } },
      { name: 'deleteRoom', input: { room: other.id, by: author.id, at: 6_000 } }, there('too late'), says('y')
    ])
    expect(outcomes).toMatchObject([
      { value: [{ ok: false, refused: 'room' }] }, { value: [{ seq: 1 }] }, { value: { slug: `${here.slug}-2`, seq: 0 } }, { value: [{ seq: 1 }] }, { value: 1 },
      { value: 'deleted' }, { value: [{ ok: false, refused: 'room' }] }, { value: [{ seq: 2 }] }
    ])
  })

  it('an erased event keeps its size to the byte, so that SQLite overwrites it where it is', () => {
    const asked = (effect: Effect): Request => ({ name: 'append', input: [change(here.id, author.id, [effect])] })
    committer.commit([says('grüße 😀', 'm1'), asked({ do: 'edit', message: 'm1', text: '.' }), asked({ do: 'edit', message: 'm1', text: 'ä'.repeat(900) })])
    const sizes = () => db.prepare('SELECT length(CAST(json AS BLOB)) FROM events WHERE kind IN (\'message\', \'edit\') ORDER BY pos').pluck().all()
    const before = sizes()
    committer.commit([asked({ do: 'erase', message: 'm1' })])
    expect(sizes()).toEqual(before)
    expect(db.prepare('SELECT count(*) FROM events WHERE json LIKE \'%deleted%\'').pluck().get()).toBe(3)
  })

  it('deleted rooms are emptied slice by slice', () => {
    const posts = Array.from({ length: 1_100 }, (_, n) => change(here.id, author.id, [post(`hidden ${n}`, { message: `m${n}` })]))
    const held = [change(here.id, author.id, [{ do: 'mute', user: author.id, until: 1 }, { do: 'remove', user: 'eve', ban: true }])]
    committer.commit([
      { name: 'append', input: [...posts, ...held] }, { name: 'createInvite', input: { invite: invite(here.id, author.id), requires: [] } },
      { name: 'createReport', input: { report: report(here.id, 'm1', author.id), requires: [] } }
    ])
    const tables = ['messages', 'reactions', 'members', 'bans', 'restraints', 'invites', 'audit', 'reports']
    const counts = () => tables.map(table => db.prepare(`SELECT count(*) FROM ${table}${table === 'audit' ? ' WHERE room IS NOT NULL' : ''}`).pluck().get())
    expect(counts()).toEqual([1_100, 0, 1, 1, 1, 1, 2, 1])
    committer.commit([{ name: 'deleteRoom', input: { room: here.id, by: author.id, at: 6_000 } }])
    const left = () => db.prepare('SELECT count(*) FROM messages').pluck().get()
    expect([committer.sweep(), left(), committer.sweep(), left()]).toEqual([true, 600, true, 100])
    while (committer.sweep());
    expect([...counts(), db.prepare('SELECT count(*) FROM doomed').pluck().get()]).toEqual(Array(9).fill(0))
    expect(db.prepare('SELECT count(*) FROM events WHERE json LIKE \'%hidden%\'').pluck().get()).toBe(0)
  })
})

describe('a room that somebody may not see', () => {
  /** The same database, which notes how often each statement is run. */
  const noting = (runs: string[]): Db => new Proxy(db, {
    get(target, key) {
      if (key !== 'prepare') {
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? value.bind(target) as unknown : value
      }
      return (sql: string) => noted(target.prepare(sql), () => runs.push(sql))
    }
  })

  /** `pluck` and `raw` give the statement itself. */
  const noted = <T extends object>(statement: T, run: () => void): T => new Proxy(statement, {
    get(target, key, proxy) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      return (...input: unknown[]) => {
        if (['get', 'all', 'run', 'iterate'].includes(String(key))) run()
        const result: unknown = Reflect.apply(value, target, input)
        return result === target ? proxy : result
      }
    }
  })

  it('costs a change that is refused as many queries as one that is not there', () => {
    const [eve, hidden] = [account(), room(author.id, { visibility: 'private', listed: false })]
    committer.commit([{ name: 'createAccount', input: eve }, { name: 'createRoom', input: hidden }])
    committer.commit([{ name: 'append', input: [change(hidden.id, author.id, [post('secret', { message: 'm' })])] }])
    const runs: string[] = []
    const counted = createCommitter(noting(runs), { origin: null, wait: 5_000 })
    const costOf = (to: string, requires: ReturnType<typeof toPost>, effects: Effect[]) => {
      runs.length = 0
      expect(counted.commit([{ name: 'append', input: [change(to, eve.id, effects, { requires })] }])).toMatchObject([{ ok: true, value: [{ ok: false }] }])
      return [...runs]
    }
    for (const [requires, effects] of [[toPost(eve.id, null), [joins(eve.id), post('hi')]], [toEdit(eve.id, 'm'), [{ do: 'edit', message: 'm', text: 'hi' }]], [toReact(eve.id, 'm'), [post('hi')]]] as const) {
      const cost = costOf(hidden.id, [...requires], [...effects])
      expect(cost.join()).toContain('nonce = ?')
      expect(costOf('nowhere', [...requires], [...effects])).toEqual(cost)
    }
  })
})
