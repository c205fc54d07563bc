import type { Accounts, Bus, Coordination, Ports, Storage } from '../core/ports'

export interface DriverConfig {
  storage: 'sqlite' | 'firestore'
  accounts: 'local' | 'firebase'
  redisUrl?: string
  /** Folder of the SQLite file. */
  dataFolder: string
  /** Start although another process seems to use the same storage. */
  singleInstanceOverride: boolean
}

/**
 * Opens the drivers that the configuration names: the only place that knows their names. Each is a chunk of its own, loaded only when it is used.
 * Throws an Error with one line, which names the variable, for a driver that is unknown or not available.
 */
export async function openDrivers(config: DriverConfig): Promise<Ports> {
  const [storageOf, accountsOf] = [storageDriver(config), accountsDriver(config)]
  const { bus, coordination } = await openShared(config)
  const storage = await storageOf()
  return { storage, bus, coordination, accounts: await accountsOf(storage), clock: { now: Date.now } }
}

function storageDriver(config: DriverConfig): () => Promise<Storage> {
  switch (config.storage) {
    case 'sqlite':
      return async () => (await import('./storage/sqlite/index')).default({
        folder: config.dataFolder, shared: config.redisUrl !== undefined, ignoreLock: config.singleInstanceOverride
      })
    default:
      throw notAvailable('CHATLY_STORAGE', config.storage, 'sqlite')
  }
}

function accountsDriver(config: DriverConfig): (storage: Storage) => Promise<Accounts> {
  switch (config.accounts) {
    case 'local':
      return async storage => (await import('./accounts/local')).default({ storage })
    default:
      throw notAvailable('CHATLY_ACCOUNTS', config.accounts, 'local')
  }
}

async function openShared(config: DriverConfig): Promise<{ bus: Bus, coordination: Coordination }> {
  if (config.redisUrl !== undefined) throw new Error('REDIS_URL is set, but this version has no Redis driver yet. Remove it to run one instance.')
  const [bus, coordination] = await Promise.all([import('./bus/memory'), import('./coordination/memory')])
  return { bus: bus.default(), coordination: coordination.default() }
}

const notAvailable = (variable: string, name: string, available: string) =>
  new Error(`${variable} is "${name}", but this version has no such driver. Available: ${available}.`)
