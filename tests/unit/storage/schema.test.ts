import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type Db } from '../../../server/drivers/storage/sqlite/database'
import { checkSchema, migrate, migrations, schemaVersion } from '../../../server/drivers/storage/sqlite/schema'
import { temporaryFolder } from '../../support/storage'

let folder: string
let remove: () => Promise<void>
let db: Db

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder())
  db = openDatabase(join(folder, 'chatly.db'))
})
afterEach(async () => {
  db.close()
  await remove()
})

const copies = () => readdirSync(folder).filter(name => name.includes('before'))
const insertUser = () => db.exec('INSERT INTO users (id, name, kind, admin, createdAt) VALUES (\'u\', \'Ada\', \'member\', 0, 1)')

describe('migrations', () => {
  it('a new file gets the newest schema, without a copy; once', () => {
    expect(migrate(db)).toBeNull()
    expect(schemaVersion(db)).toBe(migrations.length)
    expect(migrate(db)).toBeNull()
  })

  it('an older file is copied as it was, then brought forward with what it holds', () => {
    migrate(db)
    insertUser()
    const copy = migrate(db, [...migrations, 'ALTER TABLE users ADD COLUMN motto TEXT NOT NULL DEFAULT \'\';'])
    expect(db.prepare('SELECT name, motto FROM users').get()).toEqual({ name: 'Ada', motto: '' })
    if (copy === null) throw new Error('no copy was made')
    const before = openDatabase(copy)
    expect([schemaVersion(before), before.prepare('SELECT * FROM users').get()]).toEqual([migrations.length, expect.not.objectContaining({ motto: '' })])
    before.close()
  })

  it('what was copied before an upgrade stays as it was when that is interrupted after a step, and finished later', () => {
    const now = migrations.length
    const [motto, extra] = ['ALTER TABLE users ADD COLUMN motto TEXT NOT NULL DEFAULT \'\';', 'CREATE TABLE extra (x);']
    migrate(db)
    for (const last of ['SELECT nonsense;', 'SELECT nonsense;']) expect(() => migrate(db, [...migrations, motto, last])).toThrow('nonsense')
    migrate(db, [...migrations, motto, extra])
    const versions = copies().sort().map((name) => {
      const copy = openDatabase(join(folder, name), { journal: 'DELETE' })
      const version = schemaVersion(copy)
      copy.close()
      return version
    })
    expect(versions).toEqual([now, now + 1])
    expect(copies().sort()).toEqual([now, now + 1].map(from => `chatly.db.before-schema-${now + 2}-from-${from}`))
  })

  it('a step that fails leaves the file at the version before it', () => {
    migrate(db)
    expect(() => migrate(db, [...migrations, 'CREATE TABLE extra (x); SELECT nonsense;'])).toThrow('nonsense')
    expect(schemaVersion(db)).toBe(migrations.length)
    expect(db.prepare('SELECT count(*) FROM sqlite_schema WHERE name = \'extra\'').pluck().get()).toBe(0)
  })

  it('a file of a newer Chatly is refused with one line, untouched', () => {
    migrate(db, [...migrations, 'CREATE TABLE extra (x);'])
    const newer = new RegExp(`^[^\\n]*newer Chatly \\(schema ${migrations.length + 1}, this one knows ${migrations.length}\\)[^\\n]*$`)
    expect(() => migrate(db)).toThrow(expect.objectContaining({ code: 'conflict', message: expect.stringMatching(newer) }))
    expect(copies()).toEqual([])
  })

  it('a database of another program is refused', () => {
    db.exec('CREATE TABLE theirs (x)')
    expect(() => checkSchema(db)).toThrow('not a database of Chatly')
  })
})
