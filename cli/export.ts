import { existsSync, renameSync, rmSync } from 'node:fs'
import { checkExport, exportFrom } from '../server/core/transfer'
import { openTransfer } from '../server/drivers/transfer'
import { parseConfig } from '../server/utils/config'
import { readLines, writeLines } from './lines'
import { report, reportCount } from './progress'

const FORCE = '--force'
const HASHES = '--with-password-hashes'

/**
 * `chatly export FILE [--with-password-hashes] [--force]`: writes everything in the storage that the environment names into FILE, as it is at this moment, and reads
 * the file once more. An existing file is kept unless forced, and then until the new one is good. Throws an Error with one line for the person at the terminal.
 */
export async function exportAll(args: string[]): Promise<void> {
  const [file, ...rest] = args.filter(arg => arg !== FORCE && arg !== HASHES)
  if (file === undefined || file.startsWith('-') || rest.length > 0) throw new Error(`Usage: chatly export FILE [${HASHES}] [${FORCE}]`)
  if (existsSync(file) && !args.includes(FORCE)) throw new Error(`${file} exists. Choose another name, or add ${FORCE} to replace it.`)
  const draft = `${file}.part`
  rmSync(draft, { force: true })
  const source = await openTransfer(parseConfig(process.env))
  try {
    const lines = exportFrom(source, { passwordHashes: args.includes(HASHES) }, done => reportCount('Exporting', done))
    await writeLines(draft, lines)
    const { entries, counts, sha256 } = await checkExport(readLines(draft, (done, total) => report('Checking', done, total)))
    reportCount('Exported', entries + 2, true)
    renameSync(draft, file)
    console.log(`Saved and checked: ${file}\n${counts.user} people, ${counts.room} rooms, ${counts.event} events. SHA-256 of the entries: ${sha256}`)
    console.error(args.includes(HASHES)
      ? 'It has the hashes of all passwords in it: keep it as safe as the site itself.'
      : 'It has no passwords in it: where it is taken in, people set new ones, and so do the owners of rooms with a password.')
  } finally {
    rmSync(draft, { force: true })
    await source.close()
  }
}
