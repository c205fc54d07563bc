import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail, say, seconds } from './progress.mjs'
import { isStamped, lockHash, sourcesHash, stamp } from './stamp.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')
const modules = join(root, 'node_modules')
const output = join(root, '.output')
export const server = join(output, 'server', 'index.mjs')
const lockStamp = join(modules, '.chatly-lock')
const steps = { 'Client built': 'browser side done', 'Server built': 'pages done', 'Building Nuxt Nitro server': 'putting the server together' }
const buildStamp = join(output, '.chatly-sources')

/** Ends with one line when this Node is too old for what follows. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) fail(`Chatly needs Node 20.19 or newer; this is ${process.versions.node}. Install it from https://nodejs.org and try again.`)
}

/**
 * Runs a program to its end, its output going to ours.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', ...options })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
}

/** Whether npm's own record of what it installed agrees with package-lock.json, as after a developer's `npm install`. */
function isInstalledAsLocked() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record)) return false
  const [wanted, found] = [join(root, 'package-lock.json'), record].map(file => JSON.parse(readFileSync(file, 'utf8')).packages)
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || entry.peer || found[path]?.version === entry.version)
}

/** Installs what package-lock.json says, unless it is there already and was compiled for this Node. */
export async function ensureInstalled() {
  const node = `${process.versions.modules} `
  const wanted = node + lockHash(root)
  const found = existsSync(lockStamp) ? readFileSync(lockStamp, 'utf8') : null
  if (found === wanted) return
  if ((found ?? node).startsWith(node) && isInstalledAsLocked()) return stamp(lockStamp, wanted)
  say(existsSync(modules) ? 'The packages changed: installing …' : 'Installing packages (the first time takes a few minutes) …')
  if (await run('npm', ['ci', '--no-audit', '--no-fund']) !== 0) fail('npm ci failed, see above. Its message says what is missing (often network, or python3, make and g++ for better-sqlite3).')
  stamp(lockStamp, wanted)
  say(`Packages installed (${seconds()} s).`)
}

/** Builds the server, unless the build is of these very sources. What the build prints is shown when it fails. */
export async function ensureBuilt() {
  const wanted = sourcesHash(root)
  if (existsSync(server) && isStamped(buildStamp, wanted)) return
  say(existsSync(server) ? 'The sources changed: building …' : 'Building (about a minute) …')
  rmSync(buildStamp, { force: true })
  const env = { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' }
  const child = spawn(process.execPath, [join(modules, 'nuxt', 'bin', 'nuxt.mjs'), 'build'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text
      if (process.env.CHATLY_VERBOSE) process.stdout.write(text)
      for (const [, step] of text.matchAll(/(Client built|Server built|Building Nuxt Nitro server)/g)) say(`  ${steps[step]} (${seconds()} s)`)
    })
  }
  const code = await new Promise(resolve => child.on('close', resolve))
  if (code !== 0) fail(`The build failed:\n${printed}`)
  stamp(buildStamp, wanted)
  say(`Built (${seconds()} s).`)
}
