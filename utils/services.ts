import { inject, type InjectionKey } from 'vue'
import type { Api } from '~/composables/useApi'
import type { Socket } from '~/composables/useSocket'
import type { Outbox } from './outbox'

/** The live line and what waits for it; exists in the browser only. */
export interface Realtime { socket: Socket, outbox: Outbox }

/** What stores need from outside. Provided once per application (per request on the server) by plugins/session.ts, and by fakes in tests. */
export interface Services { api: Api, realtime: Realtime | null }

export const servicesKey: InjectionKey<Services> = Symbol('chatly services')

/** The services of this application. Call it where Vue's `inject` works: in setup, in a store's setup, in a plugin. */
export function useServices(): Services {
  const services = inject(servicesKey)
  if (!services) throw new Error('The services are not provided: plugins/session.ts did not run.')
  return services
}
