import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Storage } from '../../server/core/ports'
import type { Entry } from '../../shared/export'
import openSqlite, { type SqliteOptions } from '../../server/drivers/storage/sqlite'
import { createCommitter } from '../../server/drivers/storage/sqlite/commit'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import { migrate, migrations } from '../../server/drivers/storage/sqlite/schema'
import openTransfer from '../../server/drivers/storage/sqlite/transfer'
import { seedSite } from '../support/site'
import { account, change, freshNonce, joins, post, room, temporaryFolder } from '../support/storage'
import { describeStorage, type StorageUnderTest } from './storage'

describeStorage('sqlite', async (): Promise<StorageUnderTest> => {
  const { folder, remove } = await temporaryFolder()
  let storage = await openSqlite({ folder })
  return {
    storage,
    reopen: async () => {
      await storage.close()
      return storage = await openSqlite({ folder })
    },
    close: async () => {
      await storage.close()
      await remove()
    }
  }
})

/** All that an export of this folder has. */
async function everything(folder: string): Promise<Entry[]> {
  const transfer = openTransfer({ folder })
  const entries: Entry[] = []
  for await (const entry of transfer.read()) entries.push(entry)
  await transfer.close()
  return entries
}

describe('SQLite', () => {
  let folder: string
  let remove: () => Promise<void>
  const opened: Storage[] = []
  const author = account()
  const here = room(author.id)
  const database = () => join(folder, 'chatly.db')

  const open = async (options: Partial<SqliteOptions> = {}) => {
    const storage = await openSqlite({ folder, ...options })
    opened.push(storage)
    return storage
  }
  const begin = async () => {
    const storage = await open()
    await storage.firstAccount(author, here)
    return storage
  }
  const says = (storage: Storage, text: string, nonce = freshNonce()) => storage.append([change(here.id, author.id, [post(text)], { nonce })])
  const texts = async (storage: Storage) => (await storage.page(here.id, null, { limit: 100 }))?.messages.map(message => message.text)

  beforeEach(async () => { ({ folder, remove } = await temporaryFolder()) })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(storage => storage.close()))
    await remove()
  })

  describe('the epoch', () => {
    it('is another for every new database', async () => {
      const first = await open()
      await first.close()
      rmSync(database())
      expect((await open()).epoch).not.toBe(first.epoch)
    })

    it('changes when an old copy of the file is put back, once', async () => {
      const first = await begin()
      await says(first, 'one')
      await first.close()
      copyFileSync(database(), `${database()}.old`)
      const second = await open()
      expect(second.epoch).toBe(first.epoch)
      await says(second, 'two')
      await second.close()
      copyFileSync(`${database()}.old`, database())
      const third = await open()
      expect(third.epoch).not.toBe(first.epoch)
      expect(await texts(third)).toEqual(['one'])
      await third.close()
      expect((await open()).epoch).toBe(third.epoch)
    })

    it('changes when a copy from before an earlier change is put back, however far it had come', async () => {
      const first = await begin()
      await says(first, 'one')
      await first.close()
      copyFileSync(database(), `${database()}.old`)
      writeFileSync(join(folder, 'chatly.pos'), 'unreadable')
      const second = await open()
      expect(second.epoch).not.toBe(first.epoch)
      await second.close()
      copyFileSync(`${database()}.old`, database())
      expect([first.epoch, second.epoch]).not.toContain((await open()).epoch)
    })

    it('stays when the process ends without closing', async () => {
      const first = await begin()
      await says(first, 'one')
      const elsewhere = await temporaryFolder()
      for (const file of readdirSync(folder)) copyFileSync(join(folder, file), join(elsewhere.folder, file))
      const copy = await openSqlite({ folder: elsewhere.folder })
      expect(copy.epoch).toBe(first.epoch)
      expect(await texts(copy)).toEqual(['one'])
      await copy.close()
      await elsewhere.remove()
    })
  })

  describe('the lock', () => {
    const refusal = { code: 'conflict', message: expect.stringMatching(/^Another Chatly already uses this data folder .*REDIS_URL.*CHATLY_SINGLE_INSTANCE=1[^\n]*$/) }

    it('refuses a second instance with one line, until the first has closed', async () => {
      const first = await open()
      await expect(open()).rejects.toMatchObject(refusal)
      await expect(open({ shared: true })).rejects.toMatchObject(refusal)
      await first.close()
      await expect(open()).resolves.toHaveProperty('epoch', first.epoch)
    })

    it('ends with the process that held it, also when that is killed', async () => {
      const library = pathToFileURL(resolve('node_modules/better-sqlite3/lib/index.js')).href
      const hold = `const { default: Database } = await import(${JSON.stringify(library)})
        const lock = new Database(process.argv[1]); lock.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => lock, 1e6)`
      const other = spawn(process.execPath, ['--input-type=module', '-e', hold, join(folder, 'chatly.lock')], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(other, 'exit')
      await once(other.stdout, 'data')
      await expect(open()).rejects.toMatchObject(refusal)
      other.kill('SIGKILL')
      await ended
      await expect(open()).resolves.toHaveProperty('epoch')
    })

    it('is shared among instances that say so: one order, one epoch', async () => {
      const first = await open({ shared: true })
      await first.firstAccount(author, here)
      const second = await open({ shared: true })
      await expect(open()).rejects.toMatchObject(refusal)
      expect(second.epoch).toBe(first.epoch)
      await Promise.all(Array.from({ length: 40 }, (_, n) => says(n % 2 ? first : second, String(n))))
      expect((await first.eventsAfter(here.id, 0, 100)).map(event => event.seq)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
      await first.close()
      await second.close()
      expect((await open()).epoch).toBe(first.epoch)
    })

    it('can be overridden', async () => {
      const first = await open()
      expect((await open({ ignoreLock: true })).epoch).toBe(first.epoch)
    })
  })

  it('a locked database: no append is acknowledged, reads go on, and it recovers by itself', async () => {
    await (await begin()).close()
    const storage = await open({ wait: 20 })
    await says(storage, 'before')
    const other = openDatabase(database())
    other.exec('BEGIN IMMEDIATE')
    const nonce = freshNonce()
    await expect(says(storage, 'meanwhile', nonce)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(storage.check()).rejects.toMatchObject({ code: 'unavailable' })
    expect(await texts(storage)).toEqual(['before'])
    other.exec('ROLLBACK')
    other.close()
    await storage.check()
    expect(await says(storage, 'meanwhile', nonce)).toMatchObject([{ ok: true, seq: 2, duplicate: false }])
  })

  it('many checks are one write, and what went wrong since is told a second later', async () => {
    const storage = await open({ wait: 20 })
    const raw = openDatabase(database())
    const checkedAt = raw.prepare('SELECT value FROM meta WHERE key = \'checkedAt\'').pluck()
    await storage.check()
    const first = checkedAt.get()
    for (let n = 0; n < 50; n++) await storage.check()
    expect(checkedAt.get()).toBe(first)
    raw.exec('BEGIN IMMEDIATE')
    await sleep(1_000)
    await expect(storage.check()).rejects.toMatchObject({ code: 'unavailable' })
    raw.exec('ROLLBACK')
    await storage.check()
    expect(checkedAt.get()).not.toBe(first)
    raw.close()
  })

  it('an item that fails by itself rejects its own call only', async () => {
    const storage = await begin()
    const message = 'same'
    const twice = () => storage.append([change(here.id, author.id, [post('x', { message })])])
    const results = await Promise.allSettled([says(storage, 'one'), twice(), twice(), says(storage, 'two')])
    expect(results.map(result => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect((await storage.eventsAfter(here.id, 0, 10)).map(event => event.seq)).toEqual([1, 2, 3])
  })

  it('deleted text is in no file: not in the database, not in its log', async () => {
    const storage = await begin()
    const word = 'unspeakable'
    // Many neighbours of all sizes, so that pages split and are rewritten.
    const said = await storage.append(Array.from({ length: 2_000 }, (_, n) => change(here.id, author.id, [post(`${word} ${n} ${'x'.repeat(n * 37 % 900)}`)])))
    const messages = said.flatMap(result => result.ok && result.message !== null ? [result.message] : [])
    await storage.append(messages.filter((_, n) => n % 3 === 0).map((message, n) => change(here.id, author.id, [{ do: 'edit', message, text: `${n % 5 ? '' : word.repeat(n % 40)}!` }])))
    const filesWithIt = () => readdirSync(folder).filter(file => readFileSync(join(folder, file), 'latin1').includes(word))
    expect(filesWithIt()).not.toEqual([])
    // In three rounds: what a round makes SQLite move is deleted by a later one.
    for (const round of [0, 1, 2]) {
      await storage.append(messages.filter((_, n) => Math.floor(n / 20) % 3 === round).map(message => change(here.id, author.id, [{ do: 'erase', message }])))
    }
    await vi.waitFor(() => expect(statSync(`${database()}-wal`).size).toBe(0), { timeout: 10_000 })
    expect(filesWithIt()).toEqual([])
  })

  it('a room that was being deleted when the process ended is emptied after the next start', async () => {
    const storage = await begin()
    await storage.append(Array.from({ length: 1_200 }, (_, n) => change(here.id, author.id, [post(`doomed ${n}`)])))
    await storage.close()
    const db = openDatabase(database())
    createCommitter(db, { origin: null, wait: 5_000 }).commit([{ name: 'deleteRoom', input: { room: here.id, by: author.id, at: 6_000 } }])
    expect(db.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(1_200)
    await open()
    const left = db.prepare('SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM doomed) + (SELECT count(*) FROM events WHERE json LIKE \'%doomed%\')').pluck()
    await vi.waitFor(() => expect(left.get()).toBe(0), { timeout: 10_000 })
    db.close()
  })

  it('a room that could not be emptied because the database was locked is emptied later, whatever is written meanwhile', async () => {
    await (await begin()).close()
    const storage = await open({ wait: 20 })
    const doomed = room(author.id)
    await storage.createRoom(doomed)
    await storage.append(Array.from({ length: 1_200 }, (_, n) => change(doomed.id, author.id, [post(`doomed ${n}`)])))
    const other = openDatabase(database())
    const deletion = { room: doomed.id, by: author.id, at: 6_000 }
    createCommitter(other, { origin: null, wait: 5_000 }).commit([{ name: 'deleteRoom', input: deletion }])
    other.exec('BEGIN IMMEDIATE')
    // It looks for what is to be emptied after any deletion, and can't.
    await expect(storage.deleteRoom(deletion)).rejects.toMatchObject({ code: 'unavailable' })
    await sleep(200)
    other.exec('ROLLBACK')
    await says(storage, 'meanwhile')
    const left = other.prepare('SELECT (SELECT count(*) FROM messages WHERE room = ?) + (SELECT count(*) FROM doomed)').pluck()
    await vi.waitFor(() => expect(left.get(doomed.id)).toBe(0), { timeout: 15_000 })
    other.close()
  })

  it('a file of the first release is opened with all that it holds', async () => {
    const db = new Database(database())
    db.exec(readFileSync(new URL('storage.v1.sql', import.meta.url), 'utf8'))
    db.close()
    const storage = await open()
    expect(await storage.session('session-hash')).toMatchObject({ person: { id: 'ada', name: 'Ada' }, admin: true })
    expect(await storage.page('lobby', 'bob', { limit: 10 })).toMatchObject({
      access: { role: 'member', room: { slug: 'lobby', name: 'Lobby', seq: 8 } },
      messages: [
        { id: 'm1', seq: 2, rev: 6, text: 'Hello, everybody!', editedAt: 1_004, reactions: [{ emoji: '👍', count: 1, users: ['bob'], mine: true }] },
        { id: 'm2', seq: 3, text: 'Grüße "zurück"\n\t— Bob', replyTo: 'm1' },
        { id: 'm3', seq: 4, text: '', deletedAt: 1_006 }
      ]
    })
    expect(await storage.append([change('lobby', 'bob', [post('new')])])).toMatchObject([{ ok: true, seq: 9 }])
    expect(readdirSync(folder).some(file => file.includes('.before-schema'))).toBe(migrations.length > 1)
  })

  it('a file of schema 3 is brought forward with every row that it has, and what is new in it begins as it was', async () => {
    const db = openDatabase(database())
    db.exec(readFileSync(new URL('storage.v3.sql', import.meta.url), 'utf8'))
    const tables = db.prepare<[], string>('SELECT name FROM sqlite_schema WHERE type = \'table\' AND name NOT LIKE \'sqlite_%\'').pluck().all()
    const rows = () => Object.fromEntries(tables.map(table => [table, db.prepare(`SELECT * FROM ${table}`).all()]))
    const before = rows()
    migrate(db)
    expect(rows()).toMatchObject(before)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
    const storage = await open()
    expect(await storage.session('session-hash')).toMatchObject({ person: { id: 'ada', name: 'Ada' }, admin: true })
    expect(await storage.page('lobby', 'bob', { limit: 10 })).toMatchObject({
      access: {
        role: 'member', mutedUntil: null, kind: 'member',
        room: { topic: 'All of us, here', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, ownerId: 'ada', seq: 13 }
      },
      messages: [{ id: 'm1', text: 'Hello, everybody!', reactions: [{ users: ['bob'] }] }, { id: 'm2', replyTo: 'm1' }, { id: 'm3', deletedAt: 1_007 }, { id: 'm4', author: 'eve' }]
    })
    expect((await storage.bans('lobby', { limit: 5 })).items).toEqual([{ id: 'eve', name: 'Eve', kind: 'member', at: 1_009, by: { id: 'ada', name: 'Ada', kind: 'member' } }])
    expect((await storage.accounts({ search: 'éla', limit: 5 })).items).toMatchObject([{ id: 'elan', email: 'elan@example.org', rooms: 1 }])
    expect((await storage.allRooms({ search: '', limit: 5 })).items.map(room => [room.id, room.owner.id, room.members])).toEqual([['lobby', 'ada', 2], ['old', 'bob', 1], ['den', 'elan', 1]])
    expect([await storage.settings(), await storage.audit(null, { limit: 5 }), await storage.invites('lobby')]).toEqual([{}, { items: [], next: null }, []])
    // A repetition of what was sent before is known by its old events.
    expect(await storage.append([change('lobby', 'elan', [joins('elan')], { nonce: 'n100000000000000' }), change('lobby', 'bob', [post('new')])])).toMatchObject([{ duplicate: true }, { ok: true, seq: 14 }])
  })

  it('a file of schema 4 is brought forward, and holds what the same site holds that is made now', async () => {
    const db = new Database(database())
    db.exec(readFileSync(new URL('storage.v4.sql', import.meta.url), 'utf8'))
    db.close()
    await (await open()).close()
    const fresh = await temporaryFolder()
    const storage = await openSqlite({ folder: fresh.folder })
    await seedSite(storage)
    await storage.close()
    // When somebody was removed was not kept then, nor that a room passed on with its owner's account, nor that one was deleted.
    const later = (entry: Entry) => entry.type === 'audit' && ((entry.by === 'eve' && entry.action === 'owner-changed') || entry.action === 'room-deleted')
    const now = await everything(fresh.folder)
    const laterOf = (room: string | null, n = Infinity) => now.filter(other => later(other) && other.type === 'audit' && other.room === room && other.n < n).length
    const then = now.filter(entry => !later(entry)).map((entry) => {
      if (entry.type === 'room') return { ...entry, audits: entry.audits - laterOf(entry.id) }
      if (entry.type === 'site') return { ...entry, audits: entry.audits - laterOf(null) }
      if (entry.type === 'audit') return { ...entry, n: entry.n - laterOf(entry.room, entry.n) }
      return 'removedAt' in entry ? { ...entry, removedAt: null } : entry
    })
    expect(await everything(folder)).toEqual(then)
    await fresh.remove()
  })

  it('its files are for their owner only', async () => {
    await begin()
    const open = readdirSync(folder).filter(file => file.startsWith('chatly.db') && (statSync(join(folder, file)).mode & 0o077) !== 0)
    expect([readdirSync(folder).sort(), open]).toEqual([['chatly.db', 'chatly.db-shm', 'chatly.db-wal', 'chatly.lock', 'chatly.pos', 'chatly.start'], []])
  })

  it('a file of a newer Chatly is refused with one line, and the folder is free again', async () => {
    await (await begin()).close()
    const db = new Database(database())
    db.pragma('user_version = 99')
    db.close()
    await expect(open()).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/^[^\n]*newer Chatly[^\n]*$/) })
    const again = new Database(database())
    again.pragma(`user_version = ${migrations.length}`)
    again.close()
    await expect(open()).resolves.toHaveProperty('epoch')
  })
})
