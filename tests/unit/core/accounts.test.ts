import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChatError } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import { emailOf, newNonce, openTestChat, passwordOf, type TestChat } from '../../support/ports'

let t: TestChat
beforeEach(async () => { t = await openTestChat() })
afterEach(() => t.close())

const from = (address = '10.5.5.5') => ({ address, agent: 'Firefox on Linux' })
const body = (name: string) => ({ name, email: emailOf(name), password: passwordOf(name), remember: false })
const setUp = (name: string, token: string, loopback = false) => t.chat.accounts.setUp({ ...body(name), token }, { ...from(), loopback })
const logIn = (name: string, password = passwordOf(name), address?: string, remember = false) =>
  t.chat.accounts.logIn({ email: emailOf(name), password, remember }, from(address))
const hour = 3_600_000

describe('set-up', () => {
  it('makes the first account an admin, with the room Lobby', async () => {
    expect(await t.chat.accounts.needsSetUp()).toBe(true)
    const { token, me } = await setUp('Ann', t.chat.accounts.setUpToken())
    expect(me).toMatchObject({ name: 'Ann', email: 'ann@example.org', admin: true })
    expect(await t.chat.accounts.needsSetUp()).toBe(false)
    const ann = await t.chat.accounts.identify(token)
    expect(await t.chat.rooms.get(ann, { slug: 'lobby' })).toMatchObject({ name: 'Lobby', role: 'owner' })
  })

  it('needs the right link, but not from loopback', async () => {
    for (const token of ['', 'guess', `${t.chat.accounts.setUpToken()}x`]) await expect(setUp('Eve', token)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await t.chat.accounts.needsSetUp()).toBe(true)
    expect((await setUp('Ann', '', true)).me.admin).toBe(true)
  })

  it('leaves one admin of two who race, and is over then', async () => {
    const results = await Promise.allSettled([setUp('Ann', '', true), setUp('Bob', '', true)])
    expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(result => result.status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } })
    expect(await t.ports.storage.admins()).toHaveLength(1)
    await expect(setUp('Cid', t.chat.accounts.setUpToken())).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('sign-up', () => {
  it('waits for the set-up, makes no admin, and refuses an address that has an account', async () => {
    await expect(t.chat.accounts.signUp(body('Bob'), from())).rejects.toMatchObject({ code: 'forbidden' })
    await t.person('Ann')
    expect((await t.chat.accounts.signUp(body('Bob'), from())).me.admin).toBe(false)
    await expect(t.chat.accounts.signUp(body('Bob'), from())).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is limited per address', async () => {
    await t.person('Ann')
    // As many as a class has.
    for (let i = 0; i < rates.signup.points; i++) await t.chat.accounts.signUp(body(`person${i}`), from())
    expect(rates.signup.points).toBeGreaterThan(30)
    await expect(t.chat.accounts.signUp(body('more'), from())).rejects.toMatchObject({ code: 'rate_limited' })
    await t.chat.accounts.signUp(body('elsewhere'), from('10.6.6.6'))
  })

  it.each(['invite', 'closed'] as const)('is forbidden where the site says %s', async (signup) => {
    const site = await openTestChat({ signup })
    await expect(site.chat.accounts.signUp(body('Bob'), from())).rejects.toMatchObject({ code: 'forbidden' })
    await site.close()
  })
})

describe('log-in', () => {
  beforeEach(() => t.person('Ann'))

  it('answers alike for a wrong password and an unknown address', async () => {
    const refused = (name: string) => logIn(name, 'wrong').catch(error => error.toJSON())
    expect(await refused('Ann')).toEqual({ code: 'wrong_password', message: expect.any(String) })
    expect(await refused('Nobody')).toEqual(await refused('Ann'))
  })

  it('is limited per account, known or not, wherever the tries come from', async () => {
    for (const name of ['Ann', 'Nobody']) {
      for (let i = 0; i < 10; i++) await expect(logIn(name, 'wrong', `10.7.0.${i}`)).rejects.toMatchObject({ code: 'wrong_password' })
      await expect(logIn(name, passwordOf(name), '10.7.1.1')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
    }
  })

  it('is limited per address, whoever is tried', async () => {
    for (let i = 0; i < rates.login.points; i++) await expect(logIn(`person${i}`, 'wrong')).rejects.toMatchObject({ code: 'wrong_password' })
    await expect(logIn('Ann')).rejects.toMatchObject({ code: 'rate_limited' })
    await logIn('Ann', undefined, '10.8.8.8')
  })

  it('lets in a class behind one address at once, and again', async () => {
    const names = Array.from({ length: 40 }, (_, n) => `Pupil${n}`)
    for (const name of names) await t.person(name)
    for (let round = 0; round < 2; round++) expect(await Promise.all(names.map(async name => (await logIn(name)).me.name))).toEqual(names)
  })

  it('with the right password gives the address no wrong try of others back', async () => {
    for (let i = 1; i < rates.login.points; i++) await expect(logIn(`person${i}`, 'wrong')).rejects.toMatchObject({ code: 'wrong_password' })
    await logIn('Ann')
    await expect(logIn('nobody', 'wrong')).rejects.toMatchObject({ code: 'wrong_password' })
    await expect(logIn('Ann')).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('is limited per account with the right password too, of which wrong tries take nothing', async () => {
    await t.person('Bob')
    for (let i = 0; i < 9; i++) await expect(logIn('Ann', 'wrong', `10.7.2.${i}`)).rejects.toMatchObject({ code: 'wrong_password' })
    for (let i = 0; i < rates.loginRight.points; i++) await logIn('Ann', undefined, `10.7.3.${i}`)
    await expect(logIn('Ann', undefined, '10.7.4.1')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: expect.any(Number) })
    await logIn('Bob', undefined, '10.7.4.1')
  })

  it('is limited per address with right passwords too, far above what a class needs', async () => {
    const names = Array.from({ length: 11 }, (_, n) => `Robot${n}`)
    for (const name of names) await t.person(name)
    for (let i = 0; i < rates.loginAll.points; i++) await logIn(names[i % names.length]!)
    await expect(logIn('Ann')).rejects.toMatchObject({ code: 'rate_limited' })
    await logIn('Ann', undefined, '10.8.8.8')
  })

  it('takes nothing from whoever was not served because too many passwords were waiting', async () => {
    const busy = vi.spyOn(t.ports.accounts, 'verify').mockRejectedValue(new ChatError('unavailable', 'Too many people are signing in at once.', 2_000))
    for (let i = 0; i < rates.loginAll.points + 1; i++) await expect(logIn('Ann')).rejects.toMatchObject({ code: 'unavailable' })
    busy.mockRestore()
    expect((await logIn('Ann')).me.name).toBe('Ann')
  })

  it('with the right password forgets the wrong tries', async () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 9; i++) await expect(logIn('Ann', 'wrong', `10.7.${round}.${i}`)).rejects.toMatchObject({ code: 'wrong_password' })
      await logIn('Ann', undefined, `10.7.${round}.9`)
    }
  })
})

describe('a session', () => {
  it('keeps the cookie\'s secret nowhere', async () => {
    const { token } = await setUp('Ann', '', true)
    expect(token).toMatch(/^[\w-]{43}$/)
    const ann = await t.chat.accounts.identify(token)
    expect(ann?.session).not.toBe(token)
    expect(await t.chat.accounts.identify(ann?.session)).toBeNull()
    for (const wrong of [undefined, '', 'x', `${token}x`]) expect(await t.chat.accounts.identify(wrong)).toBeNull()
  })

  it.each([[false, 24 * hour], [true, 30 * 24 * hour]])('remembered %s lives %i ms after it was last seen', async (remember, age) => {
    await t.person('Ann')
    const { token } = await logIn('Ann', undefined, undefined, remember)
    t.ports.clock.pass(age - 1)
    expect(await t.chat.accounts.identify(token)).not.toBeNull()
    // Seen, so it slides; a write that waits behind the note shows that it was saved.
    await t.ports.storage.rename('nobody', 'Nobody')
    t.ports.clock.pass(age - 1)
    expect(await t.chat.accounts.identify(token)).not.toBeNull()
    await t.ports.storage.rename('nobody', 'Nobody')
    t.ports.clock.pass(age)
    expect(await t.chat.accounts.identify(token)).toBeNull()
  })

  it('is listed, ended one by one or all others, and its sockets are told', async () => {
    const ann = await t.person('Ann')
    const tokens = [(await logIn('Ann')).token, (await logIn('Ann')).token, (await logIn('Ann')).token]
    const list = await t.chat.accounts.sessions(ann)
    expect(list).toHaveLength(4)
    expect(list.filter(info => info.current).map(info => info.id)).toEqual([ann.session])
    const [first] = await Promise.all(tokens.map(token => t.chat.accounts.identify(token)))
    await t.chat.accounts.endSession(ann, first?.session ?? '')
    expect(t.controls).toEqual([{ kind: 'session-ended', session: first?.session }])
    await expect(t.chat.accounts.endSession(ann, first?.session ?? '')).rejects.toMatchObject({ code: 'not_found' })
    await t.chat.accounts.endOtherSessions(ann)
    expect(t.controls).toHaveLength(3)
    expect(await t.chat.accounts.sessions(ann)).toHaveLength(1)
    expect(await Promise.all([ann.token, ...tokens].map(async token => await t.chat.accounts.identify(token) !== null))).toEqual([true, false, false, false])
  })

  it('ends where a person begins more than they may have, and its sockets are told', async () => {
    const ann = await t.person('Ann')
    t.ports.clock.pass(1)
    for (let n = 1; n < limits.sessionsPerPerson; n++) await t.ports.storage.createSession({ idHash: `s${n}`, user: ann.person.id, remember: true, at: t.ports.clock.now(), agent: '' })
    const { token } = await logIn('Ann')
    expect(t.controls).toEqual([{ kind: 'session-ended', session: ann.session }])
    const me = await t.chat.accounts.identify(token) ?? expect.fail('no session')
    expect(await t.chat.accounts.sessions(me)).toHaveLength(limits.sessionsPerPerson)
    expect(await t.chat.accounts.identify(ann.token)).toBeNull()
  })

  it('of another person cannot be ended', async () => {
    const [ann, bob] = [await t.person('Ann'), await t.person('Bob')]
    await expect(t.chat.accounts.endSession(bob, ann.session)).rejects.toMatchObject({ code: 'not_found' })
    expect(await t.chat.accounts.identify(ann.token)).not.toBeNull()
  })
})

describe('a password', () => {
  it('is changed by who knows it; the other sessions end', async () => {
    const ann = await t.person('Ann')
    const other = (await logIn('Ann')).token
    await expect(t.chat.accounts.changePassword(ann, { current: 'wrong', next: 'a new password' })).rejects.toMatchObject({ code: 'wrong_password' })
    await t.chat.accounts.changePassword(ann, { current: passwordOf('Ann'), next: 'a new password' })
    expect(await t.chat.accounts.identify(other)).toBeNull()
    expect(await t.chat.accounts.identify(ann.token)).not.toBeNull()
    await expect(logIn('Ann')).rejects.toMatchObject({ code: 'wrong_password' })
    await logIn('Ann', 'a new password')
  })

  it('is set anew by a link, once; all sessions end', async () => {
    const ann = await t.person('Ann')
    const token = await t.chat.accounts.resetLinkFor('ann@example.org')
    await t.chat.accounts.reset(token, 'a new password')
    expect(await t.chat.accounts.identify(ann.token)).toBeNull()
    expect(t.controls).toContainEqual({ kind: 'session-ended', session: ann.session })
    await expect(t.chat.accounts.reset(token, 'another one')).rejects.toMatchObject({ code: 'forbidden' })
    await logIn('Ann', 'a new password')
  })

  it('is not set by a link that is too old or made up; there is none for nobody', async () => {
    await t.person('Ann')
    const token = await t.chat.accounts.resetLinkFor('ann@example.org')
    t.ports.clock.pass(30 * 60_000)
    for (const wrong of [token, '', '..', `x.${token}`, 'nobody.9999999999999.x']) await expect(t.chat.accounts.reset(wrong, 'a new password')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(t.chat.accounts.resetLinkFor('nobody@example.org')).rejects.toMatchObject({ code: 'not_found' })
    await logIn('Ann')
  })

  it('forgotten answers alike for everybody, and is limited', async () => {
    await t.person('Ann')
    for (const email of ['ann@example.org', 'nobody@example.org']) {
      for (let i = 0; i < rates.forgot.points; i++) expect(await t.chat.accounts.forgot(email, from())).toBeUndefined()
      await expect(t.chat.accounts.forgot(email, from())).rejects.toMatchObject({ code: 'rate_limited' })
    }
  })
})

describe('an account', () => {
  it('is renamed, and everybody is told', async () => {
    const ann = await t.person('Ann')
    expect(await t.chat.accounts.rename(ann, 'Anna')).toMatchObject({ name: 'Anna', email: 'ann@example.org' })
    expect(t.controls).toEqual([{ kind: 'person-changed', user: ann.person.id }])
    expect((await t.chat.accounts.identify(ann.token))?.person.name).toBe('Anna')
  })

  it.each([['keep', ['one', 'two']], ['delete', ['', '']]] as const)('is deleted: %s its messages', async (messages, texts) => {
    await t.person('Ann')
    const bob = await t.person('Bob')
    const room = (await t.chat.rooms.get(bob, { slug: 'lobby' })).id
    for (const text of ['one', 'two']) await t.chat.messages.send(bob, { room, nonce: newNonce(), text })
    const heard: string[] = []
    await t.ports.bus.subscribe(room, { event: event => heard.push(event.kind), head: () => {}, typing: () => {} })
    await expect(t.chat.accounts.deleteAccount(bob, { password: 'wrong', messages })).rejects.toMatchObject({ code: 'wrong_password' })
    await t.chat.accounts.deleteAccount(bob, { password: passwordOf('Bob'), messages })
    expect(heard.filter(kind => kind === 'delete')).toHaveLength(messages === 'delete' ? 2 : 0)
    expect(t.controls).toContainEqual({ kind: 'session-ended', session: bob.session })
    expect(await t.chat.accounts.identify(bob.token)).toBeNull()
    await expect(logIn('Bob')).rejects.toMatchObject({ code: 'wrong_password' })
    await expect(t.chat.messages.send(bob, { room, nonce: newNonce(), text: 'still here?' })).rejects.toMatchObject({ code: 'unauthenticated' })
    const cid = await t.person('Cid')
    const page = await t.chat.messages.page(cid, room, { limit: 10 })
    expect(page.messages.map(message => message.text)).toEqual(texts)
    expect(page.people.filter(person => person.id === bob.person.id).map(person => person.name)).toEqual([''])
  })

  it('is deleted with its messages or not at all: where they could not all be erased, it is there to ask again', async () => {
    await t.person('Ann')
    const bob = await t.person('Bob')
    const room = (await t.chat.rooms.get(bob, { slug: 'lobby' })).id
    await t.chat.messages.send(bob, { room, nonce: newNonce(), text: 'one' })
    const remove = () => t.chat.accounts.deleteAccount(bob, { password: passwordOf('Bob'), messages: 'delete' })
    const away = vi.spyOn(t.ports.storage, 'append').mockRejectedValueOnce(new ChatError('unavailable', 'The storage is away.'))
    await expect(remove()).rejects.toMatchObject({ code: 'unavailable' })
    away.mockRestore()
    expect(await t.chat.accounts.identify(bob.token)).not.toBeNull()
    await remove()
    expect((await t.chat.messages.page(await t.person('Cid'), room, { limit: 10 })).messages.map(message => message.text)).toEqual([''])
  })

  it.each(['keep', 'delete'] as const)('of the only admin stays while others have accounts, and so do its messages (%s)', async (messages) => {
    const ann = await t.person('Ann')
    await t.person('Bob')
    const room = (await t.chat.rooms.get(ann, { slug: 'lobby' })).id
    await t.chat.messages.send(ann, { room, nonce: newNonce(), text: 'mine' })
    await expect(t.chat.accounts.deleteAccount(ann, { password: passwordOf('Ann'), messages })).rejects.toMatchObject({ code: 'conflict' })
    expect(await t.chat.accounts.identify(ann.token)).not.toBeNull()
    expect((await t.chat.messages.page(ann, room, { limit: 10 })).messages.map(message => message.text)).toEqual(['mine'])
  })
})
