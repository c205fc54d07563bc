import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { initializeApp } from 'firebase-admin/app'
import { getFirestore, type CollectionReference } from 'firebase-admin/firestore'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { limits } from '../../shared/limits'
import type { Changes, Storage } from '../../server/core/ports'
import openFirestore, { type FirestoreOptions } from '../../server/drivers/storage/firestore'
import { type Fault, indexesFile, startFirestore, type TestFirestore } from '../support/firestore'
import type { Acknowledged } from '../support/firestoreWriter'
import { account, change, freshId, freshNonce, invite, joins, post, room } from '../support/storage'

/** What the contract can't say of Firestore: many writers, answers that are lost, outages, what all of it costs. Needs the engine of ours: Google's emulator makes no faults and counts nothing. */
const isOurs = !process.env.FIRESTORE_EMULATOR_JAR
vi.setConfig({ testTimeout: 60_000 })

let firestore: TestFirestore
let projectId: string
const opened: Storage[] = []
const trouble: string[] = []
beforeAll(async () => { firestore = await startFirestore() }, 60_000)
afterAll(() => firestore.stop())
beforeEach(() => {
  projectId = firestore.project()
  trouble.length = 0
})
afterEach(async () => {
  await firestore.fail(projectId, [])
  await Promise.all(opened.splice(0).map(storage => storage.close()))
  expect(await firestore.unindexed(projectId)).toEqual([])
})

async function open(options: Partial<FirestoreOptions> = {}): Promise<Storage> {
  const storage = await openFirestore({ projectId, every: 100, onTrouble: error => trouble.push(error.message), ...options })
  opened.push(storage)
  return storage
}
async function somewhere(storage: Storage): Promise<{ author: string, talk: string }> {
  const somebody = account()
  await storage.createAccount(somebody)
  const talk = room(somebody.id)
  await storage.createRoom(talk)
  return { author: somebody.id, talk: talk.id }
}
const fails = (...faults: Fault[]) => firestore.fail(projectId, faults)
const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1)
const textsIn = async (storage: Storage, talk: string) =>
  (await storage.eventsAfter(talk, 0, 10_000)).flatMap(({ json }): string[] => { const { data } = JSON.parse(json); return 'text' in data ? [data.text] : [] })

/** Everything that lies in the database, as text. */
async function everything(): Promise<string> {
  const db = getFirestore(initializeApp({ projectId }, freshId()))
  const parts: string[] = []
  async function gather(collections: CollectionReference[]): Promise<void> {
    for (const collection of collections) {
      for (const document of await collection.listDocuments()) {
        parts.push(`${document.path} ${JSON.stringify((await document.get()).data())}`)
        await gather(await document.listCollections())
      }
    }
  }
  await gather(await db.listCollections())
  await db.terminate()
  return parts.join('\n')
}

describe.runIf(isOurs)('several writers in one room', () => {
  it('50 messages a second from three instances, with collisions and lost answers: gapless, nothing lost, nothing twice', async () => {
    const instances = await Promise.all(upTo(3).map(() => open()))
    const { author, talk } = await somewhere(instances[0]!)
    await fails(
      { method: 'Commit', when: 'after', code: 14, times: 8, skip: 5 }, { method: 'Commit', when: 'before', code: 10, times: 8, skip: 5 }, { method: 'Commit', when: 'after', code: 4, times: 5 }
    )
    const answers: { seq: number, text: string }[] = []
    const sending: Promise<void>[] = []
    for (let n = 0; n < 300; n++) {
      const text = `message ${n}`
      const storage = instances[n % 3]!
      sending.push(storage.append([change(talk, author, [post(text)], { requires: [{ check: 'account', user: author }] })]).then(([result]) => {
        if (!result?.ok) throw new Error('refused')
        expect(result).toMatchObject({ duplicate: false, events: [{ seq: result.seq }] })
        answers.push({ seq: result.seq, text })
      }))
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    await Promise.all(sending)
    const events = await instances[1]!.eventsAfter(talk, 0, 1_000)
    expect(events.map(event => event.seq)).toEqual(upTo(300))
    const stored = new Map(events.map(event => [event.seq, JSON.parse(event.json).data.text]))
    expect(answers.filter(({ seq, text }) => stored.get(seq) !== text)).toEqual([])
    expect(new Set(stored.values()).size).toBe(300)
    expect(trouble).toEqual([])
  })

  it('three processes, one of which is killed: what was acknowledged is there, gapless, once', async () => {
    const storage = await open()
    const { author, talk } = await somewhere(storage)
    const folder = resolve('node_modules/.cache/chatly')
    const program = resolve(folder, `firestoreWriter.${process.pid}.mjs`)
    await build({
      entryPoints: [resolve('tests/support/firestoreWriter.ts')], bundle: true, outfile: program, platform: 'node', target: 'node20', format: 'esm', packages: 'external',
      alias: { '#shared': resolve('shared') }
    })
    const acknowledged: Acknowledged[] = []
    const writers = ['Ada', 'Bob', 'Eve'].map((name) => {
      const child = fork(program, [projectId, talk, author, name])
      child.on('message', (one: Acknowledged) => acknowledged.push(one))
      return child
    })
    const said = (name: string) => acknowledged.filter(({ text }) => text.startsWith(name)).length
    await vi.waitFor(() => { for (const name of ['Ada', 'Bob', 'Eve']) expect(said(name)).toBeGreaterThan(20) }, { timeout: 40_000, interval: 50 })
    const ended = writers.map(child => once(child, 'exit'))
    writers[0]!.kill('SIGKILL')
    await vi.waitFor(() => { for (const name of ['Bob', 'Eve']) expect(said(name)).toBeGreaterThan(50) }, { timeout: 40_000, interval: 50 })
    for (const child of writers.slice(1)) child.send('stop')
    await Promise.all(ended)
    await rm(program)
    const events = await storage.eventsAfter(talk, 0, 10_000)
    expect(events.map(event => event.seq)).toEqual(upTo(events.length))
    const stored = new Map(events.map(event => [event.seq, JSON.parse(event.json).data.text]))
    expect(acknowledged.filter(({ seq, text }) => stored.get(seq) !== text)).toEqual([])
    expect(new Set(stored.values()).size).toBe(events.length)
  })

  it('one nonce on three instances at once is one message', async () => {
    const instances = await Promise.all(upTo(3).map(() => open()))
    const { author, talk } = await somewhere(instances[0]!)
    const nonce = freshNonce()
    const results = await Promise.all(instances.map(storage => storage.append([change(talk, author, [post('once')], { nonce })])))
    expect(results.flat().map(result => result.ok && [result.seq, result.duplicate]).sort()).toEqual([[1, false], [1, true], [1, true]])
    expect(await textsIn(instances[0]!, talk)).toEqual(['once'])
  })

  it('of three instances that make the same account, room or first account, one wins', async () => {
    const instances = await Promise.all(upTo(3).map(() => open()))
    const firsts = upTo(3).map(() => account({ admin: true }))
    const won = await Promise.all(instances.map((storage, index) => storage.firstAccount(firsts[index]!, room(firsts[index]!.id, { slug: 'lobby' }))))
    expect([...won].sort()).toEqual([false, false, true])
    const { author } = await somewhere(instances[0]!)
    const rooms = await Promise.all(instances.map(storage => storage.createRoom(room(author, { slug: 'tea' }))))
    expect(rooms.map(made => made?.slug).sort()).toEqual(['tea', 'tea-2', 'tea-3'])
    const credential = account().credential
    const made = await Promise.all(instances.map(storage => storage.createAccount(account({ credential }))))
    expect([...made].sort()).toEqual([false, false, true])
  })
})

describe.runIf(isOurs)('answers that are lost', () => {
  it.each([['not reachable', 14], ['too slow', 4], ['broken', 13], ['unknown', 2]])('a commit that was made, but looks %s, is acknowledged as the first', async (_, code) => {
    const storage = await open()
    const { author, talk } = await somewhere(storage)
    await fails({ method: 'Commit', when: 'after', code, times: 1 })
    const items = [change(talk, author, [joins(author, 'moderator'), post('hello')]), change(talk, author, [post('without a nonce')], { nonce: null })]
    const results = await storage.append(items)
    expect(results).toMatchObject([{ ok: true, seq: 1, duplicate: false, events: [{ kind: 'message' }] }, { ok: true, seq: 2, duplicate: false, events: [{ seq: 2 }] }])
    expect(await textsIn(storage, talk)).toEqual(['hello', 'without a nonce'])
  })

  it('a commit that is never answered and never made is made again', async () => {
    const storage = await open({ deadline: 12_000 })
    const { author, talk } = await somewhere(storage)
    await fails({ method: 'Commit', when: 'never', times: 1 })
    expect(await storage.append([change(talk, author, [post('hello')])])).toMatchObject([{ ok: true, seq: 1, duplicate: false }])
    expect(await textsIn(storage, talk)).toEqual(['hello'])
  })

  it('past the deadline it is unavailable, never a false ok; the same request is then one message', async () => {
    // What is to succeed has no such deadline: a machine that stands still for a moment breaks no promise.
    const [calm, storage] = [await open(), await open({ deadline: 1_000 })]
    const { author, talk } = await somewhere(calm)
    for (const when of ['before', 'after'] as const) {
      const item = change(talk, author, [post(`said ${when}`)])
      await fails({ method: 'Commit', when, code: 14, times: 1_000 }, { method: 'BatchGetDocuments', when: 'before', code: 14, times: 1_000, skip: 1 })
      await expect(storage.append([item])).rejects.toMatchObject({ code: 'unavailable' })
      await fails()
      expect(await calm.append([item])).toMatchObject([{ ok: true, seq: when === 'before' ? 1 : 2 }])
    }
    expect(await textsIn(calm, talk)).toEqual(['said before', 'said after'])
  })

  it('an account that is deleted has no session and no invite left, also where the rest can\'t be removed yet', async () => {
    const [calm, storage] = [await open(), await open({ deadline: 5_000 })]
    const { author, talk } = await somewhere(calm)
    const [session, made] = [freshId(), invite(talk, author)]
    await calm.createSession({ idHash: session, user: author, remember: true, at: 1, agent: '' })
    await calm.createInvite(made, [])
    await fails({ method: 'Commit', when: 'before', code: 14, times: 1_000, skip: 1 })
    expect(await storage.deleteAccount(author, 5_000)).toEqual([])
    await fails()
    expect([await calm.session(session), (await calm.invite(made.codeHash, null, 6_000))?.valid, await calm.me(author)]).toEqual([null, false, null])
  })

  it('sessions that ended with a new password are named, also where the first answer was lost', async () => {
    const storage = await open()
    const { author } = await somewhere(storage)
    const ids = [freshId(), freshId()]
    for (const idHash of ids) await storage.createSession({ idHash, user: author, remember: true, at: 1, agent: '' })
    await fails({ method: 'Commit', when: 'after', code: 4, times: 1 })
    expect((await storage.setSecret('password', author, 'new', { was: 'hash', endSessions: {} }))?.sort()).toEqual([...ids].sort())
    expect(await storage.sessions(author)).toEqual([])
  })

  it('sessions that ended because there were too many are named, also where the first answer was lost', async () => {
    const storage = await open()
    const { author } = await somewhere(storage)
    const begin = (idHash: string, at: number) => storage.createSession({ idHash, user: author, remember: true, at, agent: '' })
    const first = freshId()
    await begin(first, 1)
    for (let n = 1; n < limits.sessionsPerPerson; n++) await begin(freshId(), 2)
    await fails({ method: 'Commit', when: 'after', code: 4, times: 1 })
    expect(await begin(freshId(), 3)).toEqual([first])
    expect(await storage.sessions(author)).toHaveLength(limits.sessionsPerPerson)
  })

  it('an account and a room whose commits were made, but look lost, are there once', async () => {
    const storage = await open()
    const somebody = account()
    await fails({ method: 'Commit', when: 'after', code: 4, times: 1 })
    expect(await storage.createAccount(somebody)).toBe(true)
    await fails({ method: 'Commit', when: 'after', code: 4, times: 1 })
    expect(await storage.createRoom(room(somebody.id, { slug: 'tea' }))).toMatchObject({ slug: 'tea' })
    await fails({ method: 'Commit', when: 'after', code: 4, times: 1 })
    const [lobby] = (await storage.rooms(somebody.id, { search: '', sort: 'name', archived: false, limit: 10 })).items
    expect(await storage.deleteRoom({ room: lobby!.id, by: somebody.id, at: 6_000 })).toBe('deleted')
  })
})

describe.runIf(isOurs)('outages', () => {
  it.each([
    ['not reachable', 14, /can't be reached/], ['permission denied', 7, /permission denied.*roles\/datastore\.user/], ['a quota is used up', 8, /quota of the project/],
    ['credentials that are not accepted', 16, /GOOGLE_APPLICATION_CREDENTIALS/], ['no database', 5, /FIREBASE_PROJECT_ID/], ['an index that is missing', 9, /firestore\.indexes\.json/]
  ])('%s: a clear error for the person, one line for the operator, no secret in either', async (_, code, line) => {
    const [calm, storage] = [await open(), await open({ deadline: 900 })]
    const { author, talk } = await somewhere(calm)
    const details = 'secret words that somebody wrote, and an index'
    await fails({ method: 'Commit', when: 'before', code, times: 1_000, details }, { method: 'BatchGetDocuments', when: 'before', code, times: 1_000, skip: 1, details })
    for (let tries = 0; tries < 2; tries++) {
      const error = await storage.append([change(talk, author, [post('hello')])]).catch((error: Error) => error)
      expect(error).toMatchObject({ code: 'unavailable', message: 'Chatly can\'t reach its storage right now. Try again in a moment.' })
    }
    await expect(storage.people([author])).rejects.toMatchObject({ code: 'unavailable' })
    await expect(storage.access({ id: talk }, author)).rejects.toMatchObject({ code: 'unavailable' })
    expect(trouble).toHaveLength(1)
    expect(trouble[0]).toMatch(line)
    expect(trouble[0]).not.toMatch(/secret|\n/)
    await fails()
    expect(await calm.append([change(talk, author, [post('back')])])).toMatchObject([{ ok: true }])
    // What was given up may still arrive, once.
    const texts = await textsIn(calm, talk)
    expect(texts.filter(text => text === 'back')).toHaveLength(1)
    expect(new Set(texts).size <= 3 && texts.length <= 3).toBe(true)
  })

  it('what is too large for Firestore fails alone', async () => {
    const storage = await open()
    const { author, talk } = await somewhere(storage)
    await fails({ method: 'Commit', when: 'before', code: 3, details: 'Document "x" cannot be written because its size (1,048,600 bytes) exceeds the maximum allowed size of 1,048,576 bytes.', times: 2 })
    const [large, small] = [storage.append([change(talk, author, [post('large')])]), storage.append([change(talk, author, [post('small')])])]
    await expect(large).rejects.toMatchObject({ code: 'too_large' })
    expect(await small).toMatchObject([{ ok: true, seq: 1 }])
  })

  it('a newer layout is refused, and nothing is changed', async () => {
    await (await open()).check()
    const db = getFirestore(initializeApp({ projectId }, freshId()))
    await db.doc('meta/history').update({ layout: 99 })
    await db.terminate()
    await expect(open()).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe.runIf(isOurs)('several instances', () => {
  it('hear of each other\'s commits: heads, controls, what was read, and never of their own controls', async () => {
    const [here, there] = [await open(), await open()]
    const { author, talk } = await somewhere(here)
    const [heard, own]: [Changes[], Changes[]] = [[], []]
    there.watch(changes => heard.push(changes))
    here.watch(changes => own.push(changes))
    await here.append([change(talk, author, [post('one')])])
    await here.markRead(talk, author, 1)
    await here.rename(author, 'Renamed')
    const controls = () => heard.flatMap(changes => changes.controls)
    await vi.waitFor(() => {
      expect(Math.max(...heard.map(changes => changes.heads.get(talk) ?? 0))).toBe(1)
      expect(controls()).toEqual(expect.arrayContaining([
        { kind: 'joined', room: talk, user: author }, { kind: 'read', room: talk, user: author, readSeq: 1 }, { kind: 'person-changed', user: author }
      ]))
    }, 10_000)
    await here.deleteRoom({ room: talk, by: author, at: 6_000 })
    await vi.waitFor(() => expect(controls()).toContainEqual({ kind: 'room-deleted', room: talk }), 10_000)
    // Each once, although they were found several times.
    expect(new Set(controls().map(control => JSON.stringify(control))).size).toBe(controls().length)
    expect(own.flatMap(changes => changes.controls)).toEqual([])
  })

  it('a room with thousands of messages is gone at once; what a process left undone, the next removes', async () => {
    const storage = await open()
    const { author, talk } = await somewhere(storage)
    for (let part = 0; part < 5; part++) await storage.append(upTo(400).map(n => change(talk, author, [post(`words ${part} ${n}`)])))
    expect(await storage.deleteRoom({ room: talk, by: author, at: 6_000 })).toBe('deleted')
    expect(await storage.access({ id: talk }, author)).toBeNull()
    await storage.close()
    const db = getFirestore(initializeApp({ projectId }, freshId()))
    const left = async () => (await db.collectionGroup('events').count().get()).data().count
    expect(await left()).toBeGreaterThan(0)
    await open()
    await vi.waitFor(async () => {
      expect(await left()).toBe(0)
      expect((await db.collection('doomed').get()).size).toBe(0)
    }, { timeout: 30_000, interval: 200 })
    expect(await everything()).not.toContain(talk.concat('/'))
    await db.terminate()
  })
})

describe.runIf(isOurs)('what lies there', () => {
  it('deleted text is nowhere', async () => {
    const storage = await open()
    const { author, talk } = await somewhere(storage)
    const posted = await storage.append([change(talk, author, [post('first whisper', { message: 'm1' })])])
    await storage.append([change(talk, author, [{ do: 'edit', message: 'm1', text: 'second whisper' }])])
    await storage.append([change(talk, author, [post('an answer', { replyTo: 'm1' })])])
    expect(posted).toMatchObject([{ ok: true }])
    expect(await everything()).toContain('second whisper')
    await storage.append([change(talk, author, [{ do: 'edit', message: 'm1', text: 'third whisper' }]), change(talk, author, [{ do: 'erase', message: 'm1' }])])
    const all = await everything()
    expect(all).not.toContain('whisper')
    expect(all).toContain('an answer')
  })

  it('every query has its index, and one that has none is refused', async () => {
    const db = getFirestore(initializeApp({ projectId }, freshId()))
    await expect(db.collection('rooms').where('slug', '==', 'x').where('place', '>', 1).get()).rejects.toMatchObject({ code: 9 })
    await db.terminate()
    expect(await firestore.unindexed(projectId)).toHaveLength(1)
    projectId = firestore.project()
    expect(JSON.parse(readFileSync(indexesFile, 'utf8'))).toMatchObject({ indexes: expect.any(Array), fieldOverrides: expect.any(Array) })
  })

  it('costs so many reads and writes', async () => {
    const storage = await open({ several: true, every: 3_600_000 })
    const { author, talk } = await somewhere(storage)
    const reader = account()
    const session = { idHash: freshId(), user: author, remember: false, at: 1, agent: '' }
    await storage.createSession(session)
    await storage.createAccount(reader)
    await storage.append([change(talk, reader.id, [joins(reader.id)])])
    await storage.append(upTo(80).map(n => change(talk, author, [post(String(n))])))
    const cost = async (work: () => Promise<unknown>) => {
      await firestore.forgetCounts(projectId)
      await work()
      const { reads, writes, deletes } = await firestore.counts(projectId)
      return { reads, writes, deletes }
    }
    const requires = [{ check: 'account', user: author }, { check: 'room' }, { check: 'not-banned', user: author }, { check: 'access', user: author }, { check: 'open' },
      { check: 'not-closed', user: author }, { check: 'not-muted', user: author }, { check: 'pace', user: author }] as const
    const send = (n: number) => storage.append(upTo(n).map(() => change(talk, author, [post('x')], { requires: [...requires] })))
    const [newest] = (await storage.page(talk, null, { limit: 1 }))!.messages
    const costs = {
      'a message alone': await cost(() => send(1)),
      'ten messages in one flush': await cost(() => send(10)),
      'a page of fifty': await cost(() => storage.page(talk, reader.id, { limit: 50 })),
      'a reconnect that missed nothing': await cost(() => storage.replay(talk, reader.id, 92, { events: 500, bytes: 100_000 })),
      'the list of rooms, one own with unread': await cost(() => storage.rooms(reader.id, { search: '', sort: 'activity', archived: false, limit: 50 })),
      'marking as read': await cost(() => storage.markRead(talk, reader.id, 92)),
      'unread of one who has read all': await cost(() => storage.unread(talk, [reader.id])),
      'an edit': await cost(() => storage.append([change(talk, author, [{ do: 'edit', message: newest!.id, text: 'y' }])])),
      'a deletion': await cost(() => storage.append([change(talk, author, [{ do: 'erase', message: newest!.id }])])),
      'a session at each request': await cost(() => storage.session(session.idHash))
    }
    console.info(costs)
    expect(costs).toEqual({
      'a message alone': { reads: 4, writes: 2, deletes: 0 },
      'ten messages in one flush': { reads: 4, writes: 11, deletes: 0 },
      'a page of fifty': { reads: 54, writes: 0, deletes: 0 },
      'a reconnect that missed nothing': { reads: 3, writes: 0, deletes: 0 },
      'the list of rooms, one own with unread': { reads: 7, writes: 0, deletes: 0 },
      'marking as read': { reads: 2, writes: 1, deletes: 0 },
      'unread of one who has read all': { reads: 2, writes: 0, deletes: 0 },
      'an edit': { reads: 3, writes: 3, deletes: 0 },
      'a deletion': { reads: 4, writes: 4, deletes: 0 },
      'a session at each request': { reads: 2, writes: 0, deletes: 0 }
    })
  })
})
