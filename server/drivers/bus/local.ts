import type { Control, Listener, StoredEvent } from '../../core/ports'

/** Who listens in this process. Everything is told at once, before the call returns; a listener that throws is reported, and its neighbours still hear. */
export interface LocalDelivery {
  event: (event: StoredEvent) => void
  head: (room: string, seq: number) => void
  typing: (room: string, user: string) => void
  control: (control: Control) => void
  /** Gives the way to end it; ending twice is harmless. */
  subscribe: (room: string, listener: Listener) => () => void
  onControl: (listen: (control: Control) => void) => void
  clear: () => void
}

export function createLocalDelivery(onError: (error: unknown) => void): LocalDelivery {
  const rooms = new Map<string, Set<Listener>>()
  const controls = new Set<(control: Control) => void>()

  const tell = <T>(listeners: Iterable<T>, say: (listener: T) => void) => {
    for (const listener of listeners) {
      try {
        say(listener)
      } catch (error) {
        onError(error)
      }
    }
  }
  const tellRoom = (room: string, say: (listener: Listener) => void) => {
    const listeners = rooms.get(room)
    if (listeners) tell(listeners, say)
  }

  return {
    event: event => tellRoom(event.room, listener => listener.event(event)),
    head: (room, seq) => tellRoom(room, listener => listener.head(seq)),
    typing: (room, user) => tellRoom(room, listener => listener.typing(user)),
    control: control => tell(controls, listen => listen(control)),
    subscribe(room, listener) {
      // A wrapper of its own: the same listener may subscribe twice, and each ends alone.
      const entry: Listener = { event: event => listener.event(event), head: seq => listener.head(seq), typing: user => listener.typing(user) }
      const listeners = rooms.get(room) ?? new Set()
      rooms.set(room, listeners.add(entry))
      return () => {
        listeners.delete(entry)
        if (listeners.size === 0 && rooms.get(room) === listeners) rooms.delete(room)
      }
    },
    onControl: (listen) => { controls.add(listen) },
    clear() {
      rooms.clear()
      controls.clear()
    }
  }
}
