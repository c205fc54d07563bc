import { expect, it } from 'vitest'
import type { AuditAction } from '#shared/types'
import { auditOf, type RoomChange } from '../../../server/core/room-changes'
import { en } from '../../../locales/en'
import { auditDetail } from '../../../utils/auditDetail'

const before = {
  name: 'Hall', topic: '', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null
} as const
const words = (action: AuditAction, detail: string) => auditDetail({ action, detail }, en)

it.each<[RoomChange, string]>([
  [{ name: 'Other', topic: 'New' }, 'name, topic'],
  [{ visibility: 'private', listed: false }, 'now private, no longer in the list of rooms'],
  [{ closed: true, guests: false }, 'closed to new messages, no guests'],
  [{ slowModeSeconds: 30 }, 'slow mode: one message every 30 seconds'],
  [{ archived: true }, 'archived']
])('says in words what was changed about a room: %o', (change, said) => {
  const { action, detail } = auditOf(before, change)
  expect(words(action, detail)).toBe(said)
})

it.each<[AuditAction, string, string]>([
  ['muted', '3600 s', 'for 1 hour'],
  ['role-changed', 'moderator', 'now a moderator'],
  ['invite-made', 'guest', 'for guests, too'],
  ['report-closed', 'dismissed', 'nothing was wrong'],
  ['message-deleted', 'reported', 'it had been reported'],
  ['room-deleted', 'private', 'a private room'],
  ['settings-changed', 'guests: false', `${en.admin.site.guests}: off`]
])('says in words what is stored: %s, %s', (action, detail, said) => {
  expect(words(action, detail)).toBe(said)
})

it('shows what it does not know as it stands', () => {
  expect(words('muted', '1 hour')).toBe('1 hour')
  expect(words('room-changed', 'constructor')).toBe('constructor')
})
