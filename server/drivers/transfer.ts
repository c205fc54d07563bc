import type { Transfer } from '../core/transfer'
import type { DriverConfig } from './index'

/**
 * Opens the storage that the configuration names, to move everything out of it or into it. Apart from `openDrivers`, whose drivers are made of several files: the
 * command line is one. Throws an Error with one line, which names the variable.
 */
export async function openTransfer({ storage, dataFolder, firebase }: Pick<DriverConfig, 'storage' | 'dataFolder' | 'firebase'>): Promise<Transfer> {
  if (storage === 'sqlite') return (await import('./storage/sqlite/transfer')).default({ folder: dataFolder })
  if (!firebase) throw new Error('FIREBASE_PROJECT_ID must be set with CHATLY_STORAGE=firestore.')
  return (await import('./storage/firestore/transfer')).default({ projectId: firebase.projectId })
}
