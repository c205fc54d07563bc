import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, say, seconds } from './progress.mjs'
import { root, run } from './prepare.mjs'

const folder = join(root, 'tools', 'firebase')
const installed = () => join(folder, 'node_modules', 'firebase-tools', 'package.json')
const versionIn = (file, of) => existsSync(file) ? of(JSON.parse(readFileSync(file, 'utf8'))) : null

/** Installs Google's emulator of Firebase Auth, which has a folder and a lock of its own, unless it is there. Gives what it is, for the run to say. */
export async function ensureAuthEmulator() {
  const wanted = versionIn(join(folder, 'package.json'), ({ dependencies }) => dependencies['firebase-tools'])
  if (versionIn(installed(), ({ version }) => version) !== wanted) {
    say('Installing the Firebase Auth emulator (about a minute, once) …')
    if (await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder }) !== 0) fail('The Firebase Auth emulator could not be installed in tools/firebase, see above.')
    say(`Installed (${seconds()} s).`)
  }
  return `Firebase Auth: the emulator of firebase-tools ${wanted}, in process.`
}
