import { describe, expect, it } from 'vitest'
import { account, allPages, freshId, joins, post } from '../support/storage'
import type { World } from './storage'

/** The site: accounts as the admin sees them, who is an admin, what is set; further ways in. */
export function describeAdmin(world: World): void {
  const session = async (user: string, at = 1_000) => {
    const idHash = freshId('s')
    await world.storage.createSession({ idHash, user, remember: false, at, agent: '' })
    return idHash
  }
  const setAdmin = (by: string, user: string, admin: boolean) => world.storage.setAdmin({ user, admin, by, at: 7_000 })
  const setDisabled = (by: string, user: string, disabled: boolean) => world.storage.setDisabled({ user, disabled, by, at: 7_000 })
  const writtenDown = async () => (await world.storage.audit(null, { limit: 50 })).items.map(one => [one.action, one.by.id, one.target?.id ?? null])

  describe('admins', () => {
    it('are made and unmade by admins, and that is written down', async () => {
      const [ada, bob, guest] = [await world.person({ admin: true }), await world.person(), await world.person({ kind: 'guest' })]
      expect([await setAdmin(bob, bob, true), await setAdmin(ada, freshId(), true), await setAdmin(ada, guest, true)]).toEqual(['refused', 'none', 'none'])
      expect([await setAdmin(ada, bob, true), await setAdmin(ada, bob, true), await setAdmin(bob, ada, false)]).toEqual(['done', 'done', 'done'])
      expect(await world.storage.admins()).toEqual([bob])
      expect(await writtenDown()).toEqual([['admin-unmade', bob, ada], ['admin-made', ada, bob]])
    })

    it('there is always one, whatever two do at once', async () => {
      const [ada, bob] = [await world.person({ admin: true }), await world.person({ admin: true })]
      expect(await Promise.all([setAdmin(ada, ada, false), setAdmin(bob, bob, false)])).toEqual(['done', 'last-admin'])
      expect(await setDisabled(bob, bob, true)).toEqual({ outcome: 'last-admin', ended: [] })
      expect(await world.storage.deleteAccount(bob, 8_000)).toBe('last-admin')
      expect(await world.storage.admins()).toEqual([bob])
      expect((await writtenDown()).length).toBe(1)
    })

    it('of two who unmake each other one does; of two who delete themselves one stays', async () => {
      const [ada, bob] = [await world.person({ admin: true }), await world.person({ admin: true })]
      expect(await Promise.all([setAdmin(ada, bob, false), setAdmin(bob, ada, false)])).toEqual(['done', 'refused'])
      await setAdmin(ada, bob, true)
      await world.person()
      expect((await Promise.all([world.storage.deleteAccount(ada, 1), world.storage.deleteAccount(bob, 1)])).filter(done => done === 'last-admin')).toHaveLength(1)
    })

    it('a disabled admin counts for nothing', async () => {
      const [ada, bob] = [await world.person({ admin: true }), await world.person({ admin: true })]
      await setDisabled(ada, bob, true)
      expect([await setAdmin(bob, ada, false), await setAdmin(ada, ada, false)]).toEqual(['refused', 'last-admin'])
      await setDisabled(ada, bob, false)
      expect(await setAdmin(bob, ada, false)).toBe('done')
    })
  })

  describe('disabling', () => {
    it('ends all sessions and keeps everything else; enabling gives it back', async () => {
      const [ada, bob, room] = [await world.person({ admin: true }), account(), await world.room()]
      await world.storage.createAccount(bob)
      await world.does(room, bob.id, joins(bob.id))
      const ids = [await session(bob.id), await session(bob.id)]
      expect(await setDisabled(bob.id, ada, true)).toEqual({ outcome: 'refused', ended: [] })
      const { outcome, ended } = await setDisabled(ada, bob.id, true)
      expect([outcome, [...ended].sort()]).toEqual(['done', [...ids].sort()])
      expect([await world.storage.session(ids[0]!), await world.storage.me(bob.id)]).toEqual([null, null])
      expect(await world.storage.credential('password', bob.credential.subject)).toMatchObject({ disabled: true })
      expect(await setDisabled(ada, bob.id, true)).toEqual({ outcome: 'done', ended: [] })
      expect(await setDisabled(ada, freshId(), true)).toEqual({ outcome: 'none', ended: [] })
      await setDisabled(ada, bob.id, false)
      expect(await world.storage.me(bob.id)).toMatchObject({ name: bob.name })
      expect(await world.storage.access({ id: room }, bob.id)).toMatchObject({ role: 'member' })
      expect(await writtenDown()).toEqual([['account-enabled', ada, bob.id], ['account-disabled', ada, bob.id]])
    })

    it('is of guests, too: they are out until they are enabled', async () => {
      const [ada, room] = [await world.person({ admin: true }), await world.room()]
      const guest = await world.member(room, 'guest', { kind: 'guest' })
      const id = await session(guest)
      expect(await setDisabled(ada, guest, true)).toEqual({ outcome: 'done', ended: [id] })
      expect(await world.append(room, guest, post('x'), { requires: [{ check: 'account', user: guest }] })).toEqual({ ok: false, refused: 'account' })
      expect(await setDisabled(ada, guest, false)).toEqual({ outcome: 'done', ended: [] })
      expect(await world.append(room, guest, post('x'), { requires: [{ check: 'account', user: guest }] })).toMatchObject({ ok: true })
      expect(await writtenDown()).toEqual([['account-enabled', ada, guest], ['account-disabled', ada, guest]])
    })

    it('a deleted account can\'t be enabled again', async () => {
      const [ada, bob] = [await world.person({ admin: true }), await world.person()]
      await world.storage.deleteAccount(bob, 1)
      expect([await setDisabled(ada, bob, false), await setAdmin(ada, bob, true)]).toEqual([{ outcome: 'none', ended: [] }, 'none'])
    })

    it('a disabled account inherits no room', async () => {
      const [ada, owner] = [await world.person({ admin: true }), await world.person()]
      const room = await world.room(owner)
      const [moderator, member] = [await world.member(room, 'moderator'), await world.member(room)]
      await setDisabled(ada, moderator, true)
      await world.storage.deleteAccount(owner, 1)
      expect((await world.storage.access({ id: room }, null))?.room.ownerId).toBe(member)
    })
  })

  describe('accounts', () => {
    it('are listed by name, without the deleted, with what the admin needs to know', async () => {
      const made = account({ name: 'bob', at: 500 })
      await world.storage.createAccount(made)
      const [ada, gone] = [await world.person({ name: 'Ada', admin: true }), await world.person()]
      await world.member(await world.room(ada), 'guest', { name: 'Élan', kind: 'guest' })
      await world.does(await world.room(ada), made.id, joins(made.id))
      await session(made.id, 600)
      await session(made.id, 900)
      await world.storage.deleteAccount(gone, 1)
      const all = await allPages(page => world.storage.accounts({ search: '', ...page }), 2)
      expect(all.map(one => one.name)).toEqual(['Ada', 'bob', 'Élan'])
      expect(all[1]).toEqual({ id: made.id, name: 'bob', kind: 'member', email: made.credential.subject, admin: false, disabledAt: null, createdAt: 500, lastSeenAt: 900, rooms: 1 })
      expect(all[0]).toMatchObject({ admin: true, rooms: 2, lastSeenAt: null })
      await expect(world.storage.accounts({ search: '', limit: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
    })

    it('are found by a part of the name in any case, or of the address', async () => {
      const credential = { kind: 'password', subject: 'grace@navy.example', secretHash: 'x', verifiedAt: null } as const
      const [grace, elan] = [await world.person({ name: 'Hopper 100%', credential }), await world.person({ name: 'ÉLAN' })]
      const find = async (search: string) => (await world.storage.accounts({ search, limit: 9 })).items.map(one => one.id)
      expect([await find('hopper'), await find('GRACE@'), await find('élan'), await find('%'), await find('_')]).toEqual([[grace], [grace], [elan], [grace], []])
      await world.storage.rename(elan, 'Zoé')
      expect([await find('élan'), await find('ZOÉ')]).toEqual([[], [elan]])
    })
  })

  it('every room is listed for the admin, with its owner and how many stand in it, and no content', async () => {
    const owner = await world.person({ name: 'Ada' })
    const den = await world.room(owner, { name: 'Den', visibility: 'private', listed: false, passwordHash: 'x' })
    const hall = await world.room(owner, { name: 'hall' })
    const user = await world.person()
    await world.does(den, user, joins(user, 'member', 'password'))
    await world.member(den)
    await world.does(den, owner, { do: 'describe', passwordHash: 'y' })
    const all = await allPages(page => world.storage.allRooms({ search: '', ...page }), 1)
    expect(all).toMatchObject([{ id: den, name: 'Den', locked: true, owner: { id: owner, name: 'Ada' }, members: 2 }, { id: hall, members: 1 }])
    expect((await world.storage.allRooms({ search: 'DE', limit: 5 })).items.map(room => room.id)).toEqual([den])
    await expect(world.storage.allRooms({ search: '', limit: 5, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid' })
  })

  it('what is set for the site is set by admins, kept, and written down where it changes anything', async () => {
    const [ada, bob] = [await world.person({ admin: true }), await world.person()]
    const set = (by: string, settings: Parameters<typeof world.storage.setSettings>[0]['settings']) => world.storage.setSettings({ settings, by, at: 7_000 })
    expect(await world.storage.settings()).toEqual({})
    expect([await set(bob, { public: true }), await set(ada, { signup: 'invite', public: true }), await set(ada, { public: true })]).toEqual([false, true, true])
    await set(ada, { public: false })
    await world.reopen()
    expect(await world.storage.settings()).toEqual({ signup: 'invite', public: false })
    expect((await world.storage.audit(null, { limit: 9 })).items.map(one => [one.action, one.detail])).toEqual([['settings-changed', 'public: false'], ['settings-changed', 'signup: invite, public: true']])
  })

  describe('further ways in', () => {
    it('an account has one of each kind, and a subject belongs to one account', async () => {
      const [ada, bob] = [await world.person(), await world.person()]
      const google = { kind: 'google', subject: 'g1', secretHash: '', verifiedAt: 5_000 } as const
      const add = (user: string, subject: string) => world.storage.addCredential(user, { ...google, subject })
      expect([await add(ada, 'g1'), await add(ada, 'g2'), await add(bob, 'g1'), await add(freshId(), 'g3'), await add(bob, 'g2')]).toEqual([true, false, false, false, true])
      expect(await world.storage.credential('google', 'g1')).toEqual({ user: ada, secretHash: '', verifiedAt: 5_000, disabled: false })
      expect(await world.storage.me(ada)).toMatchObject({ email: (await world.storage.credentialOf('password', ada))?.subject, google: true })
      await world.storage.deleteAccount(bob, 1)
      expect(await add(bob, 'g4')).toBe(false)
    })

    it('an address is verified once, and only while it is theirs', async () => {
      const made = account()
      await world.storage.createAccount(made)
      const { subject } = made.credential
      const verify = (user: string, of: string, at: number) => world.storage.verifyCredential('password', user, of, at)
      expect([await verify(made.id, 'other@example.org', 1), await verify(freshId(), subject, 1), await verify(made.id, subject, 2), await verify(made.id, subject, 3)]).toEqual([false, false, true, true])
      expect(await world.storage.credentialOf('password', made.id)).toEqual({ subject, secretHash: 'hash', verifiedAt: 2 })
    })
  })
}
