import type { Transaction } from 'firebase-admin/firestore'
import { ChatError } from '#shared/errors'
import type { Transfer } from '../../../core/transfer'
import { createClient, find, readOne } from './client'
import { checkLayout, checkThere, checkWhole, newHistory } from './history'
import type { HistoryDoc } from './layout'
import { readEverything } from './transfer-read'
import { writeEntries } from './transfer-write'

export interface FirestoreTransferOptions {
  projectId: string
  /** Told of an outage, once, in one line. */
  onTrouble?: (error: Error) => void
}

/** A transaction waits for others that change the same; nobody sits before it. */
const DEADLINE = 60_000

/**
 * Moves everything out of or into a project's Firestore. Reading is of one moment, also beside servers that run: Firestore knows the past hour. What is taken in is
 * marked as unfinished until the end, and no server starts on it.
 */
export default async function openFirestoreTransfer({ projectId, onTrouble = error => console.error(error.message) }: FirestoreTransferOptions): Promise<Transfer> {
  const client = await createClient({ projectId, onTrouble, deadline: DEADLINE })
  const { at } = client
  let importing = false

  /** The import that is going on, which must have come as far as `done` entries. */
  async function readMark(tx: Transaction): Promise<HistoryDoc & Required<Pick<HistoryDoc, 'import'>>> {
    const history = await readOne(tx, at.history)
    if (!history?.import) throw new ChatError('conflict', `Somebody else has finished this import into the project ${projectId}.`)
    return { ...history, import: history.import }
  }

  return {
    slice: 100,
    async* read() {
      const found = await client.call(() => at.history.get())
      const history = found.data() ?? null
      checkThere(history, projectId)
      if (!importing) checkWhole(history)
      yield* readEverything(client, found.readTime)
    },
    async begin(sha256) {
      const entries = await client.transaction(async (tx) => {
        const history = await readOne(tx, at.history)
        checkLayout(history)
        if (history?.import) {
          if (history.import.of === sha256) return history.import.entries
          throw new ChatError('conflict', `The import of another file into the project ${projectId} is not finished. Finish it with that file, or empty the database to start anew.`)
        }
        const [[user], [room]] = await Promise.all([find(tx, at.users.limit(1)), find(tx, at.rooms.limit(1))])
        if (user || room) throw new ChatError('conflict', `There is a Chatly with people in the project ${projectId} already. Import into an empty database.`)
        tx.set(at.history, { ...newHistory(), import: { of: sha256, entries: 0 } })
        return 0
      })
      importing = true
      return entries
    },
    write: (entries, done) => client.transaction(async (tx) => {
      const history = await readMark(tx)
      const [had, has] = [history.import.entries, done + entries.length]
      // It was written, and the answer lost.
      if (had === has) return
      if (had !== done) throw new ChatError('conflict', `Somebody else imports into the project ${projectId}.`)
      await writeEntries(client, tx, entries)
      tx.set(at.history, { ...history, import: { ...history.import, entries: has } })
    }),
    async finish() {
      await client.transaction(async (tx, { unsure }) => {
        const history = await readOne(tx, at.history)
        if (!history?.import && unsure) return
        const { import: _, ...whole } = await readMark(tx)
        tx.set(at.history, whole)
      })
    },
    close: client.close
  }
}
