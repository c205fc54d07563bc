import { randomBytes } from 'node:crypto'
import type { Cluster } from './cluster'
import { createDevice } from './device'
import { serverDoor } from './door'
import type { Log } from './log'
import { sleep } from './person'
import type { Random } from './random'

/** Messages, one after the other. */
const MESSAGES = 11
/**
 * How long one may take from those who are told first to those who are told last, ms (median). Instances that share a file look for each other's commits four times a second:
 * where Redis carries nothing, the last of two others knows after 170 ms on average.
 */
const WITHIN = 100
/** For each instance to have Redis again once all is healed, ms: a link that is broken tries at least once a second. */
const REDIS = 5_000
/** For one message, whatever is wrong, ms. */
const PATIENCE = 5_000

/** Whether the instance says of itself that nothing is missing. */
const isWhole = async ({ server }: Cluster['nodes'][number]): Promise<boolean> => {
  const answer: unknown = await (await fetch(`${server.url}/ready`)).json()
  return typeof answer === 'object' && answer !== null && 'degraded' in answer && Array.isArray(answer.degraded) && answer.degraded.length === 0
}

/**
 * Somebody on each instance, in a room where nothing else happens, and a few messages: do they come by Redis, or only because instances look for them in storage? Everything
 * else that the rules ask for holds without Redis, too. Gives the room.
 */
export async function ringDoorbell({ nodes, people, room: openRoom, signIn }: Cluster, log: Log, random: Random): Promise<string> {
  const healed = performance.now()
  for (const node of nodes) while (performance.now() < healed + REDIS && !await isWhole(node)) await sleep(50)
  const room = await openRoom('calm')
  const devices = await Promise.all(nodes.map(async ({ server }, index) => {
    const person = people[index]!
    const { cookie } = await signIn(person)
    const device = createDevice({ name: `listener ${index}`, person: person.id, door: serverDoor([server.port], cookie, 0), log, random: random.fork(`listener ${index}`) })
    device.socket.start()
    await device.open(room)
    return device
  }))
  const knowAll = (messages: number) => devices.every(device => (device.timelines.get(room)?.rows.filter(row => row.seq !== Infinity).length ?? 0) >= messages)
  for (let sent = 1; sent <= MESSAGES; sent++) {
    devices[sent % devices.length]?.queue({ type: 'send', room, nonce: randomBytes(12).toString('base64url'), text: `ding ${sent}` })
    const until = performance.now() + PATIENCE
    while (performance.now() < until && !knowAll(sent)) await sleep(2)
    // In step with nothing: the others look four times a second.
    await sleep(random.whole(0, 50))
  }
  log.add({ what: 'rung', room, within: WITHIN, devices: devices.map(({ name }) => name) })
  for (const device of devices) device.stop()
  return room
}
