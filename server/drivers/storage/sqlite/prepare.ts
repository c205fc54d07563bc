import { closeSync, existsSync, openSync } from 'node:fs'
import { ChatError } from '#shared/errors'
import { openDatabase } from './database'
import { claimLine, epochOf, highestPos, resetSidecar, settleEpoch } from './epoch'
import { filesOf, swapIn } from './files'
import { refused, tryLock, whileStarting } from './lock'
import { checkSchema, migrate, migrations, schemaVersion } from './schema'

/** A process's place in a data folder. */
export interface Place {
  epoch: string
  /** Its line in the sidecar. */
  line: number
  /** Lets go of the folder. */
  leave: () => void
}

/**
 * Comes into a data folder, alone or beside others that are there in the same way (`several`), and makes it ready where nobody else is there.
 * `force`: whoever seems to be there is gone. `wait`: for locks on the database, ms. Rejects with `conflict` when another process is in the way.
 */
export async function enterFolder(folder: string, { several, force, wait }: { several: boolean, force: boolean, wait: number }): Promise<Place> {
  return whileStarting(folder, () => {
    const alone = tryLock(folder, 'alone')
    let epoch: string | null = null
    if (alone) {
      try {
        adoptRestored(folder)
        epoch = prepareDatabase(folder, { alone: true, wait }).epoch
      } catch (error) {
        alone()
        throw error
      }
      if (!several) return { epoch, line: 0, leave: alone }
      alone()
    }
    const leave = several ? tryLock(folder, 'shared') : null
    if (!leave && !force) throw refused(folder)
    try {
      return { ...epoch === null ? join(folder, { force: !leave, wait }) : { epoch, line: 0 }, leave: leave ?? (() => {}) }
    } catch (error) {
      leave?.()
      throw error
    }
  })
}

/** Brings the schema up to date and settles the epoch. */
function prepareDatabase(folder: string, { alone, wait }: { alone: boolean, wait: number }): Omit<Place, 'leave'> {
  const files = filesOf(folder)
  // Password hashes are in it: for its owner only, wherever the folder is. SQLite gives its other files the same mode.
  closeSync(openSync(files.database, 'a', 0o600))
  const db = openDatabase(files.database, { wait })
  try {
    checkSchema(db)
    migrate(db)
    const epoch = settleEpoch(db, files.position, { alone })
    return { epoch, line: alone ? 0 : claimLine(files.position, epoch, highestPos(db)) }
  } finally {
    db.close()
  }
}

/** Takes what those who are there have made ready. Nothing may be moved or changed under them: the schema must be theirs. */
function join(folder: string, { force, wait }: { force: boolean, wait: number }): Omit<Place, 'leave'> {
  if (force) return prepareDatabase(folder, { alone: false, wait })
  const files = filesOf(folder)
  const db = openDatabase(files.database, { wait })
  try {
    checkSchema(db)
    const epoch = epochOf(db)
    if (epoch === null || schemaVersion(db) !== migrations.length) {
      throw new ChatError('conflict', `An older Chatly uses this data folder (${folder}). Stop all of its processes before this version starts: it has to bring the database up to date.`)
    }
    return { epoch, line: claimLine(files.position, epoch, highestPos(db)) }
  } finally {
    db.close()
  }
}

/**
 * Puts the database that `chatly restore` left in the place of the current one; gives the path of what was there, or null. Only while nobody has the
 * folder open. Interrupted halfway, it is completed at the next start.
 */
export function adoptRestored(folder: string): string | null {
  const files = filesOf(folder)
  if (!existsSync(files.restored)) return null
  const kept = swapIn(folder, files.restored, new Date())
  const db = openDatabase(files.database)
  const epoch = epochOf(db)
  if (epoch !== null) resetSidecar(files.position, epoch, highestPos(db))
  db.close()
  return kept
}
