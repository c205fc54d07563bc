import { backoffRules } from '~/utils/backoff'
import type { Cluster } from './cluster'
import { createDevice, type Device, type Door } from './device'
import { ringDoorbell } from './doorbell'
import { serverDoor } from './door'
import { faultsOf, healAll, type Fault } from './faults'
import type { GroundName } from './ground'
import { createLog, type Log } from './log'
import { live, sleep } from './person'
import { createRandom, type Random } from './random'
import { check, type Anomaly, type History } from './rules'
import { inTime, settle, storedIn } from './settle'

/** Three seeds that follow one another, from the first on, have all faults between them. */
const SEEDS = 3
/** When the last of them begins, at the latest, ms. */
const SPREAD = 3_000
/** How long everybody may take to the head once all is healed, ms. Google's library waits for up to six seconds by itself before it tries again. */
const within = { usual: 2_000, redis: 5_000, crowd: 5_000, firestore: 10_000 } as const

export interface SeedOptions { faults?: readonly Fault[], thorough?: boolean }

export interface SeedResult {
  seed: number
  faults: string[]
  anomalies: Anomaly[]
  history: History
  acknowledged: number
  applied: number
  /** Seconds. */
  took: number
}

/** The faults of a seed: its part of a pack that is shuffled anew every three seeds. */
export function planOf(seed: number, ground: GroundName): Fault[] {
  const turn = seed - 1
  const all = faultsOf(ground)
  const perSeed = Math.ceil(all.length / SEEDS)
  return createRandom(Math.floor(turn / SEEDS)).shuffle(all).slice(turn % SEEDS * perSeed, (turn % SEEDS + 1) * perSeed)
}

/** People on all instances for as long as the faults last; then all is healed, everybody reads to the head, and the rules decide. */
export async function runSeed(cluster: Cluster, seed: number, { faults = planOf(seed, cluster.ground.name), thorough = false }: SeedOptions = {}): Promise<SeedResult> {
  const started = performance.now()
  const random = createRandom(seed)
  const log = createLog()
  const rooms = await Promise.all(['one', 'two', 'three'].map(name => cluster.room(name)))
  for (const fault of faults) await fault.prepare?.(cluster, thorough)
  const crowd = await gather(cluster, rooms, log, random)
  const devices = crowd.map(({ device }) => device)

  let over = false
  const lives = crowd.map(({ device, door }, index) => live({
    device, rooms, random: random.fork(`life ${index}`), quiet: index % 4 === 3, pause: cluster.ground.pause, over: () => over,
    join: room => door.api(`/api/rooms/${room}/join`, { method: 'POST' }), leave: room => door.api(`/api/rooms/${room}/leave`, { method: 'POST' })
  }))
  const removals = removeSome(cluster, crowd, rooms, { log, random: random.fork('removals'), within: Math.max(limitOf(faults, cluster.ground.name), within.redis) + 2_000 })
  await breakThings(cluster, faults, log, random, thorough)
  await removals
  over = true
  await Promise.all(lives)
  await healAll(cluster)

  // A browser is told that its network is back, and of nothing else: nobody tells it that a server, Redis or storage is. Then it comes back by its own tries. Those are
  // within 2 s of each other for the first 20 s, and up to half a minute apart later: whoever was away for longer is woken by a person who looks at the page again.
  const network = faults.some(({ part }) => part === 'lines')
  for (const device of devices) if (network || device.away >= backoffRules.eager) device.wake()
  const limit = limitOf(faults, cluster.ground.name)
  // Their time runs from the same moment as everybody's.
  const arrivals = cluster.crowds.map(crowd => crowd.arrive(limit))
  // Who is signed out is expected nowhere, who is banned not there, and whoever was not in the room that became private not there.
  const present = devices.slice(0, -1)
  const { storage } = cluster
  const expected = async () => {
    const inside = new Set((await storage.members(rooms[1]!, { limit: 100 })).items.map(({ id }) => id))
    const out = ({ person }: Device, room: string) => (room === rooms[0] && person === present.at(-1)?.person) || (room === rooms[1] && !inside.has(person))
    return present.flatMap(device => rooms.filter(room => !out(device, room)).map(room => ({ device, room })))
  }
  await inTime({ log, storage, rooms, expected: await expected(), within: limit, why: 'all is healed' })
  await settle(present, 60_000)
  // Asked again: somebody's leaving may have been on its way for a while.
  await inTime({ log, storage, rooms, expected: await expected(), within: limit, why: 'all is said' })
  for (const device of devices) device.showLine()
  for (const device of present) device.showAll()
  const ofCrowds = [...(await Promise.all(arrivals)).flat(), ...cluster.crowds.splice(0).flatMap(crowd => crowd.leave())]
  for (const device of devices) device.stop()
  const calm = await ringDoorbell(cluster, log, random.fork('doorbell'))
  const history: History = { log: log.entries, stored: await storedIn(storage, [...rooms, calm]) }

  const count = (what: string) => log.entries.reduce((sum, entry) => sum + (entry.what === what ? 1 : 0), 0)
  return {
    seed, faults: faults.map(({ name }) => name), history, anomalies: [...check(history), ...ofCrowds], acknowledged: count('ok'), applied: count('applied'),
    took: (performance.now() - started) / 1000
  }
}

function limitOf(faults: readonly Fault[], ground: GroundName): number {
  const has = (wanted: Fault['part']) => faults.some(({ part }) => part === wanted)
  if (ground === 'firestore' && has('storage')) return within.firestore
  return has('redis') ? within.redis : has('crowd') ? within.crowd : within.usual
}

interface Member { device: Device, door: Door }

/** Everybody with a fresh session and a device that has all rooms open. One of them is behind the proxies of slow readers. */
async function gather({ people, nodes, signIn }: Cluster, rooms: readonly string[], log: Log, random: Random): Promise<Member[]> {
  const crowd = await Promise.all(people.map(async (person, index) => {
    const { cookie } = await signIn(person)
    const ports = nodes.map(({ front, slow }) => (index === 3 ? slow : front).port)
    const door = serverDoor(ports, cookie, index)
    return { door, device: createDevice({ name: `device ${index}`, person: person.id, door, log, random: random.fork(`device ${index}`) }) }
  }))
  for (const { device } of crowd) device.socket.start()
  await Promise.all(crowd.flatMap(({ device }) => rooms.map(room => device.open(room))))
  return crowd
}

/** One person is banned from a room, as by another process; another room becomes private; the session of another person is ended. Somewhere in the middle of it all. */
async function removeSome({ storage, people, nodes, signIn }: Cluster, crowd: readonly Member[], rooms: readonly string[], { log, random, within }: { log: Log, random: Random, within: number }): Promise<void> {
  await sleep(random.whole(500, SPREAD))
  const banned = crowd.at(-2)!.device.person
  const ban = () => storage.append([{
    room: rooms[0]!, author: people[0]!.id, nonce: null, at: Date.now(), requires: [], effects: [{ do: 'remove', user: banned, ban: true }]
  }])
  await persist(ban)
  await persist(() => crowd[0]!.door.api(`/api/rooms/${rooms[1]}`, { method: 'PATCH', body: { visibility: 'private' } }))
  const { cookie } = await persist(() => signIn(people.at(-1)!))
  const elsewhere = serverDoor(nodes.map(({ front }) => front.port), cookie, 0)
  await persist(() => elsewhere.api('/api/auth/sessions', { method: 'DELETE' }))
  log.add({ what: 'session-ended', person: people.at(-1)!.id, within })
}

/** Until it is done: things are broken now and then. */
async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 60) throw error
      await sleep(250)
    }
  }
}

/** Each fault at some time within the first seconds; those of one part one after the other, the others across each other. */
async function breakThings(cluster: Cluster, faults: readonly Fault[], log: Log, random: Random, thorough: boolean): Promise<void> {
  const parts = [...new Set(faults.map(({ part }) => part))].map(part => faults.filter(fault => fault.part === part))
  await Promise.all(parts.map(async (row) => {
    for (const fault of row) {
      const own = random.fork(fault.name)
      await sleep(own.whole(200, SPREAD / row.length))
      const { name, part } = fault
      log.add({ what: 'fault', name, part, over: false })
      await fault.run(cluster, own, thorough, log)
      log.add({ what: 'fault', name, part, over: true })
    }
  }))
}
