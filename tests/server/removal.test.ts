import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RoomSummary } from '../../shared/types'
import openFirestore from '../../server/drivers/storage/firestore'
import { startFirestore } from '../support/firestore'
import { client, sessionOf } from '../support/http'
import { startRedis, type TestRedis } from '../support/redis'
import { api, seedPeople, seedStorage, startServer, tempFolder, type TestPerson, type TestServer } from '../support/server'
import { connect, Refused, type TestSocket } from '../support/socket'

/** The end of somebody's right to a room, said on one instance, while they read on another. */

let redis: TestRedis
let storage: Shared
let here: TestServer
let there: TestServer
let admin: TestPerson
let owner: TestPerson
let others: TestPerson[]
let names = 0

const PASSWORD = 'open sesame'
const ready = async (server: TestServer) => (await client(server.url)('GET', '/ready')).body as { ready: boolean, degraded: string[] }
const ask = async (who: TestPerson, method: string, path: string, body?: object, server = here) => {
  const answer = await api(server, who, method, path, body)
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.status === 204 ? null : await answer.json() as unknown
}
const somebody = () => others.pop() ?? expect.fail('nobody is left')
const makeRoom = async (body: object) => await ask(owner, 'POST', '/api/rooms', { name: `Room ${++names}`, ...body }) as RoomSummary
const join = (who: TestPerson, room: string, password?: string) => ask(who, 'POST', `/api/rooms/${room}/join`, { ...password && { password } }, there)
/** Somebody new, by a link for guests. */
const guestOf = async (room: string): Promise<TestPerson> => {
  const { code } = await ask(owner, 'POST', `/api/rooms/${room}/invites`, { role: 'guest' }) as { code: string }
  const answer = await client(there.url)('POST', '/api/auth/guest', { code, name: 'Gus' })
  expect(answer.status).toBe(200)
  return { id: (answer.body as { me: { id: string } }).me.id, name: 'Gus', cookie: sessionOf(answer) }
}
const invite = async (who: TestPerson, room: string) => {
  const { code } = await ask(owner, 'POST', `/api/rooms/${room}/invites`, { role: 'member' }) as { code: string }
  await ask(who, 'POST', '/api/invites/accept', { code }, there)
}

/** What both instances keep everything in, with people in it. */
interface Shared { people: TestPerson[], start: (env: Record<string, string>) => Promise<TestServer>, remove: () => Promise<void> }

async function sqlite(): Promise<Shared> {
  const { folder, remove } = await tempFolder()
  const { people } = await seedPeople(folder, 30)
  return { people, remove, start: env => startServer({ dataFolder: folder, env }) }
}

async function firestore(): Promise<Shared> {
  const engine = await startFirestore()
  const project = engine.project()
  const storage = await openFirestore({ projectId: project })
  const { people } = await seedStorage(storage, 8)
  await storage.close()
  return { people, remove: engine.stop, start: env => startServer({ env: { ...engine.env(project), ...env } }) }
}

async function startOn(open: () => Promise<Shared>): Promise<void> {
  [redis, storage] = await Promise.all([startRedis(), open()])
  ;[admin, owner, ...others] = storage.people as [TestPerson, TestPerson, ...TestPerson[]]
  here = await storage.start({ REDIS_URL: redis.url })
  there = await storage.start({ REDIS_URL: redis.url })
  await vi.waitFor(async () => expect((await Promise.all([here, there].map(ready))).map(({ ready }) => ready)).toEqual([true, true]), { timeout: 20_000 })
}

async function stop(): Promise<void> {
  await Promise.all([here.stop(), there.stop()])
  await redis.stop()
  await storage.remove()
}

async function loseRedis(): Promise<void> {
  await redis.kill('SIGKILL')
  await vi.waitFor(async () => expect((await Promise.all([here, there].map(ready))).map(({ degraded }) => degraded)).toEqual([['bus'], ['bus']]), { timeout: 10_000 })
}

/** `enter` gives who has come in. */
interface Case { room: object, enter: (room: string) => Promise<TestPerson>, end: (room: string, who: TestPerson) => Promise<unknown> }
const joined = (password?: string) => async (room: string) => {
  const who = somebody()
  await join(who, room, password)
  return who
}
const patch = (body: object) => (room: string) => ask(owner, 'PATCH', `/api/rooms/${room}`, body)

const cases: Record<string, Case> = {
  'kicked': { room: {}, enter: joined(), end: (room, who) => ask(owner, 'DELETE', `/api/rooms/${room}/members/${who.id}`) },
  'banned': { room: {}, enter: joined(), end: (room, who) => ask(owner, 'DELETE', `/api/rooms/${room}/members/${who.id}?ban=true`) },
  'in by a password that is changed': { room: { visibility: 'private', password: PASSWORD }, enter: joined(PASSWORD), end: patch({ password: 'another one' }) },
  'reading a public room that becomes private': { room: {}, enter: async () => somebody(), end: patch({ visibility: 'private' }) },
  'a guest of a room that takes none any more': { room: { visibility: 'private' }, enter: guestOf, end: patch({ guests: false }) }
}

/** Reads there, loses the right here, and must hear of nothing that follows. */
async function ends({ room: body, enter, end }: Case, within: number): Promise<void> {
  const room = await makeRoom(body)
  const who = await enter(room.id)
  const [reader, writer] = [await connect(there, who), await connect(here, owner)]
  await reader.subscribe(room.id)
  const before = await writer.say(room.id, 'before')
  await reader.next('event', event => event.seq === before.seq)
  await end(room.id, who)
  const since = performance.now()
  const { seq } = await writer.say(room.id, 'after')
  await reader.next('reset', reset => reset.room === room.id && reset.reason === 'access')
  expect(performance.now() - since).toBeLessThan(within)
  await Promise.all([reader.request({ type: 'unsubscribe', room: room.id }), writer.say(room.id, 'long after')])
  expect(reader.events(room.id).map(event => event.seq)).not.toContain(seq)
  await close(reader, writer)
}
const close = (...sockets: TestSocket[]) => Promise.all(sockets.map(socket => socket.close()))

describe('on SQLite', () => {
  beforeAll(() => startOn(sqlite))
  afterAll(stop)

  describe('somebody who is', () => {
    it.each(Object.entries(cases))('%s hears nothing beyond, on another instance, within 2 s', async (_, one) => ends(one, 2_000))
  })

  describe('after it', () => {
    it('a kicked member may come back to a public room, a banned one may neither read nor subscribe nor write', async () => {
      const who = somebody()
      const room = await makeRoom({})
      await join(who, room.id)
      await ask(owner, 'DELETE', `/api/rooms/${room.id}/members/${who.id}`)
      await join(who, room.id)
      await ask(owner, 'DELETE', `/api/rooms/${room.id}/members/${who.id}?ban=true`)
      const socket = await connect(there, who)
      await expect(socket.subscribe(room.id)).rejects.toThrow(Refused)
      await expect(socket.say(room.id, 'let me in')).rejects.toThrow(Refused)
      expect((await api(there, who, 'GET', `/api/rooms/${room.id}/messages`)).status).toBe(404)
      await ask(owner, 'DELETE', `/api/rooms/${room.id}/bans/${who.id}`)
      expect((await socket.subscribe(room.id)).head.seq).toBeGreaterThan(0)
      await socket.close()
    })

    it('the invited, moderators and the owner stay where a password is changed, and miss nothing', async () => {
      const [guest, moderator, by] = [somebody(), somebody(), somebody()]
      const room = await makeRoom({ visibility: 'private', password: PASSWORD })
      await invite(guest, room.id)
      await join(moderator, room.id, PASSWORD)
      await join(by, room.id, PASSWORD)
      await ask(owner, 'PATCH', `/api/rooms/${room.id}/members/${moderator.id}`, { role: 'moderator' })
      const writer = await connect(here, owner)
      const readers = await Promise.all([guest, moderator, owner].map(who => connect(there, who)))
      const out = await connect(there, by)
      for (const socket of [...readers, out]) await socket.subscribe(room.id)
      const talk = Array.from({ length: 8 }, (_, n) => writer.say(room.id, `text ${n}`))
      const change = ask(owner, 'PATCH', `/api/rooms/${room.id}`, { password: 'another one' })
      const more = Array.from({ length: 6 }, (_, n) => writer.say(room.id, `more ${n}`))
      await Promise.all([...talk, change, ...more])
      const { seq } = await writer.say(room.id, 'last')
      for (const socket of readers) {
        await socket.next('event', event => event.seq === seq)
        const seqs = socket.events(room.id).map(event => event.seq)
        expect(seqs).toEqual(seqs.map((_, index) => seqs[0]! + index))
      }
      await out.next('reset', reset => reset.reason === 'access')
      expect(out.events(room.id).map(event => event.seq)).not.toContain(seq)
      await expect(out.say(room.id, 'still here?')).rejects.toThrow(/password_required/)
      expect((await api(there, by, 'POST', `/api/rooms/${room.id}/join`, { password: PASSWORD })).status).toBe(403)
      await join(by, room.id, 'another one')
      await out.subscribe(room.id)
      await close(writer, out, ...readers)
    })

    it('a visitor is sent away when the site is closed to visitors, on every instance', async () => {
      await ask(admin, 'PATCH', '/api/admin/site', { public: true })
      const visitor = await connect(there, null)
      await ask(admin, 'PATCH', '/api/admin/site', { public: false })
      expect(await visitor.closed).toBe(4401)
    })
  })

  describe('while Redis is away', () => {
    it.each(Object.entries(cases))('somebody who is %s hears nothing beyond, within 5 s', async (_, one) => {
      await loseRedis()
      await ends(one, 5_000)
    })
  })
})

/** There each change is a call over the network, and instances ask for what the bus did not bring only every two seconds. */
describe('on Firestore', () => {
  beforeAll(() => startOn(firestore))
  afterAll(stop)

  const some = Object.entries(cases).filter(([name]) => name === 'kicked' || name.startsWith('in by a password'))

  it.each(some)('somebody who is %s hears nothing beyond, on another instance, within 2 s', async (_, one) => ends(one, 2_000))

  it.each(some)('and while Redis is away, somebody who is %s, within 5 s', async (_, one) => {
    await loseRedis()
    await ends(one, 5_000)
  })
})
