import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Identity } from '../../../server/core/chat'
import type { Claims } from '../../../server/core/google'
import { openTestChat, type TestChat } from '../../support/ports'

/** A guest who signs up by Google on the way to an invite. */

let t: TestChat
let owner: Identity
let room: string
let claims: Claims

beforeAll(async () => {
  t = await openTestChat({ provider: { begin: async () => 'https://provider.example', finish: async () => claims } })
  owner = await t.person('Owner')
  room = (await t.chat.rooms.create(owner, { name: 'Garden', topic: '' })).id
})
afterAll(() => t.close())

async function setUp(name: string) {
  const other = (await t.chat.rooms.create(owner, { name: `Other of ${name}`, topic: '', visibility: 'private' })).id
  const { code } = await t.chat.invites.make(owner, other, { role: 'member', days: 1, uses: null })
  return { guest: await t.guest(name, owner, room), other, code }
}

async function signIn(name: string, viewer: Identity, code: string) {
  const google = t.chat.google ?? expect.fail('Google is not offered')
  const address = '10.41.0.1'
  const { kept } = await google.begin({ callback: 'https://chat.example/back', next: `/invite/${code}`, remember: false }, { address })
  claims = { subject: `g-${name}`, email: `${name.toLowerCase()}@gmail.example`, emailVerified: true, name, authenticatedAt: null }
  return google.finish(new URL('https://chat.example/back'), kept, { address, agent: 'test', viewer })
}

it('has their account and its address where the room is archived, and is sent on to the invite', async () => {
  const { guest, other, code } = await setUp('Gwen')
  await t.chat.rooms.update(owner, other, { archived: true })
  const { me, next } = await signIn('Gwen', guest, code)
  expect([me.id, me.kind, next]).toEqual([guest.person.id, 'member', `/invite/${code}`])
  expect(await t.ports.storage.credentialOf('password', me.id)).toMatchObject({ subject: 'gwen@gmail.example' })
})

it('is told of the invite, not of the sign-up, where they are banned from the room, and stays the guest that they are', async () => {
  const { guest, other, code } = await setUp('Gunn')
  await t.chat.moderation.remove(owner, other, guest.person.id, true)
  await expect(signIn('Gunn', guest, code)).rejects.toMatchObject({ problem: 'invite-invalid' })
  expect((await t.chat.accounts.identify(guest.token))?.person.kind).toBe('guest')
})
