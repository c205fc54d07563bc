import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Database from 'better-sqlite3'
import openSqlite from '../../server/drivers/storage/sqlite'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import { endProcesses, startProcess, type StorageProcess } from '../support/processes'
import { account, change, freshNonce, post, room, temporaryFolder } from '../support/storage'

describe('three processes on one folder', () => {
  let folder: string
  let remove: () => Promise<void>
  const author = account()
  const hall = room(author.id)
  const database = () => join(folder, 'chatly.db')

  beforeEach(async () => { ({ folder, remove } = await temporaryFolder()) })
  afterEach(async () => {
    await endProcesses()
    await remove()
  })

  const three = () => Promise.all([1, 2, 3].map(() => startProcess(folder)))
  const opened = (processes: StorageProcess[]) => Promise.all(processes.map(one => one.opened))
  const says = (one: StorageProcess, text: string) => one.ask({ do: 'say', room: hall.id, author: author.id, text })
  const begin = async () => {
    const storage = await openSqlite({ folder })
    await storage.firstAccount(author, hall)
    await storage.close()
    return storage.epoch
  }

  it('that start at once on an empty one come up with one history and one secret', async () => {
    const [first, ...others] = await opened(await three())
    expect(first).toEqual({ epoch: expect.any(String), secret: expect.any(String) })
    expect(others).toEqual([first, first])
  })

  it('wait for one that is still starting, instead of being refused', async () => {
    await begin()
    const locks = ['chatly.start', 'chatly.lock'].map(file => new Database(join(folder, file)))
    for (const lock of locks) lock.exec('BEGIN EXCLUSIVE')
    const opening = openSqlite({ folder, shared: true })
    expect(await Promise.race([opening.then(() => 'opened', () => 'refused'), new Promise(resolve => setTimeout(resolve, 300, 'waits'))])).toBe('waits')
    for (const lock of locks) lock.close()
    await (await opening).close()
  })

  it('keep to one kind: with Redis, or alone', async () => {
    const one = await startProcess(folder, { shared: false })
    await one.opened
    const line = { refused: expect.stringMatching(/^Another Chatly already uses this data folder[^\n]*REDIS_URL[^\n]*$/) }
    expect(await opened(await three())).toEqual([line, line, line])
    await one.kill()
    const shared = await startProcess(folder)
    expect(await shared.opened).toHaveProperty('epoch')
    expect(await (await startProcess(folder, { shared: false })).opened).toEqual(line)
  })

  it('do not bring the schema up to date under one of an older version', async () => {
    await begin()
    const old = await startProcess(folder)
    await old.opened
    const raw = new Database(database())
    raw.pragma('user_version = 1')
    raw.close()
    const line = { refused: expect.stringMatching(/^An older Chatly uses this data folder[^\n]*$/) }
    expect(await (await startProcess(folder)).opened).toEqual(line)
  })

  it('killed while they write, lose nothing that was acknowledged, and go on with the same history', async () => {
    const epoch = await begin()
    const processes = await three()
    await opened(processes)
    const seqs = (await Promise.all(processes.map(one => says(one, 'acknowledged')))).map(answer => 'seq' in answer ? answer.seq : 0)
    for (const one of processes) void one.ask({ do: 'babble', room: hall.id, author: author.id }).catch(() => {})
    const raw = openDatabase(database(), { readonly: true })
    const count = () => Number(raw.prepare('SELECT count(*) FROM events').pluck().get())
    for (let seen = count(); count() < seen + 50;) await new Promise(resolve => setTimeout(resolve, 5))
    await processes[0]!.kill()
    const again = await startProcess(folder)
    expect(await again.opened).toHaveProperty('epoch', epoch)
    raw.close()
    await Promise.all([again, ...processes.slice(1)].map(one => one.kill()))
    const storage = await openSqlite({ folder })
    expect(storage.epoch).toBe(epoch)
    const head = (await storage.heads([hall.id])).get(hall.id) ?? 0
    const found: number[] = []
    for (let at = 0; at < head; at = found.at(-1)!) found.push(...(await storage.eventsAfter(hall.id, at, 1_000)).map(event => event.seq))
    expect(found).toEqual(Array.from({ length: head }, (_, n) => n + 1))
    expect(seqs.every(seq => seq > 0 && seq <= head)).toBe(true)
    await storage.close()
  })

  it('a copy from before what one of them wrote is known for an old one, whoever writes last', async () => {
    const epoch = await begin()
    const processes = await three()
    await opened(processes)
    const [one, two, last] = processes as [StorageProcess, StorageProcess, StorageProcess]
    // From here on each knows, and would put back, what it found.
    for (const process of processes) await process.ask({ do: 'check' })
    await says(one, 'kept')
    const raw = openDatabase(database())
    raw.pragma('wal_checkpoint(TRUNCATE)')
    raw.close()
    copyFileSync(database(), `${database()}.old`)
    await says(two, 'not in the copy')
    // These commit nothing with a pos: they must not put back their own.
    for (const idle of [one, last]) await idle.ask({ do: 'check' })
    await Promise.all(processes.map(process => process.kill()))
    for (const suffix of ['-wal', '-shm']) rmSync(database() + suffix, { force: true })
    copyFileSync(`${database()}.old`, database())
    const answers = await opened(await three())
    const epochs = new Set(answers.map(answer => 'epoch' in answer ? answer.epoch : answer))
    expect(epochs.size).toBe(1)
    expect(epochs).not.toContain(epoch)
  })

  it('all get their turn when all write without a rest', async () => {
    await begin()
    const processes = await three()
    await opened(processes)
    const answers = await Promise.all(processes.map(one => one.ask({ do: 'flood', room: hall.id, author: author.id, ms: 3_000, lines: 1 })))
    const said = answers.map(answer => 'said' in answer && answer.failed === 0 ? answer.said : 0)
    expect(Math.min(...said) / Math.max(...said)).toBeGreaterThan(0.1)
  })

  it('wait for one that holds the database, without standing still', async () => {
    await begin()
    const storage = await openSqlite({ folder, shared: true, wait: 15_000 })
    const raw = openDatabase(database())
    raw.exec('BEGIN IMMEDIATE')
    let settled = false
    const saying = storage.append([change(hall.id, author.id, [post('patient')], { nonce: freshNonce() })]).finally(() => { settled = true })
    let ticks = 0
    for (const until = performance.now() + 1_000; performance.now() < until || ticks <= 50; ticks++) {
      expect((await storage.page(hall.id, null, { limit: 10 }))?.messages).toEqual([])
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect(settled).toBe(false)
    raw.exec('ROLLBACK')
    raw.close()
    expect(await saying).toMatchObject([{ ok: true, seq: 1 }])
    await storage.close()
  })
})
