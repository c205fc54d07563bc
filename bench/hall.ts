import { createTickets } from '../server/core/tickets'
import { hash } from '../server/core/ids'
import type { Ports } from '../server/core/ports'
import type { Sessions } from '../server/core/sessions'
import type { SiteOfChat } from '../server/core/site'
import { seedPeople, startServer, tempFolder, type TestPerson, type TestServer } from '../tests/support/server'
import { Line } from './line'

const SECRET = 'the secret of a benchmark that is thrown away'

/** A server of its own, with people who have a session, and one room. */
export interface Hall {
  server: TestServer
  room: string
  people: TestPerson[]
  /** A socket of this person that has said hello. */
  enter: (person: TestPerson) => Promise<Line>
  stop: () => Promise<void>
}

/** Tickets by the server's own code and secret: asking it for thousands would be another benchmark. */
const tickets = createTickets(
  { coordination: { take: async () => 0 }, clock: { now: Date.now } } as unknown as Ports, {} as Sessions, { get: async () => ({ signup: 'open', public: false, guests: true }) } as SiteOfChat, { secret: SECRET }
)

export async function openHall(count: number, nodeArgs: string[] = []): Promise<Hall> {
  const { folder, remove } = await tempFolder()
  const { people, room } = await seedPeople(folder, count)
  const server = await startServer({ dataFolder: folder, env: { CHATLY_SECRET: SECRET }, nodeArgs })
  return {
    server, room, people,
    async enter(person) {
      const session = hash(person.cookie.slice('chatly_session='.length))
      const ticket = await tickets.issue({ session, person: { id: person.id, name: person.name, kind: 'member' }, admin: false }, { address: '' })
      return Line.open(server.port, ticket)
    },
    async stop() {
      await server.stop()
      await remove()
    }
  }
}

/** Everybody at once, but not more than this many under way: an address may have 50 sockets that have not said hello. */
export async function enterAll(hall: Hall, people: TestPerson[], then: (line: Line) => Promise<unknown> = async () => {}, width = 40): Promise<Line[]> {
  const lines: Line[] = []
  let next = 0
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < people.length) {
      const person = people[next++]!
      const line = await hall.enter(person)
      lines.push(line)
      await then(line)
    }
  }))
  return lines
}

export const subscribe = (hall: Hall) => (line: Line) => line.request({ type: 'subscribe', room: hall.room })
