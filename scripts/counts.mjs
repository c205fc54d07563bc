import { existsSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Counts `failures`: which tests failed, and what each said */

/** What a failure says at the end of the run, where a log that is cut short still has it; all of it stands where it happened. */
const MOST_LINES = 25

/**
 * What a runner reported, never kinder than its exit code: a crash, a file that could not be loaded, or no report at all is a failure.
 * @param {string} file @param {number} code @param {(report: any) => Counts} read
 * @returns {Counts}
 */
function counts(file, code, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, failures: [`there is no report, and the exit code is ${code}`] }
  const found = read(JSON.parse(readFileSync(file, 'utf8')))
  if (code === 0 || found.failed > 0) return found
  return { ...found, failed: 1, failures: [...found.failures, `no test failed, and the exit code is ${code}`] }
}

/** @param {string} name @param {string[]} messages */
const failure = (name, messages) =>
  [name, ...stripVTControlCharacters(messages.join('\n')).split('\n').slice(0, MOST_LINES)].join('\n')

/** Of a program that only passes or fails, and has said why. @param {number} code its exit code @returns {Counts} */
export const countProgram = code => code === 0
  ? { passed: 1, failed: 0, skipped: 0, failures: [] }
  : { passed: 0, failed: 1, skipped: 0, failures: [`its exit code is ${code}; what it found stands above`] }

/** @param {string} file Vitest's JSON report @param {number} code its exit code */
export const countVitest = (file, code) => counts(file, code, report => ({
  passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests,
  failures: report.testResults.flatMap(({ name, message, assertionResults }) => [
    ...message ? [failure(name, [message])] : [],
    ...assertionResults.filter(({ status }) => status === 'failed').map(({ fullName, failureMessages }) => failure(`${name}: ${fullName}`, failureMessages))
  ])
}))

/** @param {string} file Playwright's JSON report @param {number} code its exit code */
export const countPlaywright = (file, code) => counts(file, code, ({ stats, suites, errors }) => ({
  passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped,
  failures: [...errors.map(({ message }) => failure('before any test', [message])), ...suites.flatMap(playwrightFailures)]
}))

/** Of one suite of Playwright's report, and those in it. @returns {string[]} */
function playwrightFailures({ file, specs = [], suites = [] }) {
  const own = specs.flatMap(({ title, tests }) => tests
    .filter(({ status }) => status === 'unexpected' || status === 'flaky')
    .map(({ projectName, results }) => failure(`[${projectName}] ${file}: ${title}`, results.flatMap(({ errors }) => errors.map(({ message }) => message)))))
  return [...own, ...suites.flatMap(playwrightFailures)]
}
