import { describe, expect, it } from 'vitest'
import { limits } from '#shared/limits'
import { account, freshId, joins, post, room } from '../support/storage'
import type { World } from './storage'

/** Accounts and sessions. */
export function describePeople(world: World): void {
  const session = async (user: string, at = 1_000, remember = false) => {
    const idHash = freshId('s')
    await world.storage.createSession({ idHash, user, remember, at, agent: 'Browser' })
    return idHash
  }

  describe('accounts', () => {
    it('of two racing first accounts one wins, with one room', async () => {
      const accounts = [account({ admin: true }), account({ admin: true })]
      expect(await world.storage.hasAccounts()).toBe(false)
      const won = await Promise.all(accounts.map(one => world.storage.firstAccount(one, room(one.id, { slug: 'lobby', name: 'Lobby' }))))
      expect([...won].sort()).toEqual([false, true])
      const winner = accounts[won.indexOf(true)]
      expect(await world.storage.hasAccounts()).toBe(true)
      expect(await world.storage.admins()).toEqual([winner?.id])
      expect((await world.storage.rooms(null, { search: '', sort: 'name', archived: false, limit: 10 })).items).toMatchObject([{ slug: 'lobby', ownerId: winner?.id }])
    })

    it('once its only account is deleted a site has none, and can be set up anew', async () => {
      const [first, second] = [account({ admin: true }), account({ admin: true })]
      await world.storage.firstAccount(first, room(first.id, { slug: 'lobby', name: 'Lobby' }))
      expect(await world.storage.hasAccounts(first.id)).toBe(false)
      expect(await world.storage.hasAccounts(second.id)).toBe(true)
      await world.storage.deleteAccount(first.id, 5_000)
      expect(await world.storage.hasAccounts()).toBe(false)
      expect(await world.storage.firstAccount(second, room(second.id, { slug: 'lobby', name: 'Lobby' }))).toBe(true)
    })

    it('a taken subject makes no second account', async () => {
      const first = account()
      const second = account({ credential: first.credential })
      expect(await world.storage.createAccount(first)).toBe(true)
      expect(await world.storage.createAccount(second)).toBe(false)
      expect(await world.storage.people([first.id, second.id])).toEqual([{ id: first.id, name: first.name, kind: 'member' }])
    })

    it('credentials are found both ways and can be changed', async () => {
      const made = account()
      await world.storage.createAccount(made)
      const { subject } = made.credential
      expect(await world.storage.credential('password', subject)).toEqual({ user: made.id, secretHash: 'hash', verifiedAt: null, disabled: false })
      expect(await world.storage.credential('password', freshId())).toBeNull()
      expect(await world.storage.setSecret('password', made.id, 'other')).toEqual([])
      expect(await world.storage.credentialOf('password', made.id)).toEqual({ subject, secretHash: 'other', verifiedAt: null })
      expect([await world.storage.setSecret('password', freshId(), 'x'), await world.storage.setSecret('google', made.id, 'x')]).toEqual([null, null])
      expect(await world.storage.credentialOf('password', freshId())).toBeNull()
    })

    it('a secret is replaced once where it must be what it was, racing too', async () => {
      const made = account()
      await world.storage.createAccount(made)
      const set = (secretHash: string, was: string) => world.storage.setSecret('password', made.id, secretHash, { was })
      expect(await set('x', 'not it')).toBeNull()
      expect((await Promise.all([set('one', 'hash'), set('two', 'hash')])).filter(ended => ended !== null)).toEqual([[]])
      expect(['one', 'two']).toContain((await world.storage.credentialOf('password', made.id))?.secretHash)
    })

    it('a new secret ends sessions in the same commit: all, or all but one; none where it is refused, or that was not asked for', async () => {
      const [made, other] = [account(), await world.person()]
      await world.storage.createAccount(made)
      const ids = [await session(made.id, 1), await session(made.id, 2), await session(made.id, 3)] as const
      const foreign = await session(other)
      const set = (secretHash: string, rest: { was?: string, endSessions?: { except?: string } }) => world.storage.setSecret('password', made.id, secretHash, rest)
      expect(await set('x', { was: 'not it', endSessions: {} })).toBeNull()
      expect(await set('one', { was: 'hash' })).toEqual([])
      expect(await world.storage.sessions(made.id)).toHaveLength(3)
      expect((await set('two', { was: 'one', endSessions: { except: ids[1] } }))?.sort()).toEqual([ids[0], ids[2]].sort())
      expect((await world.storage.sessions(made.id)).map(one => one.id)).toEqual([ids[1]])
      expect(await set('three', { endSessions: {} })).toEqual([ids[1]])
      expect(await world.storage.sessions(made.id)).toEqual([])
      expect(await world.storage.session(foreign)).not.toBeNull()
    })

    it('a session begins only while the account is active, and its password the one that opened it', async () => {
      const [made, admin] = [account(), account({ admin: true })]
      for (const one of [made, admin]) await world.storage.createAccount(one)
      const begin = async (opened?: string) => {
        const idHash = freshId('s')
        return [await world.storage.createSession({ idHash, user: made.id, remember: true, at: 1, agent: '', opened }) !== null, await world.storage.session(idHash) !== null]
      }
      expect([await begin('hash'), await begin(), await begin('other')]).toEqual([[true, true], [true, true], [false, false]])
      await world.storage.setSecret('password', made.id, 'other')
      expect([await begin('hash'), await begin('other')]).toEqual([[false, false], [true, true]])
      const disable = (disabled: boolean) => world.storage.setDisabled({ user: made.id, disabled, by: admin.id, at: 1 })
      await disable(true)
      expect([await begin('other'), await begin()]).toEqual([[false, false], [false, false]])
      await disable(false)
      expect(await world.storage.sessions(made.id), 'what was refused is not there later').toEqual([])
      await world.storage.deleteAccount(made.id, 5_000)
      expect(await begin()).toEqual([false, false])
    })

    it('me has the address, a rename is seen everywhere', async () => {
      const made = account({ admin: true, name: 'Ada' })
      await world.storage.createAccount(made)
      const id = await session(made.id)
      await world.storage.rename(made.id, 'Countess')
      expect(await world.storage.me(made.id)).toEqual({ id: made.id, name: 'Countess', kind: 'member', admin: true, email: made.credential.subject, google: false })
      expect((await world.storage.session(id))?.person.name).toBe('Countess')
      expect(await world.storage.me(freshId())).toBeNull()
    })

    it('a deleted account loses name, credentials, sessions and memberships; its messages stay', async () => {
      const made = account({ admin: true })
      await world.storage.createAccount(made)
      const [id, talk, other] = [await session(made.id), await world.room(), await world.person({ admin: true })]
      await world.does(talk, made.id, [joins(made.id), post('I was here')])
      await world.storage.deleteAccount(made.id, 5_000)
      expect(await world.storage.people([made.id])).toEqual([{ id: made.id, name: '', kind: 'member' }])
      expect(await world.storage.credential('password', made.credential.subject)).toBeNull()
      expect([await world.storage.me(made.id), await world.storage.session(id)]).toEqual([null, null])
      expect([await world.storage.sessions(made.id), await world.storage.memberships(made.id), await world.storage.admins()]).toEqual([[], new Map(), [other]])
      expect((await world.storage.page(talk, null, { limit: 10 }))?.messages).toMatchObject([{ author: made.id, text: 'I was here' }])
      expect(await world.append(talk, made.id, post('again'), { requires: [{ check: 'account', user: made.id }] })).toEqual({ ok: false, refused: 'account' })
      expect(await world.storage.createAccount(account({ credential: made.credential }))).toBe(true)
    })

    it('rooms of a deleted account pass to the longest-standing moderator, else member; one without any is archived', async () => {
      const owner = await world.person()
      const [guest, early, late, first, second] = [await world.person(), await world.person(), await world.person(), await world.person(), await world.person()]
      const [moderated, plain, alone] = [await world.room(owner), await world.room(owner), await world.room(owner)]
      for (const user of [early, late]) for (const to of [moderated, plain]) await world.does(to, user, joins(user))
      for (const user of [first, second]) await world.does(moderated, user, joins(user, 'moderator'))
      await world.does(alone, guest, joins(guest, 'guest'))
      await world.does(plain, owner, { do: 'mute', user: early, until: 9_000_000 })
      expect((await world.storage.deleteAccount(owner, 7_000) as string[]).sort()).toEqual([moderated, plain, alone].sort())
      expect(await world.storage.access({ id: moderated }, first)).toMatchObject({ role: 'owner', room: { ownerId: first, archivedAt: null } })
      expect(await world.storage.access({ id: plain }, early)).toMatchObject({ role: 'owner', room: { ownerId: early, archivedAt: null } })
      expect((await world.storage.access({ id: plain }, early))?.mutedUntil, 'nobody could let an owner speak again').toBeNull()
      expect((await world.storage.audit(plain, { limit: 1 })).items).toMatchObject([{ action: 'owner-changed', by: { id: owner }, target: { id: early }, at: 7_000 }])
      expect((await world.storage.access({ id: alone }, guest))?.room.archivedAt).toBe(7_000)
      expect((await world.storage.access({ id: plain }, late))?.role).toBe('member')
    })
  })

  describe('sessions', () => {
    it('lead to their person, and nowhere once ended', async () => {
      const user = await world.person({ name: 'Ada' })
      const id = await session(user, 1_000, true)
      expect(await world.storage.session(id)).toEqual({ id, person: { id: user, name: 'Ada', kind: 'member' }, admin: false, remember: true, createdAt: 1_000, lastSeenAt: 1_000 })
      expect(await world.storage.session(freshId())).toBeNull()
      await world.storage.touchSession(id, 2_000)
      await world.storage.touchSession(id, 1_500)
      expect((await world.storage.session(id))?.lastSeenAt).toBe(2_000)
      expect(await world.storage.endSessions(user, { id })).toEqual([id])
      expect(await world.storage.session(id)).toBeNull()
    })

    it('are listed newest first and ended one by one, all but one, or all', async () => {
      const [user, other] = [await world.person(), await world.person()]
      const ids = [await session(user, 1), await session(user, 2), await session(user, 3), await session(user, 4)] as const
      const foreign = await session(other)
      expect((await world.storage.sessions(user)).map(one => one.id)).toEqual([...ids].reverse())
      expect(await world.storage.endSessions(other, { id: ids[0] })).toEqual([])
      expect(await world.storage.endSessions(user, { id: ids[0] })).toEqual([ids[0]])
      expect([...await world.storage.endSessions(user, { except: ids[1] })].sort()).toEqual([ids[2], ids[3]].sort())
      expect(await world.storage.sessions(user)).toEqual([{ id: ids[1], createdAt: 2, lastSeenAt: 2, agent: 'Browser' }])
      expect(await world.storage.endSessions(user, {})).toEqual([ids[1]])
      expect(await world.storage.session(foreign)).not.toBeNull()
    })

    it('are so many at most: a new one ends in the same commit those that were not seen for longest, and names them', async () => {
      const [user, other] = [await world.person(), await world.person()]
      const foreign = await session(other, 1)
      const begin = async (at: number) => {
        const idHash = freshId('s')
        return [idHash, await world.storage.createSession({ idHash, user, remember: true, at, agent: '' })] as const
      }
      const ids: string[] = []
      for (let n = 0; n < limits.sessionsPerPerson; n++) {
        const [id, ended] = await begin(1_000 + n)
        expect(ended).toEqual([])
        ids.push(id)
      }
      await world.storage.touchSession(ids[0]!, 5_000)
      expect((await begin(6_000))[1]).toEqual([ids[1]])
      // Whatever its clock says, a session that just begins stays.
      const [late, ended] = await begin(1)
      expect(ended).toEqual([ids[2]])
      // Each names all that it found gone, so that none is missed.
      const both = (await Promise.all([begin(6_001), begin(6_002)])).flatMap(([, gone]) => gone ?? [])
      expect(new Set(both)).toEqual(new Set([late, ids[3]]))
      const list = await world.storage.sessions(user)
      expect(list).toHaveLength(limits.sessionsPerPerson)
      expect(list.map(one => one.id)).toContain(ids[0])
      expect([await world.storage.session(ids[1]!), await world.storage.session(foreign) !== null]).toEqual([null, true])
    })

    it('that nobody has used for long end, each kind after its time', async () => {
      const user = await world.person()
      const [oldShort, oldLong, freshShort] = [await session(user, 100), await session(user, 100, true), await session(user, 300)]
      expect(await world.storage.endStaleSessions({ remembered: 50, others: 200 })).toEqual([oldShort])
      expect((await world.storage.sessions(user)).map(one => one.id)).toEqual([freshShort, oldLong])
      expect(await world.storage.endStaleSessions({ remembered: 200, others: 200 })).toEqual([oldLong])
      expect((await world.storage.sessions(user)).map(one => one.id)).toEqual([freshShort])
      expect(await world.storage.session(oldShort)).toBeNull()
    })
  })

  it('check resolves while writes can be committed', async () => {
    await expect(world.storage.check()).resolves.toBeUndefined()
  })

  it('a closed storage refuses; what was begun before is kept', async () => {
    const [author, talk] = [await world.person(), await world.room()]
    const { storage } = world
    const begun = world.does(talk, author, post('last words'))
    await world.reopen()
    expect(await begun).toMatchObject({ ok: true, seq: 1 })
    await expect(storage.append([])).rejects.toMatchObject({ code: 'unavailable' })
    await expect(storage.people([author])).rejects.toMatchObject({ code: 'unavailable' })
    expect((await world.storage.page(talk, null, { limit: 1 }))?.messages).toMatchObject([{ text: 'last words' }])
  })
}
