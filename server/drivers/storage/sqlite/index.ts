import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Storage } from '../../../core/ports'
import { createPulse } from '../pulse'
import { openDatabase, unavailable } from './database'
import { createEventReads } from './events'
import { filesOf } from './files'
import { createModerationReads } from './moderation'
import { createPeopleReads } from './people'
import { enterFolder } from './prepare'
import { createWriteQueue } from './queue'
import type { WriterOptions } from './requests'
import { createRoomReads } from './rooms'
import { createSweep } from './watch'
import writerUrl from './writer?worker-url'

export interface SqliteOptions {
  /** The data folder; made when missing. */
  folder: string
  /** Other processes use the folder too (they must ring each other over Redis). */
  shared?: boolean
  /** Go on even when another process has the folder. */
  ignoreLock?: boolean
  /** How long to wait for another process's lock on the database, in milliseconds. */
  wait?: number
  /** Told when the writer fails (it is started again by itself, a few times), and when other processes' commits can't be looked for (once per outage). */
  onTrouble?: (error: unknown) => void
}

/** A check that went well is not made again for so long, ms. */
const PULSE = 1_000
/** How long a read may wait for another process, ms. */
const READER_WAIT = 250

/**
 * Storage in one SQLite file. One writer in a worker thread commits in groups; reads are on this thread, each a snapshot of its own.
 * Rejects with `conflict` when another process has the folder, or when the file is of a newer Chatly.
 */
export default async function openSqlite(options: SqliteOptions): Promise<Storage> {
  const { folder, shared = false, ignoreLock = false, wait = 5_000, onTrouble = error => console.error('storage:', error) } = options
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files = filesOf(folder)
  const several = shared || ignoreLock
  const { epoch, line, leave } = await enterFolder(folder, { several, force: ignoreLock, wait })
  try {
    const origin = several ? randomBytes(9).toString('base64url') : null
    const workerData: WriterOptions = { database: files.database, sidecar: files.position, line, epoch, origin, wait }
    const reader = openDatabase(files.database, { readonly: true, wait })
    // Readers wait for nobody but for one who repairs the log after a crash. This thread must not stand still for long.
    reader.pragma(`busy_timeout = ${READER_WAIT}`)
    const sweep = origin === null ? null : createSweep(reader, origin, onTrouble)
    const queue = createWriteQueue(() => new Worker(new URL(writerUrl), { workerData, name: 'chatly-writer' }), onTrouble)
    const { write } = queue
    const pulse = createPulse(async () => { await write('check', null) }, PULSE)
    let closed: Promise<void> | undefined
    return {
      epoch,
      append: items => write('append', items),
      ...createEventReads(reader),
      ...createRoomReads(reader),
      createRoom: room => write('createRoom', room),
      deleteRoom: deletion => write('deleteRoom', deletion),
      markRead: (room, user, seq) => write('markRead', { room, user, seq }),
      ...createModerationReads(reader),
      createInvite: (invite, requires) => write('createInvite', { invite, requires }),
      revokeInvite: (invite, requires) => write('revokeInvite', { invite, requires }),
      createReport: (report, requires) => write('createReport', { report, requires }),
      closeReports: (report, requires) => write('closeReports', { report, requires }),
      noteAudit: async (entry) => { await write('noteAudit', entry) },
      ...createPeopleReads(reader),
      firstAccount: (account, room) => write('firstAccount', { account, room }),
      createAccount: account => write('createAccount', account),
      setSecret: (kind, user, secretHash, { was, endSessions } = {}) =>
        write('setSecret', { kind, user, secretHash, was: was ?? null, endSessions: endSessions ? { except: endSessions.except ?? null } : null }),
      addCredential: (user, credential) => write('addCredential', { user, credential }),
      verifyCredential: (kind, user, subject, at) => write('verifyCredential', { kind, user, subject, at }),
      upgradeGuest: guest => write('upgradeGuest', guest),
      setAdmin: change => write('setAdmin', change),
      setDisabled: change => write('setDisabled', change),
      setSettings: change => write('setSettings', change),
      rename: async (user, name) => { await write('rename', { user, name }) },
      deleteAccount: (user, at) => write('deleteAccount', { user, at }),
      createSession: session => write('createSession', session),
      touchSession: async (idHash, at) => { await write('touchSession', { idHash, at }) },
      endSessions: (user, which) => write('endSessions', { user, ...which }),
      endStaleSessions: before => write('endStaleSessions', before),
      watch: (listen) => { sweep?.watch(listen) },
      check: () => closed ? Promise.reject(unavailable()) : pulse(),
      close() {
        sweep?.close()
        return closed ??= queue.close(() => reader.close()).finally(leave)
      }
    }
  } catch (error) {
    leave()
    throw error
  }
}
