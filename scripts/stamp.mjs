import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the built server is made from. Tests, benchmarks and documents are not. */
const SOURCES = [
  'app.vue', 'error.vue', 'app.config.ts', 'nuxt.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'assets', 'build', 'cli', 'components', 'composables',
  'layouts', 'locales', 'middleware', 'pages', 'plugins', 'public', 'server', 'shared', 'stores', 'utils'
]

function* filesOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return
  if (!stat.isDirectory()) yield path
  else for (const name of readdirSync(path).sort()) if (!name.startsWith('.')) yield* filesOf(join(path, name))
}

/**
 * A hash of the content of files and folders: unlike their times it survives a clone, a copy and a checkout of what was there before.
 * @param {string} root
 * @param {string[]} names relative to root; missing ones count as absent
 * @returns {string}
 */
export function hashOf(root, names) {
  const hash = createHash('sha256').update(process.versions.modules)
  for (const name of names) {
    for (const file of filesOf(join(root, name))) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** @param {string} root */
export const sourcesHash = root => hashOf(root, SOURCES)
/** @param {string} root */
export const lockHash = root => hashOf(root, ['package-lock.json'])

/** @param {string} file @param {string} value */
export const isStamped = (file, value) => existsSync(file) && readFileSync(file, 'utf8') === value

/** @param {string} file @param {string} value */
export function stamp(file, value) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, value)
}
