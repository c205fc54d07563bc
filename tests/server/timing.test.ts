import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Room } from '#shared/types'
import { newId } from '../../server/core/ids'
import createLocalAccounts from '../../server/drivers/accounts/local'
import openSqlite from '../../server/drivers/storage/sqlite'
import { client } from '../support/http'
import { startRedis, type TestRedis } from '../support/redis'
import { seedMessages } from '../support/seed'
import { seedPeople, startServer, tempFolder, type TestPerson, type TestServer } from '../support/server'
import { connect, type TestSocket } from '../support/socket'

/**
 * An unlisted room that somebody may not see takes as long to be refused as one that is not there. Both are asked for in turn, so that whatever else the machine
 * does meets both alike, and medians are compared: with a third, of another that is not there, which says how far apart equal things are at the moment.
 * A hash, a page that is read, a call over the network would show: there is a Redis, and the owner reads the room. How many look-ups are made is counted in unit/core/unlisted.
 */

const ROUNDS = 300
const WARM_UP = 50
/** Of the median. */
const TOLERANCE = 0.1

let server: TestServer
let redis: TestRedis
let inside: TestSocket
let data: Awaited<ReturnType<typeof tempFolder>>
let owner: TestPerson
/** Several, who ask in turn: each may read only so often. */
let strangers: TestPerson[]
/** As many as it takes for one to search sixty times a minute. */
let searchers: TestPerson[]
let turns = 0
const inTurn = <T>(all: readonly T[]): T => all[turns++ % all.length]!
let hidden: Room
let codes: { revoked: string }
let addresses = 0
/** Each of its own, so that no limit answers in place of the look-up. */
const elsewhere = () => ({ 'x-forwarded-for': `10.${++addresses >> 16}.${addresses >> 8 & 255}.${addresses & 255}` })

beforeAll(async () => {
  data = await tempFolder()
  const { people } = await seedPeople(data.folder, 64)
  hidden = await seedRoom(people[1]!.id)
  owner = people[1]!
  strangers = people.slice(2, 8)
  searchers = people.slice(8)
  redis = await startRedis()
  server = await startServer({ dataFolder: data.folder, env: { CHATLY_TRUSTED_PROXIES: '1', REDIS_URL: redis.url } })
  inside = await connect(server, owner)
  await inside.subscribe(hidden.id)
  const ask = client(server.url, owner.cookie)
  const { code, invite } = (await ask('POST', `/api/rooms/${hidden.id}/invites`, { role: 'guest' })).body as { code: string, invite: { id: string } }
  await ask('DELETE', `/api/rooms/${hidden.id}/invites/${invite.id}`)
  codes = { revoked: code }
})
afterAll(async () => {
  await inside.close()
  await server.stop()
  await redis.stop()
  await data.remove()
})

/** With a password, and a history that takes a while to be read. */
async function seedRoom(owner: string): Promise<Room> {
  const storage = await openSqlite({ folder: data.folder })
  try {
    const room = await storage.createRoom({
      id: newId(), slug: 'hidden', name: 'Hidden', topic: 'x'.repeat(250), owner, at: Date.now(), visibility: 'private', listed: false, passwordHash: await createLocalAccounts({ storage }).hash('open sesame')
    })
    if (!room) throw new Error('The room was not made.')
    await seedMessages(storage, room.id, Array.from({ length: 600 }, (_, n) => ({ author: owner, text: `${n} ${'x'.repeat(300)}` })))
    return room
  } finally {
    await storage.close()
  }
}

const medianOf = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1]!

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}

/** Medians in ms of each of these, asked for in turn; who is first changes with every round. */
async function medians(ways: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = ways.map((): number[] => [])
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (let i = 0; i < ways.length; i++) {
      const which = (i + round) % ways.length
      const ms = await timed(ways[which]!)
      if (round >= WARM_UP) times[which]!.push(ms)
    }
  }
  return times.map(medianOf)
}

/** `told`: what may not be told from `none`, and `other`, which is none as well. Once more where noise was in the way: a difference that is there stays. */
async function expectAlike(told: () => Promise<unknown>, none: () => Promise<unknown>, other: () => Promise<unknown>): Promise<void> {
  const tries: string[] = []
  for (let n = 0; n < 3; n++) {
    const [a, b, c] = await medians([told, none, other]) as [number, number, number]
    const [apart, noise] = [Math.abs(a - (b + c) / 2), Math.abs(b - c)]
    tries.push(`unlisted ${a.toFixed(3)} ms, none ${b.toFixed(3)} and ${c.toFixed(3)} ms`)
    if (apart <= Math.max(TOLERANCE * Math.min(b, c), 2 * noise)) return
  }
  expect.fail(`It takes another time:\n${tries.join('\n')}`)
}

describe('an unlisted room is told from none by no time', () => {
  const http = (method: string, path: string, body?: unknown, status = 404, people = strangers) => async () => {
    const answer = await client(server.url, inTurn(people).cookie)(method, path, body, elsewhere())
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status}`)
  }

  it.each([
    ['reading it', 'GET', (id: string, _: string) => `/api/rooms/${id}`],
    ['its link', 'GET', (_: string, slug: string) => `/api/rooms/~${slug}`],
    ['its messages', 'GET', (id: string) => `/api/rooms/${id}/messages`]
  ] as const)('that is spent on %s', async (_, method, path) => {
    const ask = (id: string, slug: string) => http(method, path(id, slug))
    await expectAlike(ask(hidden.id, hidden.slug), ask('no-such-room-her', 'absent'), ask('no-such-room-two', 'nobody'))
  })

  it('that is spent on searching for its name', async () => {
    const ask = (name: string) => http('GET', `/api/rooms?search=${name}`, undefined, 200, searchers)
    await expectAlike(ask('Hidden'), ask('Absent'), ask('Nobody'))
  })

  it('that is spent on a try at its password', async () => {
    const ask = (id: string) => http('POST', `/api/rooms/${id}/join`, { password: 'open sesame' })
    await expectAlike(ask(hidden.id), ask('no-such-room-her'), ask('no-such-room-two'))
  })

  it.each([['anew', false], ['from its beginning on', true]])('that a socket waits for when it subscribes %s', async (_, again) => {
    const sockets: TestSocket[] = await Promise.all([...strangers, ...strangers].map(who => connect(server, who)))
    const ready = sockets[0]?.frames.find(frame => frame.type === 'ready') ?? expect.fail('no ready')
    const position = again ? { epoch: ready.epoch, seq: 0 } : undefined
    const ask = (id: string) => () => expect(inTurn(sockets).subscribe(id, position)).rejects.toMatchObject({ code: 'not_found' })
    await expectAlike(ask(hidden.id), ask('no-such-room-her'), ask('no-such-room-two'))
    await Promise.all(sockets.map(socket => socket.close()))
  })

  it('that an invite to it takes which no longer holds, and one that nobody made', async () => {
    const ask = (code: string) => http('POST', '/api/invites/preview', { code })
    await expectAlike(ask(codes.revoked), ask('A'.repeat(43)), ask('B'.repeat(43)))
  })
})
