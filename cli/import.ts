import { existsSync } from 'node:fs'
import { importInto } from '../server/core/transfer'
import { openTransfer } from '../server/drivers/transfer'
import { parseConfig } from '../server/utils/config'
import { readLines } from './lines'
import { report } from './progress'

/**
 * `chatly import FILE`: takes an export into the storage that the environment names, which must be empty and without a server. Aborted, it goes on where it was when
 * it is run again. In the end what is there is compared with the file. Throws an Error with one line for the person at the terminal.
 */
export async function importAll(args: string[]): Promise<void> {
  const [file, ...rest] = args
  if (file === undefined || file.startsWith('-') || rest.length > 0) throw new Error('Usage: chatly import FILE')
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const target = await openTransfer(parseConfig(process.env))
  try {
    let passes = 0
    const lines = () => readLines(file, passes++ === 0 ? (done, total) => report('Checking', done, total) : undefined)
    const { counts, passwordHashes } = await importInto(target, lines, {
      write: (done, total) => report('Importing', done, total),
      compare: (done, total) => report('Comparing', done, total)
    })
    console.log(`Imported, and the same as the file: ${counts.user} people, ${counts.room} rooms, ${counts.event} events.`)
    if (!passwordHashes) console.error('The file has no passwords: people set new ones by "Forgot your password?", or by a link that you make for them.')
  } finally {
    await target.close()
  }
}
