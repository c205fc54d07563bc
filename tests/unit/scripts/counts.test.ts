import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countPlaywright, countProgram, countVitest } from '../../../scripts/counts.mjs'
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
  const vitest = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, testResults: [] as object[] }
  const playwright = { stats: { expected: 3, unexpected: 0, flaky: 0, skipped: 0 }, suites: [] as object[], errors: [] as object[] }

  it('are what the runner reports', () => {
    expect(countVitest(report(vitest), 0)).toEqual({ passed: 5, failed: 0, skipped: 1, failures: [] })
    expect(countVitest(report({ ...vitest, numFailedTests: 2 }), 1)).toMatchObject({ passed: 5, failed: 2, skipped: 1 })
    expect(countPlaywright(report({ ...playwright, stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 0 } }), 1)).toMatchObject({ passed: 3, failed: 2, skipped: 0 })
  })

  it('never hide that the runner failed', () => {
    expect(countVitest(report(vitest), 1)).toMatchObject({ passed: 5, failed: 1, skipped: 1, failures: [expect.stringContaining('exit code is 1')] })
    expect(countVitest(join(folder, 'missing.json'), 0)).toMatchObject({ passed: 0, failed: 1, skipped: 0, failures: [expect.stringContaining('no report')] })
    expect(countProgram(2)).toMatchObject({ passed: 0, failed: 1, failures: [expect.stringContaining('2')] })
    expect(countProgram(0)).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [] })
  })

  it('name what failed and why, of Vitest', () => {
    const { failures } = countVitest(report({
      ...vitest, numFailedTests: 1, testResults: [
        { name: 'a.test.ts', message: '', assertionResults: [{ status: 'passed', fullName: 'one', failureMessages: [] }, { status: 'failed', fullName: 'two', failureMessages: ['\u001B[31mexpected 1\u001B[39m\nto be 2'] }] },
        { name: 'b.test.ts', message: 'Cannot find module', assertionResults: [] }
      ]
    }), 1)
    expect(failures).toEqual(['a.test.ts: two\nexpected 1\nto be 2', 'b.test.ts\nCannot find module'])
  })

  it('name what failed and why, of Playwright, also where it passed in the end', () => {
    const test = (status: string, ...messages: string[]) => ({ projectName: 'phone', status, results: messages.map(message => ({ errors: [{ message }] })) })
    const specs = [{ title: 'talks', tests: [test('expected'), test('unexpected', 'no such heading')] }, { title: 'reads', tests: [test('flaky', 'too late')] }]
    const { failures } = countPlaywright(report({ ...playwright, stats: { ...playwright.stats, unexpected: 1, flaky: 1 }, errors: [{ message: 'no browser' }], suites: [{ file: 'a.spec.ts', suites: [{ file: 'a.spec.ts', specs }] }] }), 1)
    expect(failures).toEqual(['before any test\nno browser', '[phone] a.spec.ts: talks\nno such heading', '[phone] a.spec.ts: reads\ntoo late'])
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
