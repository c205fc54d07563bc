import type { RoomEvent } from '#shared/types'
import type { EventStore } from '../../server/core/ports'
import type { Device } from './device'
import { show, type Log, type Stored } from './log'
import { sleep } from './person'

/** Waits until nobody has anything left to send, at most `most` ms. */
export async function settle(devices: readonly Device[], most: number): Promise<void> {
  const until = performance.now() + most
  while (performance.now() < until && devices.some(device => !device.ended && device.waiting > 0)) await sleep(20)
}

interface InTime {
  log: Log
  storage: Pick<EventStore, 'heads'>
  rooms: readonly string[]
  expected: readonly { device: Device, room: string }[]
  within: number
  why: string
}

/** Writes down who has to be at the heads within so many ms, and waits until they are, or that time is over. */
export async function inTime({ log, storage, rooms, expected, within, why }: InTime): Promise<void> {
  const heads = await storage.heads(rooms)
  log.add({ what: 'expect', why, within, heads: Object.fromEntries(heads), devices: expected.map(({ device, room }) => ({ device: device.name, person: device.person, room })) })
  const until = performance.now() + within + 200
  const isThere = ({ device, room }: typeof expected[number]) => (device.timelines.get(room)?.position?.seq ?? 0) >= (heads.get(room) ?? 0)
  while (performance.now() < until && !expected.every(isThere)) await sleep(10)
}

/** All that storage holds of some rooms. */
export async function storedIn(storage: Pick<EventStore, 'eventsAfter' | 'page'>, rooms: readonly string[]): Promise<Map<string, Stored>> {
  return new Map(await Promise.all(rooms.map(async (room): Promise<[string, Stored]> => {
    const events = await storage.eventsAfter(room, 0, 1_000_000)
    const page = await storage.page(room, null, { limit: 100 })
    return [room, { events: events.map(({ json }): RoomEvent => JSON.parse(json)), messages: page?.messages.map(show) ?? [] }]
  })))
}
