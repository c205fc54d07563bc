import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backup } from '../../cli/backup'
import { restore } from '../../cli/restore'
import type { Storage } from '../../server/core/ports'
import openSqlite from '../../server/drivers/storage/sqlite'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import { account, change, post, room, temporaryFolder } from '../support/storage'

describe('chatly backup and restore', () => {
  let folder: string
  let remove: () => Promise<void>
  let storage: Storage
  let said: string
  const author = account()
  const here = room(author.id)
  const says = (...texts: string[]) => storage.append(texts.map(text => change(here.id, author.id, [post(text)])))
  const texts = async () => (await storage.page(here.id, null, { limit: 100 }))?.messages.map(message => message.text)
  const copy = () => join(folder, 'copy.db')

  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder())
    vi.stubEnv('CHATLY_DATA', join(folder, 'data'))
    said = ''
    vi.spyOn(console, 'log').mockImplementation((line) => { said += `${line}\n` })
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    storage = await openSqlite({ folder: join(folder, 'data') })
    await storage.firstAccount(author, here)
    await says('one', 'two')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    await storage.close()
    await remove()
  })

  const reopen = async () => { storage = await openSqlite({ folder: join(folder, 'data') }) }
  const kept = () => readdirSync(join(folder, 'data')).filter(file => file.includes('.before-restore-') && !/-(?:wal|shm)$/.test(file))

  it('copies one moment of it while the server writes, in one checked file for its owner only', async () => {
    await says(...Array.from({ length: 500 }, (_, n) => `${n} ${'x'.repeat(5_000)}`))
    let writing = true
    let more = 0
    const writer = (async () => { while (writing) await says(`meanwhile ${more++}`) })()
    await backup([copy()])
    writing = false
    await writer
    expect(more).toBeGreaterThan(0)
    expect(said).toContain(`Saved and checked: ${copy()}`)
    expect(statSync(copy()).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).sort()).toEqual(['copy.db', 'data'])
    const db = openDatabase(copy(), { readonly: true })
    expect(db.prepare('SELECT count(*) - max(seq) FROM events').pluck().get()).toBe(0)
    expect(db.prepare('SELECT seq FROM rooms').pluck().get()).toBe(db.prepare('SELECT max(seq) FROM events').pluck().get())
    db.close()
  })

  it('never replaces a file without being told to', async () => {
    writeFileSync(copy(), 'precious')
    await expect(backup([copy()])).rejects.toThrow('--force')
    expect(readFileSync(copy(), 'utf8')).toBe('precious')
    await backup([copy(), '--force'])
    expect(readFileSync(copy()).subarray(0, 15).toString()).toBe('SQLite format 3')
  })

  it('puts a backup back, under a new epoch, and keeps what was there', async () => {
    await backup([copy()])
    await says('three')
    const { epoch } = storage
    await storage.close()
    await restore([copy()])
    expect(said).toContain(`Restored: ${copy()}`)
    expect(kept()).toHaveLength(1)
    const stamped = openDatabase(join(folder, 'data', 'chatly.db'), { readonly: true })
    const restored = stamped.prepare('SELECT value FROM meta WHERE key = \'epoch\'').pluck().get()
    stamped.close()
    await reopen()
    expect(await texts()).toEqual(['one', 'two'])
    expect(storage.epoch).toBe(restored)
    expect(storage.epoch).not.toBe(epoch)
    expect(await says('again')).toMatchObject([{ ok: true, seq: 3 }])
    const old = openDatabase(join(folder, 'data', kept()[0] ?? ''), { readonly: true })
    expect(old.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(3)
    old.close()
  })

  it('while the server runs, lays the backup ready for the next start', async () => {
    await backup([copy()])
    await says('three')
    await restore([copy()])
    expect(said).toContain('at its next start')
    expect(await says('four')).toMatchObject([{ ok: true, seq: 4 }])
    const { epoch } = storage
    await storage.close()
    await reopen()
    expect(await texts()).toEqual(['one', 'two'])
    expect(storage.epoch).not.toBe(epoch)
    expect(kept()).toHaveLength(1)
    const { epoch: settled } = storage
    await storage.close()
    await reopen()
    expect([storage.epoch, kept().length]).toEqual([settled, 1])
  })

  it('restores into an empty folder', async () => {
    await backup([copy()])
    vi.stubEnv('CHATLY_DATA', join(folder, 'elsewhere'))
    await restore([copy()])
    const elsewhere = await openSqlite({ folder: join(folder, 'elsewhere') })
    expect((await elsewhere.heads([here.id])).get(here.id)).toBe(2)
    await elsewhere.close()
  })

  it('refuses what is not a backup of a version that it knows, and changes nothing', async () => {
    await backup([copy()])
    const bytes = readFileSync(copy())
    const refusals: [string, () => void, string][] = [
      ['no file', () => {}, 'There is no file'],
      ['text', () => writeFileSync(join(folder, 'text'), 'hello'.repeat(500)), 'not a database of Chatly'],
      ['foreign', () => { const db = openDatabase(join(folder, 'foreign')); db.exec('CREATE TABLE theirs (x)'); db.close() }, 'not a database of Chatly'],
      ['newer', () => { writeFileSync(join(folder, 'newer'), bytes); const db = openDatabase(join(folder, 'newer')); db.pragma('user_version = 99'); db.close() }, 'newer Chatly'],
      ['damaged', () => writeFileSync(join(folder, 'damaged'), Buffer.concat([bytes.subarray(0, 4096 * 3), Buffer.alloc(4096 * 6, 7), bytes.subarray(4096 * 9)])), 'damaged is damaged']
    ]
    for (const [name, make, message] of refusals) {
      make()
      await expect(restore([join(folder, name)]), name).rejects.toThrow(message)
    }
    expect(readdirSync(join(folder, 'data')).filter(file => file.includes('restore'))).toEqual([])
    expect(await texts()).toEqual(['one', 'two'])
  })

  it('says how it is used, and where it looked', async () => {
    for (const args of [[], ['--what'], ['a', 'b']]) {
      await expect(backup(args)).rejects.toThrow('Usage: chatly backup')
      await expect(restore(args)).rejects.toThrow('Usage: chatly restore')
    }
    vi.stubEnv('CHATLY_DATA', join(folder, 'nowhere'))
    await expect(backup([copy()])).rejects.toThrow('nowhere')
    expect(existsSync(copy())).toBe(false)
  })
})
