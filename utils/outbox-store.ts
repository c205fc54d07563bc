import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { OutboxItem } from './outbox'

/** Where the outbox and its lease are kept. All tabs of a browser see the same. */
export interface OutboxStore {
  /** Whether other tabs see it. */
  readonly shared: boolean
  /** A person's changes, in the order they were kept. */
  all: (user: string) => Promise<OutboxItem[]>
  /** Keeps a change; gives its place in line. */
  add: (item: Omit<OutboxItem, 'order'>) => Promise<number>
  /** Changes one that is kept; one that has gone meanwhile stays gone. */
  put: (item: OutboxItem) => Promise<void>
  remove: (orders: readonly number[]) => Promise<void>
  /**
   * Takes or renews the lease of a person's outbox for `tab` until `until` (ms), unless another tab holds one at `now`; `force` takes it anyway.
   * true when it is this tab's.
   */
  lease: (user: string, tab: string, now: number, until: number, force?: boolean) => Promise<boolean>
  release: (user: string, tab: string) => Promise<void>
}

interface Schema extends DBSchema {
  changes: { key: number, value: OutboxItem, indexes: { user: string } }
  leases: { key: string, value: { user: string, tab: string, until: number } }
}

type Unplaced = Omit<OutboxItem, 'order'>

type Database = IDBPDatabase<Schema>
/** Does something with the database. */
type Run = <T>(work: (db: Database) => Promise<T>) => Promise<T>

/** Opens the store of this browser: IndexedDB, or, where that is missing or forbidden (some private modes), the memory of this tab. */
export async function openOutboxStore(name = 'chatly'): Promise<OutboxStore> {
  if (typeof indexedDB === 'undefined') return memoryStore()
  try {
    return idbStore(await connect(name))
  } catch (error) {
    console.warn('Unsent messages will not survive a reload: this browser keeps no data for this site.', error)
    return memoryStore()
  }
}

/** Browsers let go of a database under a tab in the background (WebKit does, and does not always say so): it is opened again, and what failed by that is done once more. */
async function connect(name: string): Promise<Run> {
  let opened: Promise<Database> | null = null
  const forget = () => { opened = null }
  const open = () => opened ??= openDB<Schema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('changes', { keyPath: 'order', autoIncrement: true }).createIndex('user', 'user')
      db.createObjectStore('leases', { keyPath: 'user' })
    },
    terminated: forget
  }).catch((error: unknown) => {
    forget()
    throw error
  })
  await open()
  return async (work) => {
    try {
      return await work(await open())
    } catch (error) {
      if (!isLost(error)) throw error
      forget()
      return work(await open())
    }
  }
}

const isLost = (error: unknown) => error instanceof DOMException && ['InvalidStateError', 'UnknownError'].includes(error.name)

function idbStore(run: Run): OutboxStore {
  return {
    shared: true,
    all: user => run(db => db.getAllFromIndex('changes', 'user', user)),
    // The key generator makes `order`; the type wants it anyway.
    add: (item: Unplaced & { order?: number }) => run(db => db.add('changes', item as OutboxItem)),
    put: item => run(async (db) => {
      const tx = db.transaction('changes', 'readwrite')
      if (await tx.store.getKey(item.order) !== undefined) await tx.store.put(item)
      await tx.done
    }),
    remove: orders => run(async (db) => {
      const tx = db.transaction('changes', 'readwrite')
      await Promise.all([...orders.map(order => tx.store.delete(order)), tx.done])
    }),
    lease: (user, tab, now, until, force = false) => run(async (db) => {
      const tx = db.transaction('leases', 'readwrite')
      const held = await tx.store.get(user)
      const mine = force || !held || held.tab === tab || held.until <= now
      if (mine) await tx.store.put({ user, tab, until })
      await tx.done
      return mine
    }),
    release: (user, tab) => run(async (db) => {
      const tx = db.transaction('leases', 'readwrite')
      if ((await tx.store.get(user))?.tab === tab) await tx.store.delete(user)
      await tx.done
    })
  }
}

/** The memory of one tab: it is the only one that sees it. */
export function memoryStore(): OutboxStore {
  const kept = new Map<number, OutboxItem>()
  let last = 0
  return {
    shared: false,
    all: user => Promise.resolve([...kept.values()].filter(item => item.user === user)),
    add(item) {
      const order = ++last
      kept.set(order, { ...item, order })
      return Promise.resolve(order)
    },
    put(item) {
      if (kept.has(item.order)) kept.set(item.order, item)
      return Promise.resolve()
    },
    remove(orders) {
      for (const order of orders) kept.delete(order)
      return Promise.resolve()
    },
    lease: () => Promise.resolve(true),
    release: () => Promise.resolve()
  }
}
