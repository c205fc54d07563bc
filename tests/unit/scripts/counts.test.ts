import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countPlaywright, countVitest } from '../../../scripts/counts.mjs'
import { hashOf, sourcesHash } from '../../../scripts/stamp.mjs'

let folder: string
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'chatly-scripts-')) })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function report(content: object): string {
  const file = join(folder, 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

describe('the counts of a test run', () => {
  const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0 }

  it('are what the runner reports', () => {
    expect(countVitest(report(vitest), 0)).toEqual({ passed: 5, failed: 0, skipped: 1 })
    expect(countVitest(report({ ...vitest, numFailedTests: 2 }), 1)).toEqual({ passed: 5, failed: 2, skipped: 1 })
    expect(countPlaywright(report({ stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 } }), 1)).toEqual({ passed: 3, failed: 2, skipped: 0 })
  })

  it('never hide that the runner failed', () => {
    expect(countVitest(report(vitest), 1)).toEqual({ passed: 5, failed: 1, skipped: 1 })
    expect(countVitest(join(folder, 'missing.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })
})

describe('the stamp of a build', () => {
  it('changes with a source, its name or its absence, and with nothing else', () => {
    writeFileSync(join(folder, 'app.vue'), 'one')
    const first = sourcesHash(folder)
    writeFileSync(join(folder, 'README.md'), 'words')
    expect(sourcesHash(folder)).toBe(first)
    writeFileSync(join(folder, 'app.vue'), 'two')
    const second = sourcesHash(folder)
    expect(second).not.toBe(first)
    rmSync(join(folder, 'app.vue'))
    writeFileSync(join(folder, 'error.vue'), 'two')
    expect(new Set([first, second, sourcesHash(folder)]).size).toBe(3)
    writeFileSync(join(folder, 'error.vue'), 'one')
    rmSync(join(folder, 'error.vue'))
    writeFileSync(join(folder, 'app.vue'), 'one')
    expect(sourcesHash(folder)).toBe(first)
    expect(hashOf(folder, ['nothing'])).toBe(hashOf(folder, []))
  })
})
