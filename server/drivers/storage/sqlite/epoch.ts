import { randomBytes, randomInt } from 'node:crypto'
import { appendFileSync, readFileSync, readSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs'
import type { Db } from './database'

/**
 * The sidecar: the highest `pos` ever committed, kept outside of the database. One line for each process since the last start with nobody else there,
 * so that no process can put back what another has written; what counts is the highest.
 */
const format = (epoch: string, pos: number) => `${epoch} ${String(pos).padStart(16, '0')}\n`
/** Beyond, processes share lines: each still only ever raises what it reads there. */
const MAX_LINES = 256

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

/** Writes the sidecar anew, with one line. Only while no other process writes to it. */
export function resetSidecar(file: string, epoch: string, pos: number): void {
  // Whole or not at all: half a sidecar would vouch for nothing.
  writeFileSync(`${file}.new`, format(epoch, pos))
  renameSync(`${file}.new`, file)
}

/** Gives a process beside others a line of its own in the sidecar: the offset of it, in bytes. Only for one process at a time. */
export function claimLine(file: string, epoch: string, pos: number): number {
  const line = format(epoch, pos)
  const end = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (end >= MAX_LINES * line.length) return randomInt(MAX_LINES) * line.length
  appendFileSync(file, line)
  return end
}

/** Raises a process's line in the open sidecar. */
export function writePosition(fd: number, offset: number, epoch: string, pos: number): void {
  const line = format(epoch, pos)
  const now = Buffer.alloc(line.length)
  readSync(fd, now, 0, now.length, offset)
  // Fixed width: what is higher sorts later.
  if (now.toString('latin1') < line) writeSync(fd, line, offset)
}

function readSidecar(file: string): { epoch: string, pos: number } | null {
  try {
    const lines = readFileSync(file, 'utf8').split(/(?<=\n)/).map(line => /^([\w-]+) (\d{16})\n$/.exec(line))
    const [first] = lines
    // Of one history, every line.
    if (!first || lines.some(line => line?.[1] !== first[1])) return null
    return { epoch: first[1]!, pos: Math.max(...lines.map(line => Number(line?.[2]))) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * The epoch of this database, a new one where the sidecar does not vouch for it: the file is new, an older copy was put back (it is behind the
 * sidecar), or it came from elsewhere (no sidecar, or one of another epoch). With nobody else there, the sidecar has one line afterwards.
 */
export function settleEpoch(db: Db, sidecar: string, { alone }: { alone: boolean }): string {
  // The sidecar first: beside a running process, the database is then never behind it.
  const seen = readSidecar(sidecar)
  const epoch = epochOf(db)
  const pos = highestPos(db)
  const vouched = epoch !== null && seen?.epoch === epoch && seen.pos <= pos
  const settled = vouched ? epoch : stampEpoch(db)
  if (alone || !vouched) resetSidecar(sidecar, settled, pos)
  return settled
}
