import type { WriteAudit } from './audit'
import type { Db } from './database'
import type { Journal } from './journal'
import type { Writes } from './requests'
import { createRevocations } from './revocations'

type AdminWrites = Pick<Writes, 'setAdmin' | 'setDisabled' | 'setSettings'>
interface AccountRow { kind: string, admin: 0 | 1, disabledAt: number | null }

/** What an admin decides for the site, each written down in the same transaction. */
export function createAdminWrites(db: Db, { note }: Journal, audit: WriteAudit): AdminWrites {
  const admin = db.prepare<[string], number>('SELECT 1 FROM users WHERE id = ? AND admin AND disabledAt IS NULL').pluck()
  const otherAdmin = db.prepare<[string], number>('SELECT 1 FROM users WHERE id <> ? AND admin AND disabledAt IS NULL').pluck()
  // A deleted account has no name.
  const account = db.prepare<[string], AccountRow>('SELECT kind, admin, disabledAt FROM users WHERE id = ? AND name <> \'\'')
  const setAdmin = db.prepare('UPDATE users SET admin = ? WHERE id = ?')
  const setDisabled = db.prepare('UPDATE users SET disabledAt = ? WHERE id = ?')
  const end = db.prepare<[string], string>('DELETE FROM sessions WHERE user = ? RETURNING idHash').pluck()
  const setting = db.prepare<[string], string>('SELECT json FROM settings WHERE key = ?').pluck()
  const setSetting = db.prepare('INSERT INTO settings (key, json) VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json')

  const revoke = createRevocations(db)

  const isLastAdmin = (user: string) => admin.get(user) !== undefined && otherAdmin.get(user) === undefined

  return {
    setAdmin({ user, admin: wanted, by, at }) {
      if (!admin.get(by)) return 'refused'
      const found = account.get(user)
      if (!found || found.kind === 'guest') return 'none'
      if ((found.admin === 1) === wanted) return 'done'
      if (!wanted && isLastAdmin(user)) return 'last-admin'
      setAdmin.run(Number(wanted), user)
      revoke({ room: null, user, at })
      audit({ action: wanted ? 'admin-made' : 'admin-unmade', room: null, by, at, target: user, detail: '' })
      note({ kind: 'person-changed', user })
      return 'done'
    },
    setDisabled({ user, disabled, by, at }) {
      if (!admin.get(by)) return { outcome: 'refused', ended: [] }
      const found = account.get(user)
      if (!found) return { outcome: 'none', ended: [] }
      if ((found.disabledAt !== null) === disabled) return { outcome: 'done', ended: [] }
      if (disabled && isLastAdmin(user)) return { outcome: 'last-admin', ended: [] }
      setDisabled.run(disabled ? at : null, user)
      revoke({ room: null, user, at })
      audit({ action: disabled ? 'account-disabled' : 'account-enabled', room: null, by, at, target: user, detail: '' })
      const ended = disabled ? end.all(user) : []
      for (const session of ended) note({ kind: 'session-ended', session })
      note({ kind: 'person-changed', user })
      return { outcome: 'done', ended }
    },
    setSettings({ settings, by, at }) {
      if (!admin.get(by)) return false
      const changed = Object.entries(settings).filter(([key, value]) => value !== undefined && setting.get(key) !== JSON.stringify(value))
      if (changed.length === 0) return true
      for (const [key, value] of changed) setSetting.run(key, JSON.stringify(value))
      audit({ action: 'settings-changed', room: null, by, at, target: null, detail: changed.map(([key, value]) => `${key}: ${value}`).join(', ') })
      note({ kind: 'settings-changed' })
      return true
    }
  }
}
