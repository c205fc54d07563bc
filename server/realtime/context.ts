import { randomBytes } from 'node:crypto'
import { rates } from '#shared/limits'
import type { Chat } from '../core/chat'
import { errorForLog } from '../utils/log'
import type { Connection } from './connection'
import { OwnRates, Tally } from './counts'
import { Hub } from './hub'
import { People, type PersonHere } from './people'

/** What all sockets of this process share. */
export class Context {
  readonly people = new People()
  readonly hub: Hub
  readonly connections = new Set<Connection>()
  /** Those who have not said hello. */
  readonly strangers = new Set<Connection>()
  /** Rooms asked to be read, by person or by the address of visitors. */
  readonly subscribes = new OwnRates(rates.subscribe)
  readonly stats = { opened: 0, slow: 0, errors: 0 }
  /** No new sockets any more. */
  leaving = false
  /** Nothing new is begun any more. */
  draining = false
  readonly #strangersBy = new Tally()
  readonly #visitorsBy = new Tally()
  readonly #name = randomBytes(6).toString('base64url')
  #working = 0
  #idle: (() => void) | null = null

  constructor(readonly chat: Chat) {
    this.hub = new Hub(chat.ports, this.people, error => this.failed(error))
  }

  /** How many sockets of this address have not said hello. */
  strangersFrom(address: string): number { return this.#strangersBy.of(address) }

  /** How many sockets of this address have said hello without an account. */
  visitorsFrom(address: string): number { return this.#visitorsBy.of(address) }

  welcome(connection: Connection): void {
    this.stats.opened++
    this.connections.add(connection)
    this.strangers.add(connection)
    this.#strangersBy.add(connection.address)
  }

  greeted(connection: Connection): void {
    if (!this.strangers.delete(connection)) return
    this.#strangersBy.remove(connection.address)
    if (isVisitor(connection)) this.#visitorsBy.add(connection.address)
  }

  forget(connection: Connection, here: PersonHere | null): void {
    this.greeted(connection)
    if (this.connections.delete(connection) && isVisitor(connection)) this.#visitorsBy.remove(connection.address)
    if (here && this.people.remove(here, connection)) for (const room of [...here.rooms]) this.hub.unwatch(here, room)
  }

  /** A name for a connection, unique across instances and restarts. */
  nextName(): string { return `${this.#name}-${this.stats.opened.toString(36)}-${this.connections.size.toString(36)}` }

  began(): void { this.#working++ }

  finished(): void {
    if (--this.#working === 0) this.#idle?.()
  }

  /** Resolves when no request is under way. */
  async idle(): Promise<void> {
    if (this.#working > 0) await new Promise<void>((resolve) => { this.#idle = resolve })
  }

  /** Something that is nobody's request failed, or a request in a way that we did not expect. */
  failed(error: unknown): void {
    this.stats.errors++
    console.error(`[realtime] ${errorForLog(error)}`)
  }
}

export const isVisitor = ({ ready, viewer }: Connection): boolean => ready && !viewer
