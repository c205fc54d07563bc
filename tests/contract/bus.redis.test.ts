import { afterAll, beforeAll } from 'vitest'
import createRedisBus from '../../server/drivers/bus/redis'
import openRedis from '../../server/drivers/redis/link'
import { addressOf, startRedis, type TestRedis } from '../support/redis'
import { describeBus } from './bus'
import { describeInstances } from './bus.instances'

const SECRET = 'a secret of at least sixteen characters'

for (const [name, options] of [['redis', {}], ['redis cluster', { cluster: true }]] as const) {
  let redis: TestRedis
  beforeAll(async () => { redis = await startRedis(options) })
  afterAll(() => redis.stop())

  describeBus(name, async (onError) => {
    const link = openRedis({ address: addressOf(redis.url), onTrouble: () => {} })
    const bus = createRedisBus({ link, secret: SECRET, onError })
    await new Promise<void>(resolve => link.onUp(resolve))
    return { ...bus, close: () => bus.close().then(link.close) }
  })
  describeInstances(name, () => redis)
}
