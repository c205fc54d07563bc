import { describe, expect, it } from 'vitest'
import type { Role, Room } from '#shared/types'
import type { Identity, Viewer } from '../../../server/core/chat'
import { mayJoin, mayManage, mayRead, toEdit, toErase, toLeave, toManage, toPost, toReact } from '../../../server/core/policy'
import type { Access } from '../../../server/core/ports'

const room = (visibility: Room['visibility'], archivedAt: number | null = null): Room => ({
  id: 'r', slug: 'lobby', name: 'Lobby', topic: '', visibility, ownerId: 'o', seq: 0, lastMessageAt: null, createdAt: 0, archivedAt
})
const access = (visibility: Room['visibility'], role: Role | null = null, banned = false): Access => ({ room: room(visibility), role, banned })
const somebody = (admin = false): Identity => ({ session: 's', person: { id: 'u', name: 'U', kind: 'member' }, admin })
const closed = { public: false }
const open = { public: true }

describe('who may read', () => {
  const cases: [string, Access, Viewer, { public: boolean }, boolean][] = [
    ['a visitor of a closed site, nothing', access('public'), null, closed, false],
    ['a visitor of a public site, a public room', access('public'), null, open, true],
    ['a visitor of a public site, no private room', access('private'), null, open, false],
    ['a member elsewhere, a public room', access('public'), somebody(), closed, true],
    ['a member elsewhere, no private room', access('private'), somebody(), open, false],
    ['a guest here, a private room', access('private', 'guest'), somebody(), closed, true],
    ['a member here, a private room', access('private', 'member'), somebody(), closed, true],
    ['an admin, no private room that they have not joined', access('private'), somebody(true), open, false],
    ['an admin, a private room that they have joined', access('private', 'member'), somebody(true), closed, true],
    ['the banned, no public room', access('public', null, true), somebody(), open, false],
    ['the banned, no private room', access('private', 'member', true), somebody(), closed, false]
  ]
  it.each(cases)('%s', (_, standing, viewer, site, expected) => expect(mayRead(standing, viewer, site)).toBe(expected))
})

describe('who may come in by themselves', () => {
  it.each([
    ['into a public room', access('public'), true],
    ['not into a private one', access('private'), false],
    ['into a private one where they are already', access('private', 'member'), true],
    ['not the banned', access('public', null, true), false]
  ] as const)('%s', (_, standing, expected) => expect(mayJoin(standing)).toBe(expected))
})

describe('who may manage a room', () => {
  it.each([[null, false], ['guest', false], ['member', false], ['moderator', false], ['owner', true]] as const)('%s: %s', (role, expected) => {
    expect(mayManage(access('public', role), somebody())).toBe(expected)
    expect(mayManage(access('public', role), somebody(true))).toBe(true)
    expect(toManage(somebody())).toContainEqual({ check: 'role', user: 'u', roles: ['owner'] })
    expect(toManage(somebody(true)).map(need => need.check)).toEqual(['account', 'room'])
  })
})

describe('what a commit must find', () => {
  const checks = (needs: { check: string }[]) => needs.map(need => need.check)

  it('to post: a live account, an open room, no ban, and the message that is answered', () => {
    expect(checks(toPost('u', null))).toEqual(['account', 'room', 'open', 'not-banned'])
    expect(toPost('u', 'm').at(-1)).toEqual({ check: 'message', message: 'm' })
  })

  it('to edit: that message, by that author', () => {
    expect(checks(toEdit('u', 'm'))).toEqual(['account', 'room', 'open', 'not-banned', 'message', 'author'])
    expect(toEdit('u', 'm').at(-1)).toEqual({ check: 'author', message: 'm', user: 'u' })
  })

  it('to react: that message', () => expect(checks(toReact('u', 'm'))).toEqual(['account', 'room', 'open', 'not-banned', 'message']))

  it('to leave: any role but owner', () => expect(toLeave('u')).toEqual([{ check: 'role', user: 'u', roles: ['moderator', 'member', 'guest'] }]))

  it.each([
    ['the author', access('public', 'member'), somebody(), ['account', 'room', 'not-banned', 'message', 'author']],
    ['a stranger to the room, as the author', access('public'), somebody(), ['account', 'room', 'not-banned', 'message', 'author']],
    ['a guest, as the author', access('public', 'guest'), somebody(), ['account', 'room', 'not-banned', 'message', 'author']],
    ['a moderator, by role', access('public', 'moderator'), somebody(), ['account', 'room', 'role', 'message']],
    ['the owner, by role', access('public', 'owner'), somebody(), ['account', 'room', 'role', 'message']],
    ['an admin, any', access('public'), somebody(true), ['account', 'room', 'message']],
    ['anybody in no room', null, somebody(), ['account', 'room', 'not-banned', 'message', 'author']]
  ] as const)('to erase: %s', (_, standing, identity, expected) => expect(checks(toErase(standing, identity, 'm'))).toEqual(expected))
})
