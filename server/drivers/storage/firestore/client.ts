import type { DocumentReference, DocumentSnapshot, Firestore, Query, QueryDocumentSnapshot, Timestamp, Transaction } from 'firebase-admin/firestore'
import { randomBytes } from 'node:crypto'
import { ChatError } from '#shared/errors'
import { type Layout, layoutOf } from './layout'
import { type Outages, codes, createOutages, unavailable } from './outages'

export interface ClientOptions {
  projectId: string
  /** How long a read or write is waited for, tries again included, ms. */
  deadline?: number
  onTrouble: (error: Error) => void
}

/** What a try of a transaction knows. `unsure`: an earlier one may have been committed. */
export interface Try { unsure: boolean }

export interface Client {
  db: Firestore
  at: Layout
  outages: Outages
  readonly closed: boolean
  deadline: number
  /** How long one try of a transaction is waited for, ms; then its outcome is unknown. */
  patience: number
  serverTime: () => FirebaseFirestore.FieldValue
  timestamp: (ms: number) => Timestamp
  /** One call; rejects with `unavailable` when it fails for a reason that is not its own, or takes too long. */
  call: <T>(work: () => Promise<T>, ms?: number) => Promise<T>
  /** Reads in one snapshot. `readTime`: as it was then, which may be an hour ago. */
  snapshot: <T>(work: (tx: Transaction) => Promise<T>, readTime?: Timestamp) => Promise<T>
  /** Reads and writes in one transaction, tried again until it is committed or the time is over. */
  transaction: <T>(work: (tx: Transaction, attempt: Try) => Promise<T>) => Promise<T>
  /** The same, in the order in which it was asked for of all in this process that share a key: they would only get in each other's way. */
  inTurn: <T>(keys: readonly string[], work: (tx: Transaction, attempt: Try) => Promise<T>) => Promise<T>
  /** One try: rejects with what Firestore says, or when it took too long; it is then committed only if it had read all it needs before. */
  attempt: <T>(work: (tx: Transaction) => Promise<T>, ms: number) => Promise<T>
  close: () => Promise<void>
}

const DEADLINE = 12_000
/** Google's library tells of some failures only after six seconds. */
const ATTEMPT = 8_000
const FAREWELL = 2_000
/** gRPC itself would wait for up to two minutes before it looks whether an outage is over, and never notice a line on which nothing comes any more. */
const LINE = { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 2_000, 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 5_000 }
const PAUSE = { first: 20, most: 500 }

/** Between half and all of it, so that those who met do not meet again. */
const jittered = (ms: number) => ms * (0.5 + Math.random() / 2)
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** A promise, or the rejection that it took too long. */
function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('no answer in time'), { code: codes.DEADLINE_EXCEEDED })), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Where the first read of a read-only transaction fails, the library leaves a rejection behind that nobody looks at, and that would end the process. */
function hush(tx: Transaction): void {
  const begun: unknown = Reflect.get(tx, '_transactionIdPromise')
  if (begun instanceof Promise) begun.catch(() => {})
}

/** Connects to Firestore. Loads Google's library, which takes a moment. */
export async function createClient({ projectId, deadline = DEADLINE, onTrouble }: ClientOptions): Promise<Client> {
  const [{ initializeApp, deleteApp }, { getFirestore, FieldValue, Timestamp }] = await Promise.all([import('firebase-admin/app'), import('firebase-admin/firestore')])
  const app = initializeApp({ projectId }, `chatly-${randomBytes(6).toString('hex')}`)
  const db = getFirestore(app)
  db.settings(LINE)
  const outages = createOutages(projectId, onTrouble)
  const patience = Math.min(ATTEMPT, deadline / 2)
  let closed = false
  /** Calls that are on their way, whether anybody waits for them or not. */
  const pending = new Set<Promise<unknown>>()
  function begun<T>(promise: Promise<T>): Promise<T> {
    pending.add(promise)
    const done = () => { pending.delete(promise) }
    promise.then(done, done)
    return promise
  }

  async function call<T>(work: () => Promise<T>, ms = deadline): Promise<T> {
    if (closed) throw unavailable()
    try {
      const result = await within(begun(work()), ms)
      outages.over()
      return result
    } catch (error) {
      throw outages.explain(error)
    }
  }

  const attempt: Client['attempt'] = async (work, ms) => {
    if (closed) throw unavailable()
    let over = false
    const tried = begun(db.runTransaction(async (tx) => {
      const result = await work(tx)
      // Nobody waits for it any more: it must not commit behind their back.
      if (over) throw new Error('given up')
      return result
    }, { maxAttempts: 1 }))
    try {
      const result = await within(tried, ms)
      outages.over()
      return result
    } finally {
      over = true
    }
  }

  const transaction: Client['transaction'] = async (work) => {
    const until = performance.now() + deadline
    const known: Try = { unsure: false }
    for (let pause = PAUSE.first; ; pause = Math.min(pause * 2, PAUSE.most)) {
      const left = until - performance.now()
      try {
        return await attempt(tx => work(tx, known), Math.min(patience, Math.max(left, 1)))
      } catch (error) {
        if (error instanceof ChatError) throw error
        if (!outages.mayPass(error) || performance.now() + pause >= until) throw outages.explain(error)
        // Whatever it says: the library repeats a commit by itself, so that the first answer may have been lost.
        known.unsure = true
        await sleep(jittered(outages.isFull(error) ? PAUSE.most : pause))
      }
    }
  }

  const turns = new Map<string, Promise<unknown>>()
  const inTurn: Client['inTurn'] = (keys, work) => {
    const before = Promise.all(keys.map(key => turns.get(key)))
    const mine = before.then(() => transaction(work))
    const done = mine.catch(() => {}).finally(() => { for (const key of keys) if (turns.get(key) === done) turns.delete(key) })
    for (const key of keys) turns.set(key, done)
    return mine
  }

  return {
    db, outages, call, attempt, transaction, inTurn, deadline, patience,
    at: layoutOf(db),
    get closed() { return closed },
    serverTime: () => FieldValue.serverTimestamp(),
    timestamp: ms => Timestamp.fromMillis(ms),
    snapshot: (work, readTime) => call(() => db.runTransaction(tx => work(tx).catch((error: unknown) => {
      hush(tx)
      throw error
    }), { readOnly: true, ...readTime && { readTime } })),
    async close() {
      closed = true
      // Ended under a call that tries again by itself, the library leaves a rejection behind that nobody looks at. What nobody waits for any more may hang:
      // it is not waited for here either.
      const idle = Promise.allSettled(pending).then(() => db.terminate()).then(() => deleteApp(app)).catch(() => {})
      await within(idle, FAREWELL).catch(() => {})
    }
  }
}

type Reader = Pick<Transaction, 'getAll'> | Pick<Firestore, 'getAll'>
type Ref<T> = DocumentReference<T, T & FirebaseFirestore.DocumentData>

/** Documents by their ids, in the same order; null: there is none. In as few calls as may be. */
export async function readAll<T>(from: Reader, refs: readonly Ref<T>[]): Promise<(T | null)[]> {
  const found: (T | null)[] = []
  for (let at = 0; at < refs.length; at += 300) {
    const snapshots = await from.getAll(...refs.slice(at, at + 300)) as DocumentSnapshot<T, T & FirebaseFirestore.DocumentData>[]
    found.push(...snapshots.map(snapshot => snapshot.data() ?? null))
  }
  return found
}

export async function readOne<T>(from: Reader, ref: Ref<T>): Promise<T | null> {
  const [found = null] = await readAll(from, [ref])
  return found
}

type Asked<T> = Query<T, T & FirebaseFirestore.DocumentData>
export type Found<T> = QueryDocumentSnapshot<T, T & FirebaseFirestore.DocumentData>

/** The documents of a query. `tx`: within that transaction. */
export async function find<T>(tx: Transaction | null, query: Asked<T>): Promise<T[]> {
  return (await findDocs<T>(tx, query)).map(found => found.data())
}
export async function findDocs<T>(tx: Transaction | null, query: Asked<T>): Promise<Found<T>[]> {
  return (tx ? await tx.get(query) : await query.get()).docs
}
export async function count<T>(tx: Transaction, query: Asked<T>): Promise<number> {
  return (await tx.get(query.count())).data().count
}

/** Values of an `in` filter are at most thirty. */
export function thirties<T>(values: readonly T[]): T[][] {
  const parts: T[][] = []
  for (let at = 0; at < values.length; at += 30) parts.push(values.slice(at, at + 30))
  return parts
}
