import type { FirebaseSite } from '#shared/types'
import type { Config } from './config'

/** What the browser is told of Firebase; null where accounts are ours. */
export function firebaseSite({ accounts, firebase }: Pick<Config, 'accounts' | 'firebase'>): FirebaseSite | null {
  if (accounts !== 'firebase' || !firebase) return null
  const { projectId, apiKey, authDomain, authEmulator } = firebase
  return { projectId, apiKey, authDomain, emulator: authEmulator && `http://${authEmulator}` }
}
