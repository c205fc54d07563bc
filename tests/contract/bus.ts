import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Bus, Control, Listener, StoredEvent } from '../../server/core/ports'

const storedEvent = (room: string, seq: number): StoredEvent =>
  ({ room, seq, kind: 'message', author: 'ann', message: `m${seq}`, json: `{"type":"event","room":"${room}","seq":${seq}}` })

/** A listener that keeps what it hears. */
function ear(): Listener & { heard: (number | string)[] } {
  const heard: (number | string)[] = []
  return { heard, event: event => heard.push(event.seq), head: seq => heard.push(`to ${seq}`), typing: user => heard.push(user) }
}

/** What every bus must do, within one process. `open` makes one; `errors` is told of what listeners throw. */
export function describeBus(name: string, open: (errors: (error: unknown) => void) => Bus | Promise<Bus>): void {
  describe(`bus: ${name}`, () => {
    let bus: Bus
    const errors = vi.fn()
    beforeEach(async () => {
      errors.mockReset()
      bus = await open(errors)
    })
    afterEach(() => bus.close())

    it('delivers to this process before publish returns, once, in order, and to this room only', async () => {
      const [a, b, other] = [ear(), ear(), ear()]
      await bus.subscribe('lobby', a)
      await bus.subscribe('lobby', b)
      await bus.subscribe('attic', other)
      for (const seq of [1, 2, 3]) {
        bus.publish(storedEvent('lobby', seq))
        expect(a.heard.at(-1)).toBe(seq)
      }
      expect([a.heard, b.heard, other.heard]).toEqual([[1, 2, 3], [1, 2, 3], []])
    })

    it('does not keep what was published before a subscription', async () => {
      bus.publish(storedEvent('lobby', 1))
      const late = ear()
      await bus.subscribe('lobby', late)
      bus.publish(storedEvent('lobby', 2))
      expect(late.heard).toEqual([2])
    })

    it('is silent after unsubscribing, and only there', async () => {
      const listener = ear()
      const first = await bus.subscribe('lobby', listener)
      await bus.subscribe('lobby', listener)
      bus.publish(storedEvent('lobby', 1))
      first()
      first()
      bus.publish(storedEvent('lobby', 2))
      expect(listener.heard).toEqual([1, 1, 2])
    })

    it('lets a listener end itself while it is told', async () => {
      const heard: number[] = []
      const after = ear()
      const end = await bus.subscribe('lobby', { event: (event) => { heard.push(event.seq); end() }, head: () => {}, typing: () => {} })
      await bus.subscribe('lobby', after)
      bus.publish(storedEvent('lobby', 1))
      bus.publish(storedEvent('lobby', 2))
      expect([heard, after.heard]).toEqual([[1], [1, 2]])
    })

    it('hears again after the last listener has gone', async () => {
      const end = await bus.subscribe('lobby', ear())
      end()
      const again = ear()
      await bus.subscribe('lobby', again)
      bus.publish(storedEvent('lobby', 5))
      expect(again.heard).toEqual([5])
    })

    it('does not let one listener that throws stop the others or the publisher', async () => {
      const after = ear()
      await bus.subscribe('lobby', { event: () => { throw new Error('broken event') }, head: () => {}, typing: () => { throw new Error('broken typing') } })
      await bus.subscribe('lobby', after)
      bus.onControl(() => { throw new Error('broken control') })
      const controls: Control[] = []
      bus.onControl(control => controls.push(control))
      bus.publish(storedEvent('lobby', 1))
      bus.typing('lobby', 'bob')
      bus.control({ kind: 'room-changed', room: 'lobby' })
      expect(after.heard).toEqual([1, 'bob'])
      expect(controls).toEqual([{ kind: 'room-changed', room: 'lobby' }])
      expect(errors.mock.calls.map(([error]) => error.message)).toEqual(['broken event', 'broken typing', 'broken control'])
    })

    it('carries typing to the room', async () => {
      const [here, there] = [ear(), ear()]
      await bus.subscribe('lobby', here)
      await bus.subscribe('attic', there)
      bus.typing('lobby', 'bob')
      expect([here.heard, there.heard]).toEqual([['bob'], []])
    })

    it('carries every control to every listener, whatever the rooms', () => {
      const controls: Control[] = [
        { kind: 'session-ended', session: 's' }, { kind: 'person-changed', user: 'u' }, { kind: 'room-deleted', room: 'r' },
        { kind: 'room-changed', room: 'r' }, { kind: 'read', room: 'r', user: 'u', readSeq: 4 }
      ]
      const heard: Control[][] = [[], []]
      for (const list of heard) bus.onControl(control => list.push(control))
      for (const control of controls) bus.control(control)
      expect(heard).toEqual([controls, controls])
    })
  })
}
