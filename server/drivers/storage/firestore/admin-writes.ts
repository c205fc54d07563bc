import type { Transaction } from 'firebase-admin/firestore'
import type { PeopleStore } from '../../../core/ports'
import { type Client, find, readOne } from './client'
import type { Watcher } from './controls'
import { planRevocations } from './revocations'
import { endEach } from './session-writes'
import { auditSite, readSite } from './site'
import { isActive } from './standing'

type AdminWrites = Pick<PeopleStore, 'setAdmin' | 'setDisabled' | 'setSettings' | 'noteAudit'>

/** What an admin decides for the site, each written down in the same transaction. */
export function createAdminWrites(client: Client, watcher: Watcher): AdminWrites {
  const { note } = watcher
  const { at } = client

  async function isAdmin(tx: Transaction, user: string): Promise<boolean> {
    const account = await readOne(tx, at.user(user))
    return isActive(account) && account.admin
  }
  const isLastAdmin = async (tx: Transaction, user: string) =>
    !(await find(tx, at.users.where('admin', '==', true).where('disabledAt', '==', null).limit(2))).some(other => other.id !== user)

  return {
    setAdmin: ({ user, admin, by, at: when }) => client.inTurn(['site', user, by], async (tx) => {
      const site = await readSite(client, tx)
      if (!await isAdmin(tx, by)) return 'refused'
      const account = await readOne(tx, at.user(user))
      if (!account || account.name === '' || account.kind === 'guest') return 'none'
      if (account.admin === admin) return 'done'
      if (!admin && account.disabledAt === null && await isLastAdmin(tx, user)) return 'last-admin'
      const revoke = admin ? null : await planRevocations(client, tx, user, when, account.disabledAt === null)
      tx.update(at.user(user), { admin })
      revoke?.()
      auditSite(client, tx, site, { action: admin ? 'admin-made' : 'admin-unmade', by, at: when, target: user, detail: '' })
      note(tx, [{ kind: 'person-changed', user }])
      return 'done'
    }),
    setDisabled: ({ user, disabled, by, at: when }) => client.inTurn(['site', user, by], async (tx) => {
      const site = await readSite(client, tx)
      if (!await isAdmin(tx, by)) return { outcome: 'refused', ended: [] }
      const account = await readOne(tx, at.user(user))
      if (!account || account.name === '') return { outcome: 'none', ended: [] }
      if ((account.disabledAt !== null) === disabled) return { outcome: 'done', ended: [] }
      if (disabled && account.admin && await isLastAdmin(tx, user)) return { outcome: 'last-admin', ended: [] }
      const ended = disabled ? (await find(tx, at.sessions.where('user', '==', user))).map(session => session.id) : []
      const revoke = disabled ? await planRevocations(client, tx, user, when, false) : null
      tx.update(at.user(user), { disabledAt: disabled ? when : null })
      revoke?.()
      endEach(client, watcher, tx, ended)
      auditSite(client, tx, site, { action: disabled ? 'account-disabled' : 'account-enabled', by, at: when, target: user, detail: '' })
      note(tx, [{ kind: 'person-changed', user }])
      return { outcome: 'done', ended }
    }),
    setSettings: ({ settings, by, at: when }) => client.inTurn(['site', by], async (tx) => {
      const site = await readSite(client, tx)
      if (!await isAdmin(tx, by)) return false
      const known: Record<string, unknown> = site.settings
      const changed = Object.entries(settings).filter(([key, value]) => value !== undefined && known[key] !== value)
      if (changed.length === 0) return true
      auditSite(client, tx, { ...site, settings: { ...site.settings, ...Object.fromEntries(changed) } }, {
        action: 'settings-changed', by, at: when, target: null, detail: changed.map(([key, value]) => `${key}: ${value}`).join(', ')
      })
      note(tx, [{ kind: 'settings-changed' }])
      return true
    }),
    noteAudit: ({ room, ...entry }) => client.inTurn([room ?? 'site'], async (tx) => {
      if (room === null) return auditSite(client, tx, await readSite(client, tx), entry)
      const document = await readOne(tx, at.room(room))
      if (!document) return
      const n = document.audits + 1
      tx.update(at.room(room), { audits: n })
      tx.create(at.audit(room, n), { n, at: entry.at, action: entry.action, by: entry.by, target: entry.target, detail: entry.detail })
    })
  }
}
