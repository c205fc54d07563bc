import type { Storage } from '../../../core/ports'
import { createPulse } from '../pulse'
import { createAdminWrites } from './admin-writes'
import { type Client, createClient, readOne } from './client'
import { createWatcher } from './controls'
import { createSweeper } from './doomed'
import { createEventReads } from './events'
import { checkLayout, checkWhole, newHistory } from './history'
import { enterDatabase, type Lease, type LeaseOptions } from './lease'
import { createModerationReads } from './moderation'
import { createModerationWrites } from './moderation-writes'
import { unavailable } from './outages'
import { createPeopleReads } from './people'
import { createPeopleWrites } from './people-writes'
import { createRoomWrites } from './room-writes'
import { createRoomReads } from './rooms'
import { createSequencer } from './sequencer'
import { createSessionWrites } from './session-writes'

export interface FirestoreOptions {
  /** Credentials are found as Google's libraries do: GOOGLE_APPLICATION_CREDENTIALS, or the service account that this runs as. */
  projectId: string
  /** Other processes use the same database: what they commit is looked for. */
  several?: boolean
  /** Whether another process may use the same database. Without it nobody is asked. */
  lease?: Partial<LeaseOptions>
  /** Told of an outage, once, in one line. */
  onTrouble?: (error: Error) => void
  /** How long a read or write is waited for, tries again included, ms. */
  deadline?: number
  /** How often it is looked for what other processes committed, ms. */
  every?: number
}

/** A pulse is not taken more often than this, ms. */
const PULSE = 10_000

/**
 * Storage in Firestore, by the server side alone. Rejects with `unavailable` when it can't be reached, and with `conflict` when the database is of a newer Chatly, an
 * import is not finished, or another process has it for itself.
 */
export default async function openFirestore(options: FirestoreOptions): Promise<Storage> {
  const { projectId, several = true, onTrouble = error => console.error(error.message), deadline, every } = options
  const { mode = 'none', renew, lasts, onWait = sayThatWeWait, onLost = () => {} } = options.lease ?? {}
  const client = await createClient({ projectId, onTrouble, ...deadline !== undefined && { deadline } })
  let lease: Lease | undefined
  try {
    const epoch = await settleEpoch(client)
    lease = await enterDatabase(client, {
      mode, renew, lasts, onWait,
      onLost() {
        onTrouble(new Error('Firestore: another Chatly has taken this database over, because this one could not be heard for too long.'))
        onLost()
      }
    }, projectId)
    const watcher = await createWatcher(client, { several, every })
    const sequencer = createSequencer(client, watcher.note)
    const sweeper = createSweeper(client, watcher)
    const pulse = createPulse(() => client.call(async () => { await client.at.pulse.set({ at: Date.now() }) }), PULSE)
    let closed: Promise<void> | undefined

    return {
      epoch,
      append: sequencer.append,
      ...createEventReads(client),
      ...createRoomReads(client),
      ...createRoomWrites(client, watcher, sweeper.begin),
      ...createModerationReads(client),
      ...createModerationWrites(client),
      ...createPeopleReads(client),
      ...createPeopleWrites(client, watcher, sweeper),
      ...createSessionWrites(client, watcher),
      ...createAdminWrites(client, watcher),
      watch: watcher.watch,
      check: () => client.closed ? Promise.reject(unavailable()) : pulse(),
      close: () => closed ??= (async () => {
        await sequencer.close()
        await Promise.all([watcher.close(), sweeper.close(), lease?.release()])
        await client.close()
      })()
    }
  } catch (error) {
    await lease?.release()
    await client.close()
    throw error
  }
}

const sayThatWeWait = (most: number): void =>
  console.info(`Firestore: another Chatly had this database until a moment ago. If it is gone, this one starts in ${Math.ceil(most / 1000)} seconds at most.`)

/** The history's name; given when the database is new. */
async function settleEpoch(client: Client): Promise<string> {
  return client.transaction(async (tx) => {
    const found = await readOne(tx, client.at.history)
    checkLayout(found)
    checkWhole(found)
    const history = found ?? newHistory()
    if (!found) tx.create(client.at.history, history)
    return history.epoch
  })
}
