import type { Person } from '#shared/types'
import { createAccounts, type AccountsOfChat } from './accounts'
import { createMessages, type Messages } from './messages'
import type { Ports } from './ports'
import { createReplay, type Replay } from './replay'
import { createRooms, type Rooms } from './rooms'
import { createSessions } from './sessions'
import { createTickets, type Tickets } from './tickets'

/** Who is calling: what a session in storage said. Never what a request claims. */
export interface Identity { session: string, person: Person, admin: boolean }
/** null: a visitor without an account. */
export type Viewer = Identity | null

export interface ChatOptions {
  /** Key material for tickets, links and codes. */
  secret: string
  signup: 'open' | 'invite' | 'closed'
  /** Visitors may read public rooms. */
  public: boolean
}

/** Everything that can be done here: what each door, HTTP or socket, calls. Throws ChatError, and nothing else on purpose. */
export interface Chat {
  ports: Ports
  accounts: AccountsOfChat
  rooms: Rooms
  messages: Messages
  tickets: Tickets
  replay: Replay
}

export function createChat(ports: Ports, options: ChatOptions): Chat {
  const sessions = createSessions(ports)
  return {
    ports,
    accounts: createAccounts(ports, sessions, options),
    rooms: createRooms(ports, options),
    messages: createMessages(ports, options),
    tickets: createTickets(ports, sessions, options),
    replay: createReplay(ports, options)
  }
}
