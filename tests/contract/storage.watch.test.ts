import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { limits } from '../../shared/limits'
import type { Changes, Control, Storage } from '../../server/core/ports'
import openSqlite from '../../server/drivers/storage/sqlite'
import { openDatabase } from '../../server/drivers/storage/sqlite/database'
import { account, change, freshId, joins, post, room, temporaryFolder } from '../support/storage'

/** What the port promises, ms. */
const SOON = 500

/** Everything that one storage was told, and when it came last. */
function follow(storage: Storage) {
  const heard = { heads: new Map<string, number>(), controls: [] as Control[], missed: 0, tellings: [] as Changes[] }
  storage.watch((changes) => {
    heard.tellings.push(changes)
    for (const [id, seq] of changes.heads) heard.heads.set(id, seq)
    heard.controls.push(...changes.controls)
    heard.missed += Number(changes.missed)
  })
  return heard
}
const soon = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 10 })

describe('two processes on one SQLite file', () => {
  let folder: string
  let remove: () => Promise<void>
  let here: Storage
  let there: Storage
  const author = account()
  const hall = room(author.id)
  const opened: Storage[] = []
  const open = async (shared = true) => {
    const storage = await openSqlite({ folder, shared })
    opened.push(storage)
    return storage
  }

  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder())
    here = await open()
    await here.firstAccount(author, hall)
    there = await open()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(storage => storage.close()))
    await remove()
  })

  const does = async (storage: Storage, ...effects: Parameters<typeof change>[2]) => {
    const [result] = await storage.append([change(hall.id, author.id, effects)])
    if (!result?.ok) throw new Error(`refused: ${result?.refused}`)
    return result
  }

  it('each notices the rooms that the other changed, whatever the change', async () => {
    const heard = follow(there)
    const { message } = await does(here, post('hello'))
    if (message === null) throw new Error('no message')
    await soon(() => expect(heard.heads).toEqual(new Map([[hall.id, 1]])))
    await does(here, { do: 'edit', message, text: 'good day' })
    await soon(() => expect(heard.heads.get(hall.id)).toBe(2))
    await does(here, { do: 'react', message, user: author.id, emoji: '👍', on: true })
    await soon(() => expect(heard.heads.get(hall.id)).toBe(3))
    await does(here, { do: 'erase', message })
    await soon(() => expect(heard.heads.get(hall.id)).toBe(4))
    const back = follow(here)
    await does(there, post('and you'))
    await soon(() => expect(back.heads.get(hall.id)).toBe(5))
  })

  it('passes on who came into a room, whose it is now, and what an admin decided', async () => {
    const theirs = follow(there)
    const [ben, dot] = [account(), account({ admin: true })]
    for (const made of [ben, dot]) await here.createAccount(made)
    const idHash = freshId('s')
    await here.createSession({ idHash, user: ben.id, remember: false, at: 1, agent: '' })
    const code = freshId()
    await here.createInvite({ id: freshId(), codeHash: code, room: hall.id, role: 'member', by: author.id, at: 1, expiresAt: null, uses: null }, [])
    await here.append([
      change(hall.id, 'gast', [{ do: 'arrive', user: 'gast', name: 'Gast' }, joins('gast', 'guest', 'invite', code)]),
      change(hall.id, ben.id, [joins(ben.id)]), change(hall.id, ben.id, [joins(ben.id)]),
      change(hall.id, author.id, [{ do: 'role', user: author.id, role: 'member' }, { do: 'role', user: ben.id, role: 'owner' }])
    ])
    const at = 2_000
    await here.upgradeGuest({ user: 'gast', name: 'Grace', credential: { ...ben.credential, subject: 'grace@example.org' }, at })
    await here.setAdmin({ user: author.id, admin: true, by: dot.id, at })
    await here.setSettings({ settings: { public: true }, by: dot.id, at })
    await here.setSettings({ settings: { public: true }, by: dot.id, at })
    await here.setDisabled({ user: ben.id, disabled: true, by: dot.id, at })
    await here.deleteAccount(ben.id, at)
    await soon(() => expect(theirs.controls).toEqual([
      { kind: 'joined', room: hall.id, user: 'gast' }, { kind: 'joined', room: hall.id, user: ben.id }, { kind: 'room-changed', room: hall.id },
      { kind: 'person-changed', user: 'gast' }, { kind: 'person-changed', user: author.id }, { kind: 'settings-changed' },
      { kind: 'session-ended', session: idHash }, { kind: 'person-changed', user: ben.id },
      { kind: 'room-changed', room: hall.id, silent: true }, { kind: 'person-changed', user: ben.id }
    ]))
  })

  it('names the rooms that moved, and no others; one who starts later hears of what comes then', async () => {
    const other = room(author.id)
    await here.createRoom(other)
    await does(here, post('before'))
    const third = await open()
    const heard = follow(third)
    await here.append([change(other.id, author.id, [post('now')])])
    await soon(() => expect(heard.heads.size).toBe(1))
    expect(heard.heads).toEqual(new Map([[other.id, 1]]))
    expect(heard.controls).toEqual([])
  })

  it('passes on what was ended, removed or changed, once, and not to who did it', async () => {
    const [mine, theirs] = [follow(here), follow(there)]
    const ben = account()
    const session = async (user: string, at = 1_000) => {
      const idHash = freshId('s')
      await here.createSession({ idHash, user, remember: false, at, agent: '' })
      return idHash
    }
    await here.createAccount(ben)
    const [first, second, stale, old] = [await session(ben.id), await session(ben.id), await session(author.id, 5), await session(ben.id)]
    const did: [Promise<unknown>, ...Control[]][] = [
      [here.append([change(hall.id, ben.id, [joins(ben.id), post('hi')])]), { kind: 'joined', room: hall.id, user: ben.id }],
      [does(here, { do: 'describe', topic: 'New' }), { kind: 'room-changed', room: hall.id }],
      [here.markRead(hall.id, author.id, 2), { kind: 'read', room: hall.id, user: author.id, readSeq: 2 }],
      [here.rename(ben.id, 'Benjamin'), { kind: 'person-changed', user: ben.id }],
      [here.endSessions(ben.id, { id: first }), { kind: 'session-ended', session: first }],
      [here.setSecret('password', ben.id, 'new', { endSessions: { except: second } }), { kind: 'session-ended', session: old }],
      [here.endStaleSessions({ remembered: 100, others: 100 }), { kind: 'session-ended', session: stale }],
      [here.deleteAccount(ben.id, 2_000), { kind: 'session-ended', session: second }, { kind: 'person-changed', user: ben.id }],
      [here.deleteRoom({ room: hall.id, by: author.id, at: 6_000 }), { kind: 'room-deleted', room: hall.id }]
    ]
    await Promise.all(did.map(([work]) => work))
    const told = did.flatMap(([, ...controls]) => controls)
    await soon(() => expect(theirs.controls.length).toBeGreaterThanOrEqual(told.length))
    expect(theirs.controls).toEqual(told)
    await there.rename(author.id, 'Another')
    await soon(() => expect(mine.controls).toEqual([{ kind: 'person-changed', user: author.id }]))
    expect(theirs.controls).toEqual(told)
  })

  it('passes on which sessions ended because there were too many', async () => {
    const theirs = follow(there)
    const begin = async (idHash: string, at: number) => here.createSession({ idHash, user: author.id, remember: true, at, agent: '' })
    const first = freshId('s')
    await begin(first, 1)
    await Promise.all(Array.from({ length: limits.sessionsPerPerson }, () => begin(freshId('s'), 2)))
    await soon(() => expect(theirs.controls).toEqual([{ kind: 'session-ended', session: first }]))
  })

  it('leaves no control where nothing changed', async () => {
    await does(here, post('hello'))
    await here.markRead(hall.id, author.id, 1)
    const heard = follow(await open())
    expect(await here.markRead(hall.id, author.id, 1)).toBeNull()
    await does(here, { do: 'describe', topic: hall.topic })
    await here.rename(freshId('u'), 'Nobody')
    expect(await here.deleteRoom({ room: hall.id, by: freshId('u'), at: 6_000 })).toBe('refused')
    expect(await here.endSessions(author.id, {})).toEqual([])
    await does(here, post('the end'))
    await soon(() => expect(heard.heads.get(hall.id)).toBe(2))
    expect(heard.controls).toEqual([])
  })

  it('misses nothing while both write as fast as they can', async () => {
    const rooms = Array.from({ length: 5 }, () => room(author.id))
    for (const one of rooms) await here.createRoom(one)
    // They are heard from here on.
    here = await open()
    there = await open()
    const [mine, theirs] = [follow(here), follow(there)]
    const until = performance.now() + 2_000
    const said: [number, number] = [0, 0]
    const write = async (storage: Storage, which: 0 | 1) => {
      while (performance.now() < until) {
        const n = said[which]++
        await Promise.all([
          storage.append(rooms.map(one => change(one.id, author.id, [post(`${which} ${n}`)]))),
          storage.rename(author.id, `${which} ${n}`), storage.createRoom(room(author.id, { id: `${which}-${n}` }))
        ])
      }
    }
    await Promise.all([write(here, 0), write(there, 1)])
    const heads = await here.heads(rooms.map(one => one.id))
    await soon(() => {
      for (const { heads: heard } of [mine, theirs]) for (const [id, seq] of heads) expect(heard.get(id)).toBe(seq)
    })
    for (const [heard, which] of [[mine, 1], [theirs, 0]] as const) {
      expect(said[which]).toBeGreaterThan(10)
      // All of the other's, in its order, once.
      expect(heard.controls.filter(control => control.kind === 'joined').map(({ room: id }) => id)).toEqual(Array.from({ length: said[which] }, (_, n) => `${which}-${n}`))
      expect(heard.controls.filter(control => control.kind === 'person-changed')).toHaveLength(said[which])
      expect(heard.missed).toBe(0)
      for (const { id } of rooms) {
        const seqs = heard.tellings.flatMap(telling => telling.heads.get(id) ?? [])
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
      }
    }
  })

  it('says so when there were more controls than are kept', async () => {
    const heard = follow(there)
    const raw = openDatabase(join(folder, 'chatly.db'))
    raw.transaction(() => {
      const insert = raw.prepare('INSERT INTO controls (origin, json) VALUES (?, ?)')
      for (const user of ['a', 'b', 'c']) insert.run('elsewhere', JSON.stringify({ kind: 'person-changed', user }))
      raw.exec('DELETE FROM controls WHERE pos < (SELECT max(pos) FROM controls)')
    })()
    raw.close()
    await soon(() => expect(heard.missed).toBe(1))
    expect(heard.controls).toEqual([{ kind: 'person-changed', user: 'c' }])
  })

  it('is silent for an instance that is alone, and leaves nothing for others', async () => {
    await Promise.all(opened.splice(0).map(storage => storage.close()))
    const timers = vi.spyOn(globalThis, 'setInterval')
    const alone = await open(false)
    const heard = follow(alone)
    await does(alone, { do: 'describe', topic: 'Alone' })
    expect([timers.mock.calls.length, heard.tellings.length]).toEqual([0, 0])
    timers.mockRestore()
    const raw = openDatabase(join(folder, 'chatly.db'), { readonly: true })
    expect(raw.prepare('SELECT count(*) FROM controls WHERE json LIKE \'%room-changed%\'').pluck().get()).toBe(0)
    raw.close()
  })

  it('ends with the storage', async () => {
    const heard = follow(there)
    await there.close()
    await does(here, post('unheard'))
    await new Promise(resolve => setTimeout(resolve, SOON))
    expect(heard.tellings).toEqual([])
  })
})
