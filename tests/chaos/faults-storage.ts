import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import type { Fault as FailingCall } from '../support/firestore'
import type { Cluster } from './cluster'
import type { Fault } from './faults'
import type { GroundName } from './ground'
import { blackhole, cuts, delays } from './lines'
import { sleep } from './person'
import type { Random } from './random'

const run = promisify(execFile)
const [ABORTED, UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED] = [10, 14, 4, 8]

/** A quota of the kernel on the size of the files that a process writes: what is beyond cannot be written, in whichever file. */
async function limitFiles({ nodes }: Cluster, bytes: string): Promise<void> {
  await Promise.all(nodes.map(({ server }) => run('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:unlimited`]).catch((error: unknown) => {
    // One that is gone meanwhile has no files.
    if (!(error instanceof Error && /No such process/.test(error.message))) throw error
  })))
}

const ofSqlite: readonly Fault[] = [
  {
    // Longer than a writer waits: it is told that the database is busy, and goes on.
    name: 'the database locked for 7 s', part: 'storage',
    async run({ ground }) {
      const other = new Database(join(ground.folder, 'chatly.db'), { timeout: 4_000 })
      other.exec('BEGIN IMMEDIATE')
      await sleep(7_000)
      other.exec('ROLLBACK')
      other.close()
    }
  },
  {
    name: 'no room for files', part: 'storage',
    async run(cluster, random) {
      await limitFiles(cluster, '4096')
      await sleep(random.whole(500, 2_000))
      await limitFiles(cluster, 'unlimited')
    }
  }
]

/** A few of these calls fail, then some pass, again and again, for a while. */
async function failSome({ ground }: Cluster, random: Random, calls: () => FailingCall[]): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    await ground.fail(calls())
    await sleep(random.whole(100, 500))
  }
  await ground.fail([])
}

const ofFirestore: readonly Fault[] = [
  {
    name: 'Firestore can\'t be reached for 4 s', part: 'storage',
    async run({ nodes }) {
      for (const { store } of nodes) {
        store?.set({ closed: true })
        store?.cut()
      }
      await sleep(4_000)
      for (const { store } of nodes) store?.heal()
    }
  },
  { name: 'cuts before Firestore', part: 'storage', run: (cluster, random) => cuts(cluster, random, 'store') },
  { name: 'delays and halves before Firestore', part: 'storage', run: (cluster, random) => delays(cluster, random, 'store') },
  { name: 'a black hole before Firestore', part: 'storage', run: (cluster, random) => blackhole(cluster, random, 'store') },
  {
    name: 'transactions of Firestore aborted', part: 'storage',
    run: (cluster, random) => failSome(cluster, random, () => [
      { method: 'Commit', when: 'before', code: ABORTED, times: random.whole(5, 20), skip: random.whole(0, 3) },
      { method: 'BatchGetDocuments', when: 'before', code: ABORTED, times: random.whole(1, 3), skip: random.whole(0, 10) }
    ])
  },
  {
    name: 'answers of Firestore lost', part: 'storage',
    run: (cluster, random) => failSome(cluster, random, () => [
      { method: 'Commit', when: 'after', code: random.pick([UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED]), times: random.whole(2, 8), skip: random.whole(0, 3) }
    ])
  },
  {
    name: 'a quota of Firestore used up', part: 'storage',
    async run({ ground }, random) {
      await ground.fail([{ method: 'Commit', when: 'before', code: RESOURCE_EXHAUSTED, times: 10_000 }])
      await sleep(random.whole(500, 2_000))
      await ground.fail([])
    }
  }
]

/** Those of what the servers keep everything in. */
export const storageFaults: Readonly<Record<GroundName, readonly Fault[]>> = { sqlite: ofSqlite, firestore: ofFirestore }

/** Storage is whole again, whatever it was. */
export async function healStorage(cluster: Cluster): Promise<void> {
  for (const { store } of cluster.nodes) store?.heal()
  if (cluster.ground.name === 'sqlite') await limitFiles(cluster, 'unlimited')
  else await cluster.ground.fail([])
}
