import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type Db } from '../../../server/drivers/storage/sqlite/database'
import { checkSchema, migrate, migrations, schemaVersion } from '../../../server/drivers/storage/sqlite/schema'
import { temporaryFolder } from '../../support/storage'

let file: string
let remove: () => Promise<void>
let db: Db

beforeEach(async () => {
  const made = await temporaryFolder()
  remove = made.remove
  file = join(made.folder, 'chatly.db')
  db = openDatabase(file)
})
afterEach(async () => {
  db.close()
  await remove()
})

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
    expect(existsSync(`${file}.before-schema-${migrations.length}`)).toBe(false)
  })

  it('a database of another program is refused', () => {
    db.exec('CREATE TABLE theirs (x)')
    expect(() => checkSchema(db)).toThrow('not a database of Chatly')
  })
})
