import type { AuditEntry } from '#shared/types'
import type { en } from '~/locales/en'

const lookUp = (words: Readonly<Record<string, string>>, key: string): string | undefined => Object.hasOwn(words, key) ? words[key] : undefined

/**
 * The particulars of an entry of a history, in the reader's words. What is stored is a closed vocabulary, parts separated by commas; what an older version
 * wrote otherwise is shown as it stands.
 */
export function auditDetail({ action, detail }: Pick<AuditEntry, 'action' | 'detail'>, { app, audit, admin }: Pick<typeof en, 'app' | 'audit' | 'admin'>): string {
  const inWords = (part: string): string => {
    switch (action) {
      case 'settings-changed': return siteSetting(part)
      case 'invite-made': case 'invite-revoked': return lookUp(audit.invitedAs, part) ?? part
      case 'room-deleted': return lookUp(audit.deletedRoom, part) ?? part
    }
    const [, slow, seconds] = /^(slow mode )?(\d+) s$/.exec(part) ?? []
    if (seconds !== undefined) return (slow ? audit.slowMode : audit.mutedFor)(app.span(Number(seconds)))
    return lookUp(audit.details, part) ?? part
  }

  function siteSetting(part: string): string {
    const [name = '', value = ''] = part.split(': ')
    const { signups, ...labels } = admin.site
    if (name === 'signup' && value in signups) return `${labels.signup}: ${signups[value as keyof typeof signups].label}`
    return name === 'public' || name === 'guests' ? `${labels[name]}: ${value === 'true' ? audit.on : audit.off}` : part
  }

  return detail.split(', ').map(inWords).join(', ')
}
