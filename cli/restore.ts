import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { openDatabase } from '../server/drivers/storage/sqlite/database'
import { stampEpoch } from '../server/drivers/storage/sqlite/epoch'
import { filesOf } from '../server/drivers/storage/sqlite/files'
import { tryLock, whileStarting } from '../server/drivers/storage/sqlite/lock'
import { adoptRestored } from '../server/drivers/storage/sqlite/prepare'
import { copyDatabase, dataFolder } from './copy'

/**
 * `chatly restore FILE`: checks a backup and puts it in the place of the current database, which is kept beside it. Under a new epoch, so that
 * everybody's browser loads afresh. While a server runs, the backup is laid ready for its next start. Throws an Error with one line.
 */
export async function restore(args: string[]): Promise<void> {
  const [file, ...rest] = args
  if (file === undefined || file.startsWith('-') || rest.length > 0) throw new Error('Usage: chatly restore FILE')
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const folder = dataFolder()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { restored } = filesOf(folder)
  await copyDatabase(file, `${restored}.part`, 'Checking')
  newEpoch(`${restored}.part`)
  renameSync(`${restored}.part`, restored)
  const kept = await whileStarting(folder, () => {
    const unlock = tryLock(folder, 'alone')
    try {
      return unlock ? adoptRestored(folder) : undefined
    } finally {
      unlock?.()
    }
  })
  if (kept === undefined) {
    console.log('Chatly is running: it takes the backup in at its next start. Restart it soon (all of its processes, where there are several: stop every one before'
      + ' the first starts again). What is said until then stays in the old data, which is kept.')
    return
  }
  console.log(`Restored: ${file}${kept === null ? '' : `\nThe data from before is kept: ${kept}`}`)
}

function newEpoch(file: string): void {
  const db = openDatabase(file, { journal: 'DELETE' })
  stampEpoch(db)
  db.close()
}
