import openSqlite from '../../server/drivers/storage/sqlite'
import { temporaryFolder } from '../support/storage'
import { describeStorage, type StorageUnderTest } from './storage'

describeStorage('sqlite', async (): Promise<StorageUnderTest> => {
  const { folder, remove } = await temporaryFolder()
  let storage = await openSqlite({ folder })
  return {
    storage,
    reopen: async () => {
      await storage.close()
      return storage = await openSqlite({ folder })
    },
    close: async () => {
      await storage.close()
      await remove()
    }
  }
})
