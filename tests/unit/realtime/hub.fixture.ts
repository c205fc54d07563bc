/* eslint-disable import/no-mutable-exports -- each test has its own, and the files that import it see the current one */
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { Hub } from '../../../server/realtime/hub'
import { People } from '../../../server/realtime/people'
import type { Snapshot } from '../../../server/realtime/room'
import { FakeDevice, fakePorts } from './fakes'

const failed = vi.fn()
export let fake: ReturnType<typeof fakePorts>
export let people: People
export let hub: Hub

/** A hub of its own, with nothing in it, for each test of the file. Nothing may fail in it unseen. */
export function eachWithHub(): void {
  beforeEach(() => {
    failed.mockReset()
    fake = fakePorts()
    people = new People()
    hub = new Hub(fake.ports, people, failed)
  })
  afterEach(() => {
    hub.close()
    expect(failed).not.toHaveBeenCalled()
  })
}

export const snapshot = (head: number, rest: Partial<Snapshot> = {}) => async (): Promise<Snapshot> => ({ head, events: [], reset: null, ...rest })

/** Somebody who reads the room "hall", from `head` on. */
export async function reader(head: number, device = new FakeDevice()): Promise<FakeDevice> {
  await hub.subscribe(device, 'hall', snapshot(head), (_room, { events }) => device.send(JSON.stringify({ answered: events.map(({ seq }) => seq) })))
  return device
}

export const next = (wanted: () => boolean) => vi.waitFor(() => expect(wanted()).toBe(true), { interval: 1 })
