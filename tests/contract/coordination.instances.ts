import { expect } from 'vitest'
import { ChatError } from '../../shared/errors'
import type { Coordination, PresenceChange } from '../../server/core/ports'
import createRedisCoordination from '../../server/drivers/coordination/redis'
import openRedis, { type RedisLink } from '../../server/drivers/redis/link'
import { SECRET } from '../support/ports'
import { addressOf, type TestRedis } from '../support/redis'

/** One process's coordination with a link of its own, and what it told of presence. */
export interface Instance {
  name: string
  coordination: Coordination
  link: RedisLink
  changes: PresenceChange[]
  /** Everybody who was ever told as left in this room. */
  left: (room: string) => string[]
  /** Who is there, by the changes that were told alone. */
  heard: (room: string) => string[]
  /** Who is there, when asked. */
  online: (room: string) => Promise<string[]>
  errors: unknown[]
  /** What its link said. */
  lines: string[]
  /** What this instance tells the others is lost from now on. */
  mute: (on: boolean) => void
  /** Its link stays away, longer than those of the others, until it is no longer late. */
  late: (on: boolean) => void
  /** It is gone without a word, as after kill -9. */
  kill: () => Promise<void>
  close: () => Promise<void>
}

export interface InstanceOptions { lease?: number, secret?: string }

let opened = 0

/** Opens one and waits until Redis knows of it. */
export async function openInstance(redis: TestRedis, { lease = 600, secret = SECRET }: InstanceOptions = {}): Promise<Instance> {
  const lines: string[] = []
  const link = openRedis({ address: addressOf(redis.url), onTrouble: line => lines.push(line) })
  const name = `instance ${++opened}`
  let muted = false
  let late = false
  const ups: (() => void)[] = []
  const errors: unknown[] = []
  const coordination = createRedisCoordination({
    link: {
      ...link,
      state: () => late ? 'down' : link.state(),
      onUp(listen) {
        ups.push(listen)
        link.onUp(() => { if (!late) listen() })
      },
      run: async (what, work) => late ? Promise.reject(new ChatError('unavailable', 'Late.')) : link.run(what, work),
      publish: async (channel, payload) => !muted && !late && link.publish(channel, payload)
    },
    secret, lease, instance: name, onError: error => errors.push(error)
  })
  const changes: PresenceChange[] = []
  const versions = new Map<string, number>()
  const rooms = new Map<string, Set<string>>()
  /** Whom answers have named since the last change was told: where they came and left since, only the latter is told. */
  const named = new Map<string, Set<string>>()
  coordination.onPresence((change) => {
    changes.push(change)
    const { room, version, online, joined, left } = change
    // Whatever happens: no version is left out, nobody comes twice, and the number is that of the names.
    if (version !== (versions.get(room) ?? 0) + 1) errors.push(new Error(`version ${version} of ${room} after ${versions.get(room)}`))
    versions.set(room, version)
    const users = rooms.get(room) ?? new Set()
    rooms.set(room, users)
    for (const user of joined) if (users.size === users.add(user).size) errors.push(new Error(`${user} came twice`))
    for (const user of left) if (!users.delete(user) && !named.get(room)?.has(user)) errors.push(new Error(`${user} left without having come`))
    named.delete(room)
    if (online !== users.size) errors.push(new Error(`${online} online, ${users.size} told`))
  })
  let closed = false
  const instance: Instance = {
    name,
    coordination, link, changes, errors, lines,
    left: room => changes.filter(change => change.room === room).flatMap(change => change.left),
    heard: room => [...rooms.get(room) ?? []].sort(),
    async online(room) {
      const { users } = await coordination.online(room)
      named.set(room, new Set([...named.get(room) ?? [], ...users]))
      return users.sort()
    },
    mute: (on) => { muted = on },
    late(on) {
      late = on
      if (!on) for (const listen of ups) listen()
    },
    async kill() {
      closed = true
      await link.close()
    },
    async close() {
      if (!closed) await coordination.close()
      closed = true
      await link.close()
    }
  }
  const score = () => redis.cli('ZSCORE', '{chatly}:instances', instance.name).catch(() => '')
  await soon(score, 10_000).not.toBe('')
  return instance
}

export const soon = <T>(get: () => T, timeout = 10_000) => expect.poll(get, { interval: 20, timeout })
