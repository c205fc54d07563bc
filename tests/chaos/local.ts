import { rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from '../../server/core/chat'
import { hash, newId, newSecret } from '../../server/core/ids'
import type { Ports, Storage } from '../../server/core/ports'
import createLocalAccounts from '../../server/drivers/accounts/local'
import createMemoryCoordination from '../../server/drivers/coordination/memory'
import openSqlite from '../../server/drivers/storage/sqlite'
import { createBroker } from './broker'
import { createDevice } from './device'
import { createInstance, localDoor, type Instance, type LineFaults } from './instance'
import { createLog } from './log'
import { live, sleep } from './person'
import type { Plant } from './plants'
import { createRandom } from './random'
import { check, type Anomaly } from './rules'
import { inTime, settle, storedIn } from './settle'

/** How long people live and things break, ms. */
const LIFE = 1_500
const PEOPLE = 7
/** In this time everybody writes several times. */
const CUT_OFF = 200
/** What the rules give them, ms. Where nothing is planted nothing may be found, also on a machine that stands still for a while: how soon all is well is the servers' to show. */
const WITHIN = { planted: { healed: 2_000, ended: 500 }, nothing: { healed: 10_000, ended: 5_000 } }

export interface Outcome { anomalies: Anomaly[], acknowledged: number, applied: number }

/**
 * Three instances, a broker and seven people in this process, for a second and a half in which lines break, frames are lost, the broker is cut and an
 * instance dies; then the rules. With a plant it is the checker that is tested. Readers live on instance 2; the session of one is ended on the way, and another person is banned.
 */
export async function runLocal(seed: number, plant: Plant | null = null): Promise<Outcome> {
  const random = createRandom(seed)
  const within = WITHIN[plant ? 'planted' : 'nothing']
  const log = createLog()
  const folder = await mkdtemp(join(tmpdir(), 'chatly-chaos-'))
  const storage = await openSqlite({ folder })
  const broker = createBroker(random.fork('broker'), plant?.broker)
  const lossy = { until: 0 }
  const chance = random.fork('lines')
  const lines: LineFaults = {
    lose: frame => performance.now() < lossy.until && frame.startsWith('{"type":"event"') && chance.chance(0.1),
    // Committed, and not answered: it will be sent again.
    cut: frame => performance.now() < lossy.until && /^\{"type":"ok".*"message":/.test(frame) && chance.chance(0.25)
  }

  const start = (index: number): Instance => {
    const soil = { instance: index, storage, bus: () => ports.bus, alive: () => instance.alive }
    const bus = broker.open(index)
    const ports: Ports = {
      storage: plant?.storage?.(soil) ?? storage, bus: plant?.bus?.(bus, index) ?? bus,
      // People here write faster than the limit allows.
      coordination: { ...createMemoryCoordination(), take: async () => 0 }, accounts: createLocalAccounts({ storage }), clock: { now: Date.now }
    }
    const instance = createInstance(ports, lines)
    return instance
  }
  const instances = [0, 1, 2].map(start)
  const { people, rooms } = await populate(storage)

  const devices = people.map((who, index) => createDevice({
    name: `device ${index}`, person: who.person.id, log, random: random.fork(`device ${index}`), haste: 0.1, habits: plant?.habits?.(),
    door: localDoor(instances, who, random.fork(`door ${index}`), index % 3, index % 3 === 2)
  }))
  for (const device of devices) device.socket.start()
  await Promise.all(devices.flatMap(device => rooms.map(room => device.open(room))))

  let over = false
  // The others only read, and stay where they are: what becomes of them must not be their own doing.
  const lives = [0, 1, 3, 4].map(index => live({
    device: devices[index]!, rooms, random: random.fork(`life ${index}`), pause: [5, 40], over: () => over,
    join: room => instances[1]!.chat.rooms.join(people[index]!, room), leave: room => instances[1]!.chat.rooms.leave(people[index]!, room)
  }))
  await faults()
  // As it ends, the readers' instance is cut off, and nothing is said any more once it is mended: only by looking in storage can it find out what it missed.
  broker.cut(2)
  await sleep(CUT_OFF)
  over = true
  await Promise.all(lives)
  await settle(devices, 3_000)
  broker.mend(2)
  return await verdict()

  async function faults(): Promise<void> {
    const until = performance.now() + LIFE
    await sleep(200)
    broker.cut(1)
    await sleep(150)
    broker.mend(1)
    instances[0]?.kill()
    broker.detach(0)
    await sleep(80)
    instances[0] = start(0)
    broker.cut(2)
    lossy.until = performance.now() + 400
    await sleep(150)
    broker.mend(2)
    await ban(people.at(-1)!)
    const ended = people[5]!
    await instances[1]!.chat.accounts.endOtherSessions({ ...ended, session: 'another' })
    log.add({ what: 'session-ended', person: ended.person.id, within: within.ended })
    await sleep(Math.max(0, until - performance.now()))
  }

  async function ban({ person }: Identity): Promise<void> {
    for (const room of rooms) {
      const [result] = await storage.append([{ room, author: people[0]!.person.id, nonce: null, at: Date.now(), requires: [], effects: [{ do: 'remove', user: person.id, ban: true }] }])
      if (result?.ok) for (const event of result.events) broker.ring(event)
    }
  }

  async function verdict(): Promise<Outcome> {
    // The banned one, and the one who is signed out, are not expected anywhere.
    const present = devices.filter((_, index) => index !== 5 && index !== PEOPLE - 1)
    const expected = present.flatMap(device => rooms.map(room => ({ device, room })))
    await inTime({ log, storage, rooms, expected, within: within.healed, why: 'all is healed' })
    for (const device of devices) device.showLine()
    for (const device of present) device.showAll()
    const stored = await storedIn(storage, rooms)
    for (const device of devices) device.stop()
    for (const instance of instances) instance.kill()
    await storage.close()
    await rm(folder, { recursive: true, force: true })
    const counted = (what: string) => log.entries.filter(entry => entry.what === what).length
    return { anomalies: check({ log: log.entries, stored }), acknowledged: counted('ok'), applied: counted('applied') }
  }
}

async function populate(storage: Storage): Promise<{ people: Identity[], rooms: string[] }> {
  const at = Date.now()
  const people: Identity[] = await Promise.all(Array.from({ length: PEOPLE }, async (_, index) => {
    const [id, name, session] = [newId(), `Person ${index}`, hash(newSecret())]
    await storage.createAccount({ id, name, kind: 'member', admin: index === 0, at, credential: { kind: 'password', subject: `${id}@example.org`, secretHash: 'none', verifiedAt: null } })
    await storage.createSession({ idHash: session, user: id, remember: true, at, agent: 'chaos' })
    return { session, person: { id, name, kind: 'member' }, admin: index === 0 }
  }))
  const rooms = await Promise.all(['one', 'two', 'three'].map(async (name) => {
    const id = newId()
    await storage.createRoom({ id, slug: name, name, topic: '', owner: people[0]!.person.id, at, visibility: 'public', listed: true, passwordHash: null })
    return id
  }))
  return { people, rooms }
}
