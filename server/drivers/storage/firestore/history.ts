import { randomBytes } from 'node:crypto'
import { ChatError } from '#shared/errors'
import { type HistoryDoc, LAYOUT } from './layout'

/** Of a new database: positions that clients hold mean nothing in it. */
export const newHistory = (): HistoryDoc => ({ epoch: randomBytes(12).toString('base64url'), layout: LAYOUT })

/** @throws ChatError conflict where the database is of a newer Chatly */
export function checkLayout(history: HistoryDoc | null): void {
  if (!history || history.layout <= LAYOUT) return
  throw new ChatError('conflict', `The database was written by a newer Chatly (layout ${history.layout}, this one knows ${LAYOUT}); start that version.`)
}

/** @throws ChatError conflict where there is no Chatly, or one of a newer version */
export function checkThere(history: HistoryDoc | null, projectId: string): asserts history is HistoryDoc {
  if (!history) throw new ChatError('conflict', `There is no Chatly in the project ${projectId}. Check FIREBASE_PROJECT_ID.`)
  checkLayout(history)
}

/** @throws ChatError conflict while an import goes on, or where one was aborted */
export function checkWhole(history: HistoryDoc | null): void {
  if (history?.import) throw new ChatError('conflict', 'An import into this database has begun and is not finished. Run it again with the same file; what is there already stays.')
}
