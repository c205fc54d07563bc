import { useConnectionStore } from '~/stores/connection'

/** The live line for components: `{ state, reason, visibleOffline, outboxCount }`, reactive; use it without destructuring. */
export const useConnection = () => useConnectionStore()
