import { ChatError } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Account, AuditEntry, Paged, RoomOverview, SiteSettings } from '#shared/types'
import type { Identity } from './chat'
import type { Passwords } from './passwords'
import type { Ports } from './ports'
import { spendList, spendTurn } from './rates'
import type { Sessions } from './sessions'
import { notAnAdmin, type SiteOfChat } from './site'

interface Search { search: string, cursor?: string }
export type AccountChange = { admin: boolean } | { disabled: boolean }

/** What an admin does for the whole site. Every method throws forbidden for everybody else. Looking is limited as lists are, doing as what is decided about rooms and people. */
export interface Admin {
  people: (identity: Identity, query: Search) => Promise<Paged<Account>>
  /** Throws not_found for nobody, and for guests who are to be admins; conflict where nobody would be an admin any more. Disabling, of guests too, ends their sessions. */
  changeAccount: (identity: Identity, user: string, change: AccountChange) => Promise<void>
  /** A token that sets a new password for this person, once, within 30 minutes. Throws not_found for one who has none. */
  resetLink: (identity: Identity, user: string) => Promise<string>
  endSessions: (identity: Identity, user: string) => Promise<void>
  rooms: (identity: Identity, query: Search) => Promise<Paged<RoomOverview>>
  settings: (identity: Identity) => Promise<SiteSettings>
  updateSettings: (identity: Identity, settings: Partial<SiteSettings>) => Promise<SiteSettings>
  /** Of the site, not of its rooms. */
  audit: (identity: Identity, query: { cursor?: string }) => Promise<Paged<AuditEntry>>
}

interface Parts { site: SiteOfChat, sessions: Sessions, passwords: Pick<Passwords, 'resetLinkFor'> }

export function createAdmin({ storage, bus, coordination, clock }: Ports, { site, sessions, passwords }: Parts): Admin {
  const limit = limits.page

  const mayLook = async (identity: Identity) => {
    requireAdmin(identity)
    await spendList(coordination, identity)
  }
  const mayAct = async (identity: Identity) => {
    requireAdmin(identity)
    await spendTurn(coordination, identity.person.id)
  }

  const setAdmin = (user: string, admin: boolean, by: string) => storage.setAdmin({ user, admin, by, at: clock.now() })
  const setDisabled = async (user: string, disabled: boolean, by: string) => {
    const { outcome, ended } = await storage.setDisabled({ user, disabled, by, at: clock.now() })
    sessions.ended(ended)
    return outcome
  }

  return {
    async people(identity, query) {
      await mayLook(identity)
      return storage.accounts({ ...query, limit })
    },

    async changeAccount(identity, user, change) {
      await mayAct(identity)
      const by = identity.person.id
      const outcome = await ('admin' in change ? setAdmin(user, change.admin, by) : setDisabled(user, change.disabled, by))
      if (outcome === 'refused') throw notAnAdmin()
      if (outcome === 'none') throw noSuchAccount()
      if (outcome === 'last-admin') throw new ChatError('conflict', 'This is the only admin of the site. Make somebody else one first.')
      bus.control({ kind: 'person-changed', user })
    },

    async resetLink(identity, user) {
      await mayAct(identity)
      const found = await storage.credentialOf('password', user)
      if (!found) throw new ChatError('not_found', 'There is no such account, or it has no password.')
      const token = await passwords.resetLinkFor(found.subject)
      await storage.noteAudit({ action: 'reset-link-made', target: user, detail: '', room: null, by: identity.person.id, at: clock.now() })
      return token
    },

    async endSessions(identity, user) {
      await mayAct(identity)
      if ((await storage.people([user])).length === 0) throw noSuchAccount()
      await sessions.end(user)
      await storage.noteAudit({ action: 'sessions-ended', target: user, detail: '', room: null, by: identity.person.id, at: clock.now() })
    },

    async rooms(identity, query) {
      await mayLook(identity)
      return storage.allRooms({ ...query, limit })
    },

    async settings(identity) {
      await mayLook(identity)
      return site.get()
    },

    async updateSettings(identity, settings) {
      await mayAct(identity)
      return site.update(identity, settings)
    },

    async audit(identity, query) {
      await mayLook(identity)
      return storage.audit(null, { ...query, limit })
    }
  }
}

function requireAdmin({ admin }: Identity): void {
  if (!admin) throw notAnAdmin()
}

const noSuchAccount = () => new ChatError('not_found', 'There is no such account.')
