import { existsSync, renameSync } from 'node:fs'
import { filesOf } from '../server/drivers/storage/sqlite/files'
import { copyDatabase, dataFolder } from './copy'

/**
 * `chatly backup FILE [--force]`: copies the database while the server may run, and checks the copy. An existing file is kept unless forced,
 * and then until the copy is good. Throws an Error with one line for the person at the terminal.
 */
export async function backup(args: string[]): Promise<void> {
  const force = args.includes('--force')
  const [file, ...rest] = args.filter(arg => arg !== '--force')
  if (file === undefined || file.startsWith('-') || rest.length > 0) throw new Error('Usage: chatly backup FILE [--force]')
  const { database } = filesOf(dataFolder())
  if (!existsSync(database)) throw new Error(`There is no Chatly in ${dataFolder()}. Set CHATLY_DATA to its data folder.`)
  if (existsSync(file) && !force) throw new Error(`${file} exists. Choose another name, or add --force to replace it.`)
  await copyDatabase(database, `${file}.part`, 'Copying')
  renameSync(`${file}.part`, file)
  console.log(`Saved and checked: ${file}`)
}
