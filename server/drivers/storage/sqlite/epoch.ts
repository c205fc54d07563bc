import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Db } from './database'

const format = (epoch: string, pos: number) => `${epoch} ${String(pos).padStart(16, '0')}\n`

/** Highest `pos` ever given out by this file. */
export function highestPos(db: Db): number {
  return db.prepare<[], number>('SELECT seq FROM sqlite_sequence WHERE name = \'events\'').pluck().get() ?? 0
}

export const epochOf = (db: Db) => db.prepare<[], string>('SELECT value FROM meta WHERE key = \'epoch\'').pluck().get() ?? null

/** Starts a new history in this file: positions that clients hold mean nothing from here on. */
export function stampEpoch(db: Db): string {
  const epoch = randomBytes(12).toString('base64url')
  db.prepare('INSERT INTO meta (key, value) VALUES (\'epoch\', ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(epoch)
  return epoch
}

/** Writes the sidecar as a whole; `writePosition` then only overwrites it in place. */
export function resetSidecar(file: string, epoch: string, pos: number): void {
  const fd = openSync(file, 'w')
  writeSync(fd, format(epoch, pos))
  closeSync(fd)
}

export const writePosition = (fd: number, epoch: string, pos: number) => { writeSync(fd, format(epoch, pos), 0) }

function readSidecar(file: string): { epoch: string, pos: number } | null {
  try {
    const match = /^([\w-]+) (\d{16})\n$/.exec(readFileSync(file, 'utf8'))
    return match && { epoch: match[1]!, pos: Number(match[2]) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * The epoch of this database, a new one where the sidecar does not vouch for it: the file is new, an older copy was put back (it is behind the
 * sidecar), or it came from elsewhere (no sidecar, or one of another epoch).
 */
export function settleEpoch(db: Db, sidecar: string): string {
  // The sidecar first: beside a running process, the database is then never behind it.
  const seen = readSidecar(sidecar)
  const epoch = epochOf(db)
  const pos = highestPos(db)
  if (epoch !== null && seen?.epoch === epoch && seen.pos <= pos) return epoch
  const next = stampEpoch(db)
  resetSidecar(sidecar, next, pos)
  return next
}
