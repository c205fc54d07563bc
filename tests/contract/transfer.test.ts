import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { initializeApp } from 'firebase-admin/app'
import { CollectionReference, DocumentReference, type Firestore, getFirestore } from 'firebase-admin/firestore'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Storage } from '../../server/core/ports'
import { exportFrom, importInto, type Transfer } from '../../server/core/transfer'
import createLocalAccounts from '../../server/drivers/accounts/local'
import openFirestore from '../../server/drivers/storage/firestore'
import { layoutOf } from '../../server/drivers/storage/firestore/layout'
import openFirestoreTransfer from '../../server/drivers/storage/firestore/transfer'
import openSqlite from '../../server/drivers/storage/sqlite'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import openSqliteTransfer from '../../server/drivers/storage/sqlite/transfer'
import { entryTypes } from '../../shared/export'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { seedSite, texts } from '../support/site'
import { account, change, freshId, freshNonce, post, room, temporaryFolder } from '../support/storage'

vi.setConfig({ testTimeout: 60_000 })

let firestore: TestFirestore
let folder: string
let remove: () => Promise<void>
const opened: { close: () => Promise<void> }[] = []
const projects: string[] = []
beforeAll(async () => { firestore = await startFirestore() }, 60_000)
afterAll(() => firestore.stop())
beforeEach(async () => { ({ folder, remove } = await temporaryFolder()) })
afterEach(async () => {
  await Promise.all(opened.splice(0).map(one => one.close()))
  await remove()
  for (const project of projects.splice(0)) expect(await firestore.unindexed(project)).toEqual([])
})

/** A place for a site: as a server opens it, and as the command line does. */
interface Place { name: string, open: () => Promise<Storage>, move: () => Promise<Transfer> }
const keep = <T extends { close: () => Promise<void> }>(one: T): T => (opened.push(one), one)

function sqlitePlace(): Place & { database: string, folder: string } {
  const inside = join(folder, freshId('data'))
  return { name: 'sqlite', folder: inside, database: join(inside, 'chatly.db'), open: async () => keep(await openSqlite({ folder: inside })), move: async () => keep(openSqliteTransfer({ folder: inside })) }
}
function firestorePlace(): Place & { projectId: string } {
  const projectId = firestore.project()
  projects.push(projectId)
  return { name: 'firestore', projectId, open: async () => keep(await openFirestore({ projectId })), move: async () => keep(await openFirestoreTransfer({ projectId, onTrouble: () => {} })) }
}
const places = { sqlite: sqlitePlace, firestore: firestorePlace }

async function seeded<P extends Place>(place: P): Promise<P> {
  const storage = await place.open()
  await seedSite(storage)
  await storage.close()
  return place
}
async function exported(place: Place, { passwordHashes = true } = {}): Promise<string[]> {
  const transfer = await place.move()
  const lines: string[] = []
  try {
    for await (const line of exportFrom(transfer, { passwordHashes }, () => {})) lines.push(line)
  } finally {
    await transfer.close()
  }
  return lines
}
const nobody = { write: () => {}, compare: () => {} }
const giving = (lines: readonly string[]) => async function* () { yield* lines }
async function taken(place: Place, lines: readonly string[], slice?: number): Promise<void> {
  const transfer = await place.move()
  if (slice !== undefined) transfer.slice = slice
  await importInto(transfer, giving(lines), nobody).finally(() => transfer.close())
}

/** The room that was deleted may not all be removed yet. */
const isLeft = ({ room, message }: Record<string, unknown>) => room !== 'gone' && message !== 'm40'

/** All rows that move, by table; without what is a place in this file alone. */
function rowsOf(database: string): Map<string, Record<string, unknown>[]> {
  const db = openDatabase(database, { readonly: true })
  try {
    const moving: Record<string, string> = {
      users: 'id', credentials: 'kind, subject', rooms: 'id', members: 'room, user', bans: 'room, user', restraints: 'room, user', events: 'room, seq', messages: 'room, seq',
      reactions: 'message, seq', invites: 'codeHash', audit: 'room, id', reports: 'pos', settings: 'key'
    }
    const staying = ['sessions', 'controls', 'doomed', 'meta']
    const tables = db.prepare<[], string>('SELECT name FROM sqlite_schema WHERE type = \'table\' AND name NOT LIKE \'sqlite_%\'').pluck().all()
    // A new table must move, or be said here to stay.
    expect(tables.sort()).toEqual([...Object.keys(moving), ...staying].sort())
    return new Map(Object.entries(moving).map(([table, order]) => [table, db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY ${order}`).all().filter(isLeft).map((row) => {
      const own = ['events', 'reports'].includes(table) ? 'pos' : table === 'messages' ? 'textPos' : table === 'reactions' ? 'seq' : table === 'audit' ? 'id' : ''
      const { [own]: _, ...rest } = row
      return typeof rest.json === 'string' && table === 'events' ? { ...rest, json: rest.json.trimEnd() } : rest
    })]))
  } finally {
    db.close()
  }
}

/** Without what other processes look at, counters that never go back, and what nobody asks for. */
function moves({ touched: _, mark: __, readAt: ___, readOf: ____, changes: _____, ...data }: Record<string, unknown>): Record<string, unknown> {
  if (data.role === null) return { ...data, joinedSeq: 0, readSeq: 0, cameBy: 'self', passwordVersion: 0, folded: '' }
  if ('settings' in data) return { ...data, reports: 0 }
  return Array.isArray(data.reactions) && data.reactions.length === 0 ? { ...data, reactions: undefined } : data
}

const moving = ['rooms', 'events', 'people', 'audit', 'users', 'credentials', 'invites', 'reports', 'slugs', 'meta/site']
const staying = ['sessions', 'controls', 'doomed', 'meta/history', 'meta/lease', 'meta/pulse']

/** Every collection that the driver has a name for, and every document of `meta`. */
function collectionsIn(db: Firestore): string[] {
  const named = Object.values(layoutOf(db)).map((one: unknown) => typeof one === 'function' ? one('a', 1) : one)
  return [...new Set(named.flatMap(one => one instanceof DocumentReference ? [one.path.startsWith('meta/') ? one.path : one.parent.id] : one instanceof CollectionReference ? [one.id] : []))]
}

/** All documents that move; without what is of one database alone. */
async function documentsOf(projectId: string): Promise<Map<string, Record<string, unknown>>> {
  const db = getFirestore(initializeApp({ projectId }, freshId()))
  const found = new Map<string, Record<string, unknown>>()
  // A new collection must move, or be said here to stay.
  expect(collectionsIn(db).sort()).toEqual([...moving, ...staying].sort())
  async function gather(collections: CollectionReference[]): Promise<void> {
    for (const collection of collections) {
      if (staying.includes(collection.id)) continue
      for (const document of await collection.listDocuments()) {
        const data = (await document.get()).data() ?? {}
        if (!staying.includes(document.path) && !document.path.startsWith('rooms/gone') && isLeft(data)) found.set(document.path, moves(data))
        await gather(await document.listCollections())
      }
    }
  }
  await gather(await db.listCollections())
  await db.terminate()
  return found
}

describe('an export', () => {
  it('has every kind of thing, and is the same from every driver for the same site', async () => {
    const [ofSqlite, ofFirestore] = [await exported(await seeded(sqlitePlace())), await exported(await seeded(firestorePlace()))]
    expect(ofFirestore).toEqual(ofSqlite)
    const kinds = new Set(ofSqlite.map(line => JSON.parse(line).type))
    expect([...kinds].sort()).toEqual(['chatly-export', 'end', ...entryTypes].sort())
    const whole = ofSqlite.join('')
    for (const text of [JSON.stringify(texts[2]), 'edited again', 'hash of bob', 'another hash of club', '__room', 'Gil, a guest']) expect(whole).toContain(text)
    for (const gone of ['to be deleted', 'nowhere', '"gone"', 'session', 'eve@example.org']) expect(whole).not.toContain(gone)
  })

  it('has no hash of a password unless asked', async () => {
    for (const place of [sqlitePlace(), firestorePlace()]) {
      const whole = (await exported(await seeded(place), { passwordHashes: false })).join('')
      expect(whole).toContain('bob@example.org')
      expect(whole).not.toMatch(/hash of|"mark"|passwordHash"|secretHash/)
    }
  })

  it.each([true, false])('SQLite to Firestore to SQLite gives the same bytes (hashes: %s)', async (passwordHashes) => {
    const first = await exported(await seeded(sqlitePlace()), { passwordHashes })
    const [middle, last] = [firestorePlace(), sqlitePlace()]
    await taken(middle, first)
    const second = await exported(middle, { passwordHashes })
    expect(second).toEqual(first)
    await taken(last, second)
    expect(await exported(last, { passwordHashes })).toEqual(first)
  })

  it('leaves no table and no column out', async () => {
    const [from, to] = [await seeded(sqlitePlace()), sqlitePlace()]
    await taken(to, await exported(from))
    const rows = rowsOf(from.database)
    expect(rowsOf(to.database)).toEqual(rows)
    // Whatever can be there, is: else this would prove nothing.
    for (const [table, all] of rows) {
      expect(all, table).not.toEqual([])
      for (const column of Object.keys(all[0] ?? {})) {
        expect(all.filter(row => row[column] !== null && row[column] !== 0 && row[column] !== ''), `${table}.${column}`).not.toEqual([])
      }
    }
  })

  it('leaves no collection and no field out', async () => {
    const [from, to] = [await seeded(firestorePlace()), firestorePlace()]
    await taken(to, await exported(from))
    expect(await documentsOf(to.projectId)).toEqual(await documentsOf(from.projectId))
  })

  it.each(['sqlite', 'firestore'] as const)('is of one moment, whoever writes meanwhile: %s', async (name) => {
    const place = places[name]()
    const storage = await place.open()
    const author = account()
    const here = room(author.id)
    await storage.firstAccount(author, here)
    const says = (text: string) => storage.append([change(here.id, author.id, [post(text)], { nonce: freshNonce() })])
    for (let n = 0; n < 5; n++) await says(`before ${n}`)
    const transfer = await place.move()
    const lines: string[] = []
    for await (const line of exportFrom(transfer, { passwordHashes: true }, () => {})) {
      // Between two reads of the exporter, wherever these are.
      await says(`after ${lines.length}`)
      lines.push(line)
    }
    expect(lines.filter(line => line.includes('before')).length).toBe(5)
    expect(lines.join('')).not.toContain('after 1')
    const elsewhere = sqlitePlace()
    await taken(elsewhere, lines)
    expect(await exported(elsewhere)).toEqual(lines)
  })
})

describe.each(['sqlite', 'firestore'] as const)('an import into %s', (name) => {
  it('gives people what they had: pages, heads, what is unread, nonces, and goes on from there', async () => {
    const from = await seeded(sqlitePlace())
    const to = places[name]()
    await taken(to, await exported(from))
    const [before, after] = [await from.open(), await to.open()]
    expect(after.epoch).not.toBe(before.epoch)
    for (const where of ['lobby', 'club', '__room', 'quiet']) {
      for (const who of ['ada', 'bob', 'fay', 'gil', 'hal', '__id', null]) {
        expect(await after.page(where, who, { limit: 100 }), `${where} ${who}`).toEqual(await before.page(where, who, { limit: 100 }))
      }
      expect(await after.eventsAfter(where, 0, 1_000)).toEqual(await before.eventsAfter(where, 0, 1_000))
      expect(await after.unread(where, ['ada', 'bob', 'fay', 'gil'])).toEqual(await before.unread(where, ['ada', 'bob', 'fay', 'gil']))
      expect(await after.members(where, { limit: 100 })).toEqual(await before.members(where, { limit: 100 }))
      expect((await after.bans(where, { limit: 100 })).items).toEqual((await before.bans(where, { limit: 100 })).items)
      expect(await after.invites(where)).toEqual(await before.invites(where))
    }
    for (const who of ['ada', 'bob', 'gil', null]) {
      const query = { search: '', sort: 'activity' as const, archived: true, limit: 100 }
      expect((await after.rooms(who, query)).items, `${who}`).toEqual((await before.rooms(who, query)).items)
    }
    for (const closed of [true, false]) expect((await after.reports({}, { closed, limit: 100 })).items).toEqual((await before.reports({}, { closed, limit: 100 })).items)
    expect(await after.settings()).toEqual(await before.settings())
    expect(await after.credentialOf('password', 'bob')).toEqual(await before.credentialOf('password', 'bob'))
    const again = change('lobby', 'bob', [post(texts[0] ?? '', { message: 'other' })], { nonce: nonceOf((await before.eventsAfter('lobby', 0, 100)).find(event => event.message === 'm0')?.json) })
    expect(await after.append([again])).toMatchObject([{ ok: true, duplicate: true, message: 'm0' }])
    const head = (await before.heads(['lobby'])).get('lobby') ?? 0
    for (const storage of [before, after]) {
      const more = [change('lobby', 'hal', [{ do: 'react', message: 'm1', user: 'hal', emoji: '👍', on: true }], { nonce: 'another1' }), change('lobby', 'bob', [{ do: 'erase', message: 'm0' }], { nonce: 'another2' })]
      expect(await storage.append(more)).toMatchObject([{ ok: true, seq: head + 1 }, { ok: true, seq: head + 2 }])
      expect(await storage.noteAudit({ action: 'sessions-ended', room: null, by: 'ada', at: 8_000, target: 'bob', detail: '' })).toBeUndefined()
      expect(await storage.createReport({ id: 'late', room: 'lobby', message: 'm1', by: 'hal', at: 8_000, reason: '' }, [])).toBeNull()
    }
    expect(await after.page('lobby', 'bob', { limit: 100 })).toEqual(await before.page('lobby', 'bob', { limit: 100 }))
    await Promise.all([before.close(), after.close()])
    expect(await exported(to)).toEqual(await exported(from))
  })

  it('without passwords lets nobody in until they have set one', async () => {
    const to = places[name]()
    await taken(to, await exported(await seeded(sqlitePlace()), { passwordHashes: false }))
    const storage = await to.open()
    const accounts = createLocalAccounts({ storage, cost: { ln: 4, r: 8, p: 1 } })
    for (const password of ['', 'hash of bob']) expect(await accounts.verify('bob@example.org', password)).toBeNull()
    expect(await accounts.verifyOwn('bob', '')).toBeNull()
    expect(await storage.roomPassword('club')).toBeNull()
    await storage.setSecret('password', 'bob', await accounts.hash('a new one'))
    expect(await accounts.verify('bob@example.org', 'a new one')).toMatchObject({ user: 'bob' })
  })

  it('goes on after an abort anywhere, with the same result', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const to = places[name]()
    const slice = 10
    let aborts = 0
    for (let done = false; !done;) {
      const transfer = await to.move()
      transfer.slice = slice
      const { write } = transfer
      let writes = 0
      // Two slices a run; then once after the write, so that nobody hears of it, and once before.
      transfer.write = async (...slice) => {
        if (++writes === 3 && aborts % 2 === 0) throw new Error('aborted')
        await write(...slice)
        if (writes === 3) throw new Error('aborted')
      }
      done = await importInto(transfer, giving(lines), nobody).then(() => true, () => false)
      await transfer.close()
      if (!done) {
        expect(++aborts, 'does not come to an end').toBeLessThan(50)
        if (name === 'firestore') await expect(to.open()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not finished') })
      }
    }
    expect(aborts).toBeGreaterThan(3)
    expect(await exported(to)).toEqual(lines)
    await (await to.open()).close()
  })

  it('goes on after an abort at its end', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const to = places[name]()
    const transfer = await to.move()
    transfer.finish = () => Promise.reject(new Error('aborted'))
    await expect(importInto(transfer, giving(lines), nobody)).rejects.toThrow('aborted')
    await transfer.close()
    await taken(to, lines)
    expect(await exported(to)).toEqual(lines)
  })

  it('refuses a storage that has people, another file halfway, and one that is finished', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const used = await seeded(places[name]())
    const before = await exported(used)
    await expect(taken(used, lines)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('already') })
    expect(await exported(used)).toEqual(before)

    const half = places[name]()
    const transfer = await half.move()
    transfer.write = () => Promise.reject(new Error('aborted'))
    await expect(importInto(transfer, giving(lines), nobody)).rejects.toThrow('aborted')
    await transfer.close()
    const other = await exported(await seeded(sqlitePlace()), { passwordHashes: false })
    await expect(taken(half, other)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('another file') })
    await expect(exported(half)).rejects.toMatchObject({ code: 'conflict' })
    await taken(half, lines)
    await expect(taken(half, lines)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('already') })
  })

  it('takes in beside nothing: a storage that a server was started on once is empty', async () => {
    const to = places[name]()
    await (await to.open()).close()
    const lines = await exported(await seeded(sqlitePlace()))
    await taken(to, lines)
    expect(await exported(to)).toEqual(lines)
  })

  it('does not finish where what was written is not what the file has', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const to = places[name]()
    const transfer = await to.move()
    const { write } = transfer
    transfer.write = (entries, done) => write(entries.map(entry => entry.type === 'room' ? { ...entry, topic: 'spoiled' } : entry), done)
    await expect(importInto(transfer, giving(lines), nobody)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('not what the file has') })
  })
})

describe.runIf(!process.env.FIRESTORE_EMULATOR_JAR)('where answers of Firestore are lost', () => {
  it('writes nothing twice, and comes to its end', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const to = firestorePlace()
    // The beginning, some slices, and the end: each is committed, and nobody hears of it.
    await firestore.fail(to.projectId, [
      { method: 'Commit', when: 'after', code: 4, times: 6 }, { method: 'Commit', when: 'before', code: 10, times: 2 }, { method: 'Commit', when: 'after', code: 4, times: 1, skip: 6 }
    ])
    await taken(to, lines, 10)
    expect(await exported(to)).toEqual(lines)
  })

  it('is no other import that is under way', async () => {
    const lines = await exported(await seeded(sqlitePlace()))
    const to = firestorePlace()
    const [mine, theirs] = [await to.move(), await to.move()]
    await mine.begin('sum')
    expect(await theirs.begin('sum')).toBe(0)
    const entries = lines.slice(1, 4).map(line => JSON.parse(line))
    await theirs.write(entries, 0)
    await expect(mine.write(entries.slice(0, 2), 0)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Somebody else') })
    await theirs.finish()
    await expect(mine.write(entries, 3)).rejects.toMatchObject({ code: 'conflict' })
    await expect(mine.finish()).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('beside a server', () => {
  it('an import into its data folder is refused, and an export is not', async () => {
    const place = sqlitePlace()
    const storage = await place.open()
    await seedSite(storage)
    const lines = await exported(place)
    await expect(taken(place, lines)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('running') })
    await storage.close()
    expect(readdirSync(place.folder).filter(file => file.includes('import'))).toEqual([])
    expect(existsSync(place.database)).toBe(true)
    expect(readFileSync(place.database).length).toBeGreaterThan(0)
  })
})

function nonceOf(json = ''): string {
  const { nonce } = JSON.parse(json)
  return nonce
}
