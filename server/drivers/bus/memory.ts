import type { Bus } from '../../core/ports'
import { createLocalDelivery } from './local'

interface MemoryBusOptions {
  /** Told of a listener that threw. Its neighbours still hear. */
  onError?: (error: unknown) => void
}

/** The bus of a single process: enough where one instance serves everybody. Nothing is ever missing here, so `onRestored` never rings. */
export default function createMemoryBus({ onError = console.error }: MemoryBusOptions = {}): Bus {
  const local = createLocalDelivery(onError)
  return {
    publish: local.event,
    typing: local.typing,
    subscribe: async (room, listener) => local.subscribe(room, listener),
    control: local.control,
    onControl: local.onControl,
    onRestored: () => {},
    state: () => 'up',
    close: async () => local.clear()
  }
}
