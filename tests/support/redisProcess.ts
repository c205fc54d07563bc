import openRedis from '../../server/drivers/redis/link'
import { addressOf } from './redis'

/** A process of its own that opens the link to a Redis, and prints what is said of it. Its argument: the URL. */
const link = openRedis({ address: addressOf(process.argv[2] ?? ''), onTrouble: line => console.info(line) })
link.onUp(() => console.info('up'))
