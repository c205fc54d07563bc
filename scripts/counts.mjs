import { existsSync, readFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * What a runner reported, never kinder than its exit code: a crash, a file that could not be loaded, or no report at all is a failure.
 * @param {string} file @param {number} code @param {(report: any) => Counts} read
 * @returns {Counts}
 */
function counts(file, code, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const found = read(JSON.parse(readFileSync(file, 'utf8')))
  return code !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found
}

/** @param {string} file Vitest's JSON report @param {number} code its exit code */
export const countVitest = (file, code) => counts(file, code, report => ({
  passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests
}))

/** @param {string} file Playwright's JSON report @param {number} code its exit code */
export const countPlaywright = (file, code) => counts(file, code, ({ stats }) => ({
  passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped
}))
