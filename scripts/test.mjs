#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureBuilt, ensureInstalled, requireNode, root, run } from './prepare.mjs'
import { ensureAuthEmulator } from './auth-emulator.mjs'
import { countPlaywright, countProgram, countVitest } from './counts.mjs'
import { fail, say, seconds } from './progress.mjs'

// `npm test` runs everything; `npm test -- unit server` runs those suites. The last line is `N passed, N failed`.
// Chromium without a window is the quicker one, and the smaller package.
const CHROMIUM = process.env.CHROMIUM || findProgram('chromium-headless-shell', 'chromium')
const REDIS = process.env.CHATLY_TEST_REDIS || findProgram('redis-server')

requireNode()
process.chdir(root)
const folder = mkdtempSync(join(tmpdir(), 'chatly-test-'))
const bin = (name, ...path) => join(root, 'node_modules', name, ...path)
const report = name => join(folder, `${name}.json`)

const vitest = name => ({
  name, command: [bin('vitest', 'vitest.mjs'), 'run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${report(name)}`],
  count: code => countVitest(report(name), code)
})
const program = (name, ...command) => ({ name, command, count: code => countProgram(code) })

const suites = {
  lint: program('lint', bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'),
  types: program('types', bin('vue-tsc', 'bin', 'vue-tsc.js'), '--noEmit'),
  knip: program('knip', bin('knip', 'bin', 'knip.js')),
  unit: vitest('unit'),
  contract: vitest('contract'),
  server: vitest('server'),
  chaos: vitest('chaos'),
  browser: {
    name: 'browser', command: [bin('@playwright/test', 'cli.js'), 'test', '--reporter=list,json'], env: { CHROMIUM, PLAYWRIGHT_JSON_OUTPUT_NAME: report('browser') },
    count: code => countPlaywright(report('browser'), code)
  }
}
/** Lanes of one row run side by side: contract and server tests wait more than they work. Rows, which are sensitive to load or take all there is, one after another. */
const rows = [[['lint', 'knip', 'types', 'server'], ['unit', 'contract']], [['chaos']], [['browser']]]

const wanted = process.argv.slice(2)
const unknown = wanted.find(name => !(name in suites))
if (unknown) fail(`There is no suite "${unknown}". There are: ${Object.keys(suites).join(', ')}.`)
const chosen = name => wanted.length === 0 || wanted.includes(name)

await ensureInstalled()
await ensureDebian([
  ...chosen('browser') ? [{ name: 'Chromium', file: CHROMIUM, package: 'chromium-headless-shell', otherwise: 'set CHROMIUM to its path' }] : [],
  ...['contract', 'server', 'chaos'].some(chosen) ? [{ name: 'Redis', file: REDIS, package: 'redis-server', otherwise: 'set CHATLY_TEST_REDIS to the path of a redis-server or valkey-server' }] : []
])
const emulators = chosen('server') || chosen('browser') ? [await ensureAuthEmulator()] : []
if (chosen('server') || chosen('chaos') || chosen('browser')) await ensureBuilt()
const results = []
for (const row of rows) {
  await Promise.all(row.map(async (lane) => {
    for (const name of lane) if (chosen(name)) results.push(await runSuite(suites[name]))
  }))
}
rmSync(folder, { recursive: true, force: true })
for (const { name, passed, failed, skipped, took } of results) say(`${name.padEnd(9)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''} (${took.toFixed(0)} s)`)
for (const line of emulators) say(line)
for (const { name, failures } of results) for (const line of failures) console.error(`✖ ${name}: ${line.replaceAll(`${root}/`, '')}`)
say(`Everything took ${seconds()} s.`)
const total = key => results.reduce((sum, result) => sum + result[key], 0)
if (total('failed') > 0) process.exitCode = 1
console.info(`${total('passed')} passed, ${total('failed')} failed`)

/** Runs one suite, its output shown as it comes, each line with the suite's name. */
async function runSuite({ name, command, env, count }) {
  say(`${name} …`)
  const started = Date.now()
  const child = spawn(process.execPath, command, { cwd: root, env: { ...testEnvironment(), CHATLY_TEST_REDIS: REDIS, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', line => console.info(`[${name}] ${line}`))
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1))
    child.on('close', resolve)
  })
  return { name, ...count(code ?? 1), took: (Date.now() - started) / 1000 }
}

/** Ours without the settings of a Chatly that somebody runs from the same shell. */
function testEnvironment() {
  const own = Object.entries(process.env).filter(([name]) => !/^(CHATLY_|FIREBASE_|FIRESTORE_EMULATOR_HOST$|GOOGLE_|REDIS_URL$|SMTP_URL$|MAIL_FROM$|PORT$|HOST$|NODE_ENV$)/.test(name))
  return { ...Object.fromEntries(own), NUXT_TELEMETRY_DISABLED: '1', VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true', NO_UPDATE_NOTIFIER: '1' }
}

/** Where the first of these programs that the path has is; where none is, where Debian would put the first. */
function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(':')
  const places = names.flatMap(name => folders.map(folder => join(folder, name)))
  return places.find(file => existsSync(file)) ?? `/usr/bin/${names[0]}`
}

/** Installs the programs that tests use and that are not here from Debian's packages where we may, else says what to do. */
async function ensureDebian(programs) {
  const missing = programs.filter(({ file }) => !existsSync(file))
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(' and ')
  const packages = missing.map(program => program.package)
  const advice = `install it (Debian: sudo apt-get install ${packages.join(' ')}), or ${missing.map(({ otherwise }) => otherwise).join(', ')}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) fail(`The tests need ${names}: ${advice}.`)
  say(`Installing ${names} …`)
  // A package that starts a service must not start it here: the tests have their own, on free ports.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  if (await run('apt-get', ['update', '-qq'], { env }) !== 0) say('The package lists could not be refreshed; trying with those that are here.')
  if (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env }) !== 0) fail(`${names} could not be installed, see above: ${advice}.`)
}
