import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Changes } from '../../../server/core/ports'
import { openDatabase, type Db } from '../../../server/drivers/storage/sqlite/database'
import { createJournal } from '../../../server/drivers/storage/sqlite/journal'
import { migrate } from '../../../server/drivers/storage/sqlite/schema'
import { createSweep, type Sweep } from '../../../server/drivers/storage/sqlite/watch'
import { temporaryFolder } from '../../support/storage'

let remove: () => Promise<void>
let db: Db
let other: Db
let sweep: Sweep | undefined

beforeEach(async () => {
  const folder = await temporaryFolder()
  remove = folder.remove
  db = openDatabase(join(folder.folder, 'chatly.db'))
  migrate(db)
  other = openDatabase(join(folder.folder, 'chatly.db'))
})
afterEach(async () => {
  sweep?.close()
  for (const connection of [db, other]) connection.close()
  await remove()
})

const leave = (origin: string | null, count: number) => db.transaction(() => {
  const journal = createJournal(db, origin)
  for (let n = 0; n < count; n++) journal.note({ kind: 'room-changed', room: `room${n}` })
})()
const kept = () => db.prepare<[], { count: number, first: number, last: number }>('SELECT count(*) AS count, min(pos) AS first, max(pos) AS last FROM controls').get()

/** What another process is told of all that was committed since its sweep began. */
async function told(): Promise<Changes[]> {
  const tellings: Changes[] = []
  sweep?.watch(changes => tellings.push(changes))
  await vi.waitFor(() => expect(tellings.flatMap(({ controls }) => controls).at(-1)).toEqual({ kind: 'room-changed', room: `room${kept()!.last - 1}` }), { timeout: 5_000, interval: 5 })
  return tellings
}
const begin = () => { sweep = createSweep(other, 'there', (error) => { throw error }, 5) }

describe('controls for other processes', () => {
  it('only the newest 20,000 are kept', () => {
    leave('here', 23_500)
    expect(kept()).toEqual({ count: 20_500, first: 3_001, last: 23_500 })
  })

  it('a process that looks after they were trimmed hears that it missed some, once', async () => {
    begin()
    leave('here', 23_000)
    expect((await told()).map(({ missed }) => missed)).toEqual([true, false, false, false])
  })

  it('one that looks in time misses nothing, however many there are', async () => {
    begin()
    leave('here', 12_345)
    const tellings = await told()
    expect(tellings.some(({ missed }) => missed)).toBe(false)
    expect(tellings.flatMap(({ controls }) => controls)).toHaveLength(12_345)
  })

  it('none are left where there is no other process', () => {
    leave(null, 10)
    expect(kept()?.count).toBe(0)
  })
})
