import { pbkdf2 } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readLines, writeLines } from '../../../cli/lines'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'chatly-lines-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function* from(lines: string[]) { yield* lines }
async function* failing(): AsyncGenerator<string> {
  yield ''
  throw new Error('nothing to write')
}
/** Work for every thread that opens files, so that opening one takes its time, as on a busy machine. */
const busyThreads = () => Promise.all(Array.from({ length: 8 }, () => promisify(pbkdf2)('secret', 'salt', 200_000, 32, 'sha256')))

it('what is written comes back, line by line', async () => {
  const file = join(folder, 'good')
  const lines = ['one\n', 'zwei\u2028still two\n', 'three']
  await writeLines(file, from(lines))
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''))
  const read: string[] = []
  for await (const line of readLines(file)) read.push(line)
  expect(read).toEqual(lines)
})

it('a failure is not known before the file is there: whoever removes it then has removed it', async () => {
  const file = join(folder, 'failed')
  const busy = busyThreads()
  await expect(writeLines(file, failing())).rejects.toThrow('nothing to write')
  rmSync(file, { force: true })
  await busy
  expect(existsSync(file)).toBe(false)
})

it('a file that is there is kept', async () => {
  const file = join(folder, 'good')
  await expect(writeLines(file, from(['other']))).rejects.toThrow('EEXIST')
  expect(readFileSync(file, 'utf8')).toContain('one')
})
