import type { PeopleStore } from '../core/ports'
import type { DriverConfig } from './index'

/** Accounts by how they sign in, for the command line. Only reads. */
export interface Credentials extends Pick<PeopleStore, 'credential'> { close: () => Promise<void> }

/** Opens the accounts in the storage that the configuration names. Throws an Error with one line, which names the variable. */
export async function openCredentials({ storage, dataFolder, firebase }: Pick<DriverConfig, 'storage' | 'dataFolder' | 'firebase'>): Promise<Credentials> {
  if (storage === 'sqlite') return (await import('./storage/sqlite/credentials')).default({ folder: dataFolder })
  if (!firebase) throw new Error('FIREBASE_PROJECT_ID must be set with CHATLY_STORAGE=firestore.')
  return (await import('./storage/firestore/credentials')).default({ projectId: firebase.projectId })
}
