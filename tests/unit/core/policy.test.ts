import { describe, expect, it } from 'vitest'
import type { PersonKind, Role, Room, RoomSettings } from '#shared/types'
import type { Identity, Viewer } from '../../../server/core/chat'
import {
  doorOf, isModerators, mayKnow, mayKnowOfBan, mayManage, mayModerate, mayRead, refusalToRead, toActOn, toArrive, toChange, toEdit, toErase, toGiveRole, toHandOver, toInvite, toJoin, toJoinAsAdmin, toJoinByInvite,
  toJoinByPassword, toLeave, toManage, toModerate, toMute, toPost, toReact, toReport
} from '../../../server/core/policy'
import type { Access, Precondition } from '../../../server/core/ports'

const room = (settings: Partial<RoomSettings>): Room => ({
  id: 'r', slug: 'lobby', name: 'Lobby', topic: 'A topic', visibility: 'public', listed: true, locked: false, closedAt: null, slowModeSeconds: 0, guests: true, archivedAt: null,
  ownerId: 'o', seq: 5, lastMessageAt: 1, createdAt: 0, ...settings
})
const rooms = { public: room({}), listed: room({ visibility: 'private' }), locked: room({ visibility: 'private', locked: true }), unlisted: room({ visibility: 'private', listed: false, locked: true }) }
interface Standing { role?: Role | null, banned?: boolean, kind?: PersonKind | null }
const access = (where: keyof typeof rooms, { role = null, banned = false, kind = 'member' }: Standing = {}): Access => ({ room: rooms[where], role, cameBy: role === null ? null : 'self', lost: false, banned, mutedUntil: null, kind })
const somebody = (admin = false): Identity => ({ session: 's', person: { id: 'u', name: 'U', kind: 'member' }, admin })
const [closed, open] = [{ public: false }, { public: true }]
const checks = (needs: readonly Precondition[]) => needs.map(need => need.check).join(' ')

describe('who may read', () => {
  const cases: [string, Access, Viewer, { public: boolean }, boolean][] = [
    ['a visitor of a closed site, nothing', access('public', { kind: null }), null, closed, false],
    ['a visitor of a public site, a public room', access('public', { kind: null }), null, open, true],
    ['a visitor of a public site, no private room', access('listed', { kind: null }), null, open, false],
    ['a member elsewhere, a public room', access('public'), somebody(), closed, true],
    ['a member elsewhere, no private room', access('locked'), somebody(), open, false],
    ['a guest elsewhere, no public room', access('public', { kind: 'guest' }), somebody(), open, false],
    ['a guest here, a private room', access('unlisted', { role: 'guest', kind: 'guest' }), somebody(), closed, true],
    ['a member here, a private room', access('unlisted', { role: 'member' }), somebody(), closed, true],
    ['an admin, no private room that they have not joined', access('listed'), somebody(true), open, false],
    ['an admin, a private room that they have joined', access('listed', { role: 'member' }), somebody(true), closed, true],
    ['the banned, no public room', access('public', { banned: true }), somebody(), open, false],
    ['the banned, no private room', access('listed', { role: 'member', banned: true }), somebody(), closed, false]
  ]
  it.each(cases)('%s', (_, standing, viewer, site, expected) => expect(mayRead(standing, viewer, site)).toBe(expected))
})

describe('a room that they may not read', () => {
  const nowhere = refusalToRead(access('unlisted')).toJSON()

  it('asks members of the site for its password, or says that they need an invite', () => {
    expect(refusalToRead(access('locked')).code).toBe('password_required')
    expect(refusalToRead(access('listed'))).toMatchObject({ code: 'forbidden', message: expect.stringContaining('invite') })
  })

  it.each([
    ['is unlisted', access('unlisted')], ['is unlisted and one is banned from', access('unlisted', { banned: true })],
    ['guests are banned from', access('locked', { banned: true, kind: 'guest' })], ['is not for guests elsewhere', access('locked', { kind: 'guest' })],
    ['is not for visitors', access('locked', { kind: null })]
  ])('that %s looks as if it were not there', (_, standing) => {
    expect(nowhere.code).toBe('not_found')
    expect([mayKnow(standing), mayKnowOfBan(standing)]).toEqual([false, false])
    expect(refusalToRead(standing).toJSON()).toEqual(nowhere)
  })

  it.each(['public', 'listed', 'locked'] as const)('that they are banned from, and that is %s, says so', (where) => {
    expect([mayKnow(access(where, { banned: true })), mayKnowOfBan(access(where, { banned: true })), mayKnowOfBan(access(where))]).toEqual([false, true, false])
  })

  it('shows no more at its door than name, link, and whether a password opens it', () => {
    const { id, slug, name, visibility, listed, locked, ...rest } = doorOf(access('locked'))
    expect([id, slug, name, visibility, listed, locked]).toEqual(['r', 'lobby', 'Lobby', 'private', true, true])
    expect(Object.values(rest).filter(Boolean)).toEqual([])
  })
})

describe('who may manage or moderate a room', () => {
  it.each([[null, false, false], ['guest', false, false], ['member', false, false], ['moderator', false, true], ['owner', true, true]] as const)('%s: %s, %s', (role, manage, moderate) => {
    expect([mayManage(access('public', { role }), somebody()), mayModerate(access('public', { role }), somebody())]).toEqual([manage, moderate])
    expect([mayManage(access('public', { role }), somebody(true)), mayModerate(access('public', { role }), somebody(true))]).toEqual([true, true])
  })

  it('leaves to moderators the password, closing and slow mode', () => {
    expect(isModerators({ password: 'x', closed: true, slowModeSeconds: 5 })).toBe(true)
    for (const field of ['name', 'topic', 'archived', 'visibility', 'listed', 'guests']) expect(isModerators({ closed: true, [field]: 'x' }), field).toBe(false)
  })
})

describe('what a commit must find', () => {
  const speaking = 'account room not-banned access open not-closed not-muted'
  it.each<[string, readonly Precondition[], string]>([
    ['to post', toPost('u', null), `${speaking} pace`],
    ['to answer', toPost('u', 'm'), `${speaking} pace message`],
    ['to edit', toEdit('u', 'm'), `${speaking} message author`],
    ['to react', toReact('u', 'm'), `${speaking} message`],
    ['to report', toReport('u', 'm'), 'account room not-banned access message'],
    ['to join', toJoin('u'), 'account room not-banned access open'],
    ['to join by password', toJoinByPassword('u', 1), 'account room open not-banned password'],
    ['to join by invite', toJoinByInvite('u', 'c'), 'account room open not-banned invite'],
    ['to arrive', toArrive('c'), 'room open invite'],
    ['to come in as an admin', toJoinAsAdmin('u'), 'admin room'],
    ['to leave', toLeave('u'), 'role'],
    ['to manage, as the owner', toManage(somebody()), 'account room role'],
    ['to manage, as an admin', toManage(somebody(true)), 'admin room'],
    ['to moderate', toModerate(somebody()), 'account room role'],
    ['to moderate, as an admin', toModerate(somebody(true)), 'admin room'],
    ['to change how people write, as a moderator', toChange(somebody(), { closed: true, slowModeSeconds: 5 }), 'account room role'],
    ['to change the password, as a moderator', toChange(somebody(), { password: 'x' }), 'account room role inside'],
    ['to rename, as an admin', toChange(somebody(true), { name: 'x', topic: 'y', archived: true, guests: false }), 'admin room'],
    ['to make public, as an admin', toChange(somebody(true), { name: 'x', visibility: 'public' }), 'admin room inside'],
    ['to list, as an admin', toChange(somebody(true), { listed: true }), 'admin room inside'],
    ['to invite', toInvite(somebody()), 'account room role open inside'],
    ['to kick and ban', toActOn(somebody(), 't'), 'account room role outranks'],
    ['to mute', toMute(somebody(), 't'), 'account room role outranks present'],
    ['to give a role', toGiveRole(somebody(), 't'), 'account room role present'],
    ['to hand over', toHandOver(somebody(), 't', 'u'), 'account room role present active owned'],
    ['to erase, as the author', toErase(access('public', { role: 'member' }), somebody(), 'm'), 'account room not-banned access message author'],
    ['to erase, as an author who has not joined', toErase(access('public'), somebody(), 'm'), 'account room not-banned access message author'],
    ['to erase, as a moderator', toErase(access('public', { role: 'moderator' }), somebody(), 'm'), 'account room role message'],
    ['to erase, as the owner', toErase(access('public', { role: 'owner' }), somebody(true), 'm'), 'account room role message'],
    ['to erase, as an admin', toErase(access('public'), somebody(true), 'm'), 'admin room message'],
    ['to erase, in no room', toErase(null, somebody(), 'm'), 'account room not-banned access message author']
  ])('%s', (_, needs, expected) => expect(checks(needs)).toBe(expected))

  it('is asked of the right roles', () => {
    expect(toManage(somebody())).toContainEqual({ check: 'role', user: 'u', roles: ['owner'] })
    expect(toModerate(somebody())).toContainEqual({ check: 'role', user: 'u', roles: ['owner', 'moderator'] })
    expect(toGiveRole(somebody(), 't')).toContainEqual({ check: 'present', user: 't', roles: ['moderator', 'member'] })
    expect(toChange(somebody(), { password: 'x' })).toContainEqual({ check: 'role', user: 'u', roles: ['owner', 'moderator'] })
    expect(toChange(somebody(), { password: 'x', name: 'y' })).toContainEqual({ check: 'role', user: 'u', roles: ['owner'] })
    expect(toHandOver(somebody(), 't', 'o')).toEqual(expect.arrayContaining([{ check: 'active', user: 't' }, { check: 'owned', owner: 'o' }]))
    expect(toMute(somebody(), 't')).toContainEqual({ check: 'present', user: 't', roles: ['moderator', 'member', 'guest'] })
    expect(toLeave('u')).toEqual([{ check: 'role', user: 'u', roles: ['moderator', 'member', 'guest'] }])
  })
})
