import type { Storage } from '../../server/core/ports'
import openFirestore from '../../server/drivers/storage/firestore'
import openSqlite from '../../server/drivers/storage/sqlite'
import { startFirestore, type Fault as FailingCall } from '../support/firestore'
import { tempFolder } from '../support/server'

export type GroundName = 'sqlite' | 'firestore'

/** What the servers of a cluster keep everything in. */
export interface Ground {
  name: GroundName
  folder: string
  /** How long people pause between two changes, at least and at most, ms. What they write faster than it is stored waits with them. */
  pause: [number, number]
  /** Where the lines to it lead; null: it is files. */
  port: number | null
  /** What a server is told of it. `port`: where its own line begins. */
  env: (port: number | null) => Record<string, string>
  /** A connection of our own, as of one more process, which no fault of a line touches. */
  open: () => Promise<Storage>
  /** Calls that fail from now on, whoever makes them. */
  fail: (calls: FailingCall[]) => Promise<void>
  close: () => Promise<void>
}

export const openGround = (name: GroundName): Promise<Ground> => name === 'firestore' ? onFirestore() : onSqlite()

async function onSqlite(): Promise<Ground> {
  const { folder, remove } = await tempFolder()
  return { name: 'sqlite', folder, pause: [60, 240], port: null, env: () => ({}), open: () => openSqlite({ folder, shared: true }), fail: async () => {}, close: remove }
}

/** The endpoint is a process of its own, which outlives the servers. The folder stays empty. */
async function onFirestore(): Promise<Ground> {
  const [{ folder, remove }, firestore] = await Promise.all([tempFolder(), startFirestore()])
  if (!firestore.ours) throw new Error('Faults can be made in the engine from npm alone: unset FIRESTORE_EMULATOR_JAR.')
  const project = firestore.project()
  return {
    name: 'firestore', folder, pause: [250, 900], port: Number(firestore.host.split(':')[1]),
    env: port => firestore.env(project, `127.0.0.1:${port}`),
    open: () => openFirestore({ projectId: project }),
    fail: calls => firestore.fail(project, calls),
    async close() {
      await firestore.stop()
      await remove()
    }
  }
}
