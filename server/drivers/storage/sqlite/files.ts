import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** The files in a data folder. */
export const filesOf = (folder: string) => ({
  database: join(folder, 'chatly.db'),
  /** The highest `pos` ever committed, to recognize an old copy of the database. */
  position: join(folder, 'chatly.pos'),
  /** Locked while a server runs; has no content. */
  lock: join(folder, 'chatly.lock'),
  /** Locked while a server starts; has no content. */
  start: join(folder, 'chatly.start'),
  /** A database that `chatly restore` laid here while a server ran. */
  restored: join(folder, 'chatly.restore.db'),
  /** A database that `chatly import` fills. */
  imported: join(folder, 'chatly.import.db')
})

/** Puts a restored database in the place of the current one, which is kept; gives the path of what was kept. Only while nobody has it open. */
export function swapIn(folder: string, restored: string, now: Date): string | null {
  const { database } = filesOf(folder)
  const kept = existsSync(database) ? `${database}.before-restore-${now.toISOString().replace(/[:.]/g, '-')}` : null
  for (const suffix of ['', '-wal', '-shm']) {
    if (kept && existsSync(database + suffix)) renameSync(database + suffix, kept + suffix)
    else rmSync(database + suffix, { force: true })
  }
  renameSync(restored, database)
  return kept
}
