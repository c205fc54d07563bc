import type { Bus, Control, Listener, StoredEvent } from '../../server/core/ports'
import type { Random } from './random'

type Doorbell = (listener: Listener) => void

interface End {
  rooms: Map<string, Set<Listener>>
  controls: Set<(control: Control) => void>
  restored: Set<() => void>
  connected: boolean
  /** Heads of what was published while it was cut off. */
  unheard: Map<string, number>
}

/** Where a test may make it worse than it is. */
export interface BrokerFaults {
  /** Whether an event is lost on its way from one instance to the others. */
  lose?: (from: number, event: StoredEvent) => boolean
  /** Whether an instance forgets, after a break, that it wanted to hear of its rooms. */
  forgets?: (instance: number) => boolean
}

/**
 * A broker between instances in one process: at most once, in no order across instances, and it can be cut. It says `head` for what was published
 * during a cut, as a bus must.
 */
export function createBroker(random: Random, faults: BrokerFaults = {}) {
  const ends = new Map<number, End>()

  const tell = (end: End, room: string, ring: Doorbell) => { for (const listener of [...end.rooms.get(room) ?? []]) ring(listener) }

  /** To all others that are connected, each after a while of its own: they overtake one another. */
  function send(from: number, room: string, ring: Doorbell): void {
    for (const [other, end] of ends) {
      if (other !== from && end.connected) setTimeout(() => { if (end.connected) tell(end, room, ring) }, random.whole(0, 25))
    }
  }

  function open(instance: number): Bus {
    const mine: End = { rooms: new Map(), controls: new Set(), restored: new Set(), connected: true, unheard: new Map() }
    ends.set(instance, mine)
    return {
      publish(event) {
        tell(mine, event.room, listener => listener.event(event))
        if (faults.lose?.(instance, event)) return
        if (mine.connected) send(instance, event.room, listener => listener.event(event))
        else mine.unheard.set(event.room, event.seq)
      },
      typing: (room, user) => tell(mine, room, listener => listener.typing(user)),
      async subscribe(room, listener) {
        const listeners = mine.rooms.get(room) ?? new Set()
        mine.rooms.set(room, listeners.add(listener))
        return () => { listeners.delete(listener) }
      },
      control(control) {
        for (const { controls } of ends.values()) for (const listen of controls) listen(control)
      },
      onControl: (listen) => { mine.controls.add(listen) },
      onRestored: (listen) => { mine.restored.add(listen) },
      state: () => mine.connected ? 'up' : 'down',
      close: async () => detach(instance)
    }
  }

  /** An instance that is no more. */
  function detach(instance: number): void {
    const end = ends.get(instance)
    if (!end) return
    end.connected = false
    end.rooms.clear()
    end.controls.clear()
    ends.delete(instance)
  }

  return {
    open, detach,
    /** An event that another process has committed. */
    ring: (event: StoredEvent): void => { send(-1, event.room, listener => listener.event(event)) },
    cut(instance: number): void {
      const end = ends.get(instance)
      if (end) end.connected = false
    },
    mend(instance: number): void {
      const end = ends.get(instance)
      if (!end || end.connected) return
      end.connected = true
      if (faults.forgets?.(instance)) return end.rooms.clear()
      for (const [room, seq] of end.unheard) send(instance, room, listener => listener.head(seq))
      end.unheard.clear()
      for (const listen of end.restored) listen()
    }
  }
}
