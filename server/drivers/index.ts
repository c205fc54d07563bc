import type { Provider } from '../core/google'
import type { Post } from '../core/mail'
import type { Accounts, Ports, Storage } from '../core/ports'
import type { RedisAddress } from './redis/url'

export interface DriverConfig {
  storage: 'sqlite' | 'firestore'
  accounts: 'local' | 'firebase'
  /** What instances share; null: this process is all there is. */
  redis: RedisAddress | null
  /** Key material: what instances say to each other over Redis is signed with it. */
  secret: string
  /** Folder of the SQLite file. */
  dataFolder: string
  /** Start although another process seems to use the same storage. */
  singleInstanceOverride: boolean
  /** Where we are reached; the first stands in the links of mails. */
  origins: readonly string[]
  smtpUrl: string | null
  mailFrom: string | null
  google: { clientId: string, clientSecret: string, issuer: string } | null
  firebase: { projectId: string } | null
}

/** `bus`: the others are not heard, and nothing is shared. `coordination`: they are heard, but Redis refuses to keep what is shared. */
export type Degraded = 'bus' | 'coordination'

export interface Drivers extends Ports {
  /** null: this site sends no mail. */
  post: Post | null
  /** null: signing in with Google is not offered. */
  provider: Provider | null
  /** What instances share and is missing now, without stopping anything. */
  degraded: () => Degraded[]
  /** Finishes what was begun, then lets go of everything, in the right order. */
  close: () => Promise<void>
}

/**
 * Opens the drivers that the configuration names: the only place that knows their names. Each is a chunk of its own, loaded only when it is used.
 * Throws an Error with one line, which names the variable, for a driver that is unknown or not available.
 */
export async function openDrivers(config: DriverConfig): Promise<Drivers> {
  const [storageOf, accountsOf] = [storageDriver(config), accountsDriver(config)]
  // First: it may be refused, and then nobody hears of this process.
  const storage = await storageOf()
  const { bus, coordination, degraded, disconnect } = await openShared(config, storage.epoch)
  const [post, provider] = await Promise.all([openPost(config), openProvider(config)])
  return {
    storage, bus, coordination, accounts: await accountsOf(storage), clock: { now: Date.now }, post, provider, degraded,
    async close() {
      await post?.mailer.close()
      await bus.close()
      await coordination.close()
      await disconnect()
      await storage.close()
    }
  }
}

function storageDriver(config: DriverConfig): () => Promise<Storage> {
  switch (config.storage) {
    case 'sqlite':
      return async () => (await import('./storage/sqlite/index')).default({
        folder: config.dataFolder, shared: config.redis !== null, ignoreLock: config.singleInstanceOverride
      })
    case 'firestore': {
      const { firebase } = config
      if (!firebase) throw new Error('FIREBASE_PROJECT_ID must be set with CHATLY_STORAGE=firestore.')
      const several = config.redis !== null || config.singleInstanceOverride
      return async () => (await import('./storage/firestore/index')).default({
        projectId: firebase.projectId, several,
        // Whoever has lost the database ends as on SIGTERM: what was begun is finished, and whoever supervises us starts anew.
        lease: { mode: config.singleInstanceOverride ? 'none' : several ? 'share' : 'hold', onLost: () => process.kill(process.pid, 'SIGTERM') }
      })
    }
    default:
      throw notAvailable('CHATLY_STORAGE', config.storage, 'sqlite, firestore')
  }
}

function accountsDriver(config: DriverConfig): (storage: Storage) => Promise<Accounts> {
  switch (config.accounts) {
    case 'local':
      return async storage => (await import('./accounts/local')).default({ storage })
    case 'firebase': {
      const { firebase } = config
      if (!firebase) throw new Error('FIREBASE_PROJECT_ID must be set with CHATLY_ACCOUNTS=firebase.')
      return async () => (await import('./accounts/firebase')).default(firebase)
    }
    default:
      throw notAvailable('CHATLY_ACCOUNTS', config.accounts, 'local, firebase')
  }
}

async function openPost({ smtpUrl: url, mailFrom: from, origins: [origin] }: DriverConfig): Promise<Post | null> {
  if (url === null || from === null || origin === undefined) return null
  return { mailer: (await import('./mail/smtp')).default({ url, from }), origin }
}

async function openProvider({ google }: DriverConfig): Promise<Provider | null> {
  return google && (await import('./identity/google')).default(google)
}

interface Shared extends Pick<Drivers, 'bus' | 'coordination' | 'degraded'> { disconnect: () => Promise<void> }

/**
 * What instances share: over Redis where there is one, else this process is all there is. `disconnect` comes after both were closed.
 * `epoch`: a copy of a site that was restored elsewhere with the same secret is another conversation, also on the same Redis.
 */
async function openShared({ redis: address, secret: own }: DriverConfig, epoch: string): Promise<Shared> {
  if (!address) {
    const [bus, coordination] = await Promise.all([import('./bus/memory'), import('./coordination/memory')])
    return { bus: bus.default(), coordination: coordination.default(), degraded: () => [], disconnect: async () => {} }
  }
  const [redis, bus, coordination] = await Promise.all([import('./redis/link'), import('./bus/redis'), import('./coordination/redis/index')])
  const link = redis.default({ address })
  const secret = `${own} ${epoch}`
  return {
    bus: bus.default({ link, secret }), coordination: coordination.default({ link, secret }),
    degraded: () => link.state() !== 'up' ? ['bus'] : link.refuses() ? ['coordination'] : [],
    disconnect: link.close
  }
}

const notAvailable = (variable: string, name: string, available: string) =>
  new Error(`${variable} is "${name}", but this version has no such driver. Available: ${available}.`)
