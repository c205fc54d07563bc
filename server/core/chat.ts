import type { Person, SiteSettings } from '#shared/types'
import { createAccounts, type AccountsOfChat } from './accounts'
import { createAdmin, type Admin } from './admin'
import { createGoogle, type Google, type Provider } from './google'
import { createInvites, type Invites } from './invites'
import type { Post } from './mail'
import { createMessages, type Messages } from './messages'
import { createModeration, type Moderation } from './moderation'
import type { Ports } from './ports'
import { createReplay, type Replay } from './replay'
import { createReports, type Reports } from './reports'
import { createRooms, type Rooms } from './rooms'
import { createScope } from './scope'
import { createSessions } from './sessions'
import { createSignIn } from './sign-in'
import { createSite, type SiteOfChat } from './site'
import { createSiteMap, type SiteMap } from './site-map'
import { createTickets, type Tickets } from './tickets'

/** Who is calling: what a session in storage said. Never what a request claims. */
export interface Identity { session: string, person: Person, admin: boolean }
/** null: a visitor without an account. */
export type Viewer = Identity | null

/** What the environment says. The settings of the site hold until its admin changes them. */
export interface ChatOptions extends SiteSettings {
  /** Key material for tickets, links and codes. */
  secret: string
  /** The way to mail people; none where the site sends no mail. */
  post?: Post | null
  /** Where people with an account at Google prove it; none where that is not offered. */
  provider?: Provider | null
}

/** Everything that can be done here: what each door, HTTP or socket, calls. Throws ChatError, and nothing else on purpose. */
export interface Chat {
  ports: Ports
  site: SiteOfChat
  siteMap: SiteMap
  accounts: AccountsOfChat
  rooms: Rooms
  invites: Invites
  moderation: Moderation
  reports: Reports
  admin: Admin
  messages: Messages
  tickets: Tickets
  replay: Replay
  /** null: not offered. */
  google: Google | null
}

export function createChat(ports: Ports, options: ChatOptions): Chat {
  const sessions = createSessions(ports)
  const site = createSite(ports, options)
  const scope = createScope(ports, site)
  const invites = createInvites(ports, site, scope)
  const accounts = createAccounts(ports, { sessions, site, scope, invites }, options)
  return {
    ports, site, accounts, invites,
    siteMap: createSiteMap(ports, site),
    rooms: createRooms(ports, site, scope),
    moderation: createModeration(ports, scope),
    reports: createReports(ports, scope),
    admin: createAdmin(ports, { site, sessions, passwords: accounts }),
    messages: createMessages(ports, site),
    tickets: createTickets(ports, sessions, site, options),
    replay: createReplay(ports, site),
    google: createGoogle(ports, { signIn: createSignIn(ports.storage, sessions), register: accounts.register }, options)
  }
}
