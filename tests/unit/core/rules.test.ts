import { describe, expect, it } from 'vitest'
import { decide, hasAccess, muteOf, pauseOf, rankOf, type Decided } from '../../../server/core/rules'

const open: Decided = {
  name: 'Lobby', topic: '', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null, passwordVersion: 0
}
const locked: Decided = { ...open, visibility: 'private', locked: true, passwordVersion: 1 }

describe('what is decided about a room', () => {
  it.each([
    ['all as it was', open, { name: 'Lobby', closed: false, archived: false }, null],
    ['no password where there is none', open, { passwordHash: null }, null],
    ['closed again', { ...open, closedAt: 3 }, { closed: true }, null],
    ['a new name', open, { name: 'Hall' }, { after: { name: 'Hall' }, recheck: false }],
    ['closed now', open, { closed: true }, { after: { closedAt: 7 }, recheck: false }],
    ['out of the archive', { ...open, archivedAt: 3 }, { archived: false }, { after: { archivedAt: null }, recheck: false }],
    ['private', open, { visibility: 'private' as const }, { after: { visibility: 'private' }, recheck: true }],
    ['guests out', open, { guests: false }, { after: { guests: false }, recheck: true }],
    ['a new password', locked, { passwordHash: 'x' }, { after: { locked: true, passwordVersion: 2 }, recheck: true }],
    ['no password any more', locked, { passwordHash: null }, { after: { locked: false, passwordVersion: 1 }, recheck: false }],
    ['public, and a password with it', locked, { visibility: 'public' as const, passwordHash: 'x' }, { after: { visibility: 'public', locked: false, passwordVersion: 1 }, recheck: false }],
    ['a password for a public room', open, { passwordHash: 'x' }, null]
  ])('%s', (_, before, change, wanted) => {
    const decided = decide(before, change, 7)
    expect(decided).toEqual(wanted && { ...wanted, after: { ...before, ...wanted.after } })
  })
})

it('an owner is above an admin, an admin above a moderator, and those above all others', () => {
  expect([rankOf('owner', false), rankOf(null, true), rankOf('moderator', false), rankOf('member', false)]).toEqual([3, 2, 1, 0])
  expect(rankOf('owner', true)).toBe(rankOf('owner', false))
  expect(rankOf('guest', false)).toBe(rankOf(null, false))
})

it('a guest is in the rooms alone that they were invited to, a stranger in none', () => {
  expect(hasAccess('public', null, 'member')).toBe(true)
  for (const [visibility, kind] of [['public', 'guest'], ['public', null], ['private', 'member'], [undefined, 'member']] as const) expect(hasAccess(visibility, null, kind)).toBe(false)
  expect(hasAccess('private', 'guest', 'guest')).toBe(true)
})

it('waits end, and those who look after the room have none in slow mode', () => {
  expect([muteOf(null, 5), muteOf(5, 5), muteOf(8, 5)]).toEqual([0, 0, 3])
  const slow = { slowModeSeconds: 10 }
  expect([pauseOf(slow, 'member', null, 5_000), pauseOf(slow, 'member', 0, 4_000), pauseOf(slow, 'member', 0, 10_000)]).toEqual([0, 6_000, 0])
  expect(pauseOf(slow, 'moderator', 0, 4_000)).toBe(0)
  expect(pauseOf(slow, 'member', 99_000_000, 4_000), 'of a clock that was wrong').toBe(0)
})
