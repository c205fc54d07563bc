import { afterAll, beforeAll, vi } from 'vitest'
import openFirestore from '../../server/drivers/storage/firestore'
import { startFirestore, type TestFirestore } from '../support/firestore'
import { describeStorage } from './storage'

// The in-memory engine looks through all documents of a collection for every query.
vi.setConfig({ testTimeout: 60_000 })

let firestore: TestFirestore
beforeAll(async () => { firestore = await startFirestore() }, 60_000)
afterAll(() => firestore.stop())

describeStorage('firestore', async () => {
  const projectId = firestore.project()
  const open = () => openFirestore({ projectId })
  let storage = await open()
  return {
    storage,
    async reopen() {
      await storage.close()
      return storage = await open()
    },
    close: () => storage.close()
  }
})
