import type { Bus, Control, Listener } from '../../core/ports'

interface MemoryBusOptions {
  /** Told of a listener that threw. Its neighbours still hear. */
  onError?: (error: unknown) => void
}

/** The bus of a single process: enough where one instance serves everybody. Nothing is ever missing here, so `onRestored` never rings. */
export default function createMemoryBus({ onError = console.error }: MemoryBusOptions = {}): Bus {
  const rooms = new Map<string, Set<Listener>>()
  const controls = new Set<(control: Control) => void>()

  const guarded = <T>(listeners: Iterable<T>, tell: (listener: T) => void) => {
    for (const listener of listeners) {
      try {
        tell(listener)
      } catch (error) {
        onError(error)
      }
    }
  }

  return {
    publish(event) {
      const listeners = rooms.get(event.room)
      if (listeners) guarded(listeners, listener => listener.event(event))
    },

    typing(room, user) {
      const listeners = rooms.get(room)
      if (listeners) guarded(listeners, listener => listener.typing(user))
    },

    async subscribe(room, listener) {
      // A wrapper of its own: the same listener may subscribe twice, and each ends alone.
      const entry: Listener = { event: event => listener.event(event), head: seq => listener.head(seq), typing: user => listener.typing(user) }
      const listeners = rooms.get(room) ?? new Set()
      rooms.set(room, listeners.add(entry))
      return () => {
        listeners.delete(entry)
        if (listeners.size === 0 && rooms.get(room) === listeners) rooms.delete(room)
      }
    },

    control: control => guarded(controls, listen => listen(control)),
    onControl: (listen) => { controls.add(listen) },
    onRestored: () => {},
    state: () => 'up',

    async close() {
      rooms.clear()
      controls.clear()
    }
  }
}
