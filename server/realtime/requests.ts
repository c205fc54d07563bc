import { ChatError } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import type { Person } from '#shared/types'
import type { Identity } from '../core/chat'
import type { Connection } from './connection'
import type { Room } from './room'
import type { Incoming, IncomingOf } from './decode'

type Request = Exclude<Incoming, { type: 'hello' | 'ping' }>

/** Does what a frame asks. Gives what its `ok` carries; null where there is no answer, or it was sent already. */
export async function perform(connection: Connection, frame: Request): Promise<object | null> {
  const { messages } = connection.context.chat
  switch (frame.type) {
    case 'send': return messages.send(identityOf(connection), frame)
    case 'edit': return messages.edit(identityOf(connection), frame)
    case 'delete': return messages.delete(identityOf(connection), frame)
    case 'react': return messages.react(identityOf(connection), frame)
    case 'subscribe': return subscribe(connection, frame)
    case 'unsubscribe': return connection.leave(frame.room) ?? {}
    case 'read': return await messages.read(identityOf(connection), frame.room, frame.seq) ?? null
    case 'typing': return typing(connection, frame)
  }
}

function identityOf({ viewer }: Connection): Identity {
  if (!viewer) throw new ChatError('unauthenticated', 'Sign in to do that.')
  return viewer
}

/** Whoever reads the room may be seen typing in it; too often, or elsewhere, is passed over in silence. */
async function typing(connection: Connection, { room }: IncomingOf<'typing'>): Promise<null> {
  const { coordination, bus } = connection.context.chat.ports
  const user = identityOf(connection).person.id
  if (connection.reads(room) && await coordination.take(`typing:${user}:${room}`, rates.typing) === 0) bus.typing(room, user)
  return null
}

/** Answers by itself, with the missed events at its heels: nothing may come between. */
async function subscribe(connection: Connection, { id, room, position }: IncomingOf<'subscribe'>): Promise<null> {
  const { context: { chat, hub }, viewer } = connection
  // Once more for the same room begins anew.
  connection.leave(room)
  if (connection.rooms.length >= limits.subscriptionsPerSocket) {
    throw new ChatError('rate_limited', `At most ${limits.subscriptionsPerSocket} rooms at once.`)
  }
  const { coordination, storage } = chat.ports
  let entered = false
  let admitted = false
  let online: Online = { version: 0, online: 0, users: [] }
  const read = async () => {
    const missed = await chat.replay(viewer, room, position)
    if (viewer && !entered) coordination.enter(room, viewer.person.id)
    entered = true
    online = await onlineIn(connection, room)
    return missed
  }
  try {
    await hub.subscribe(connection, room, read, (joined, { head, events, reset }) => {
      if (connection.closed) return hub.leave(connection, joined)
      admitted = true
      connection.rooms.push(joined)
      const { version, ...people } = online
      const named = people.online <= limits.presenceNames
      if (!named) joined.presenceNamed = false
      connection.sendAll([
        JSON.stringify({ type: 'ok', id, head: { epoch: storage.epoch, seq: head }, ...people }),
        ...reset ? [JSON.stringify({ type: 'reset', room, reason: reset })] : [],
        ...events.map(event => event.json),
        JSON.stringify({ type: 'presence', room, version, online: people.online, ...named && { users: people.users.map(user => user.id) } })
      ])
    })
  } finally {
    if (!admitted && entered && viewer) coordination.leave(room, viewer.person.id)
  }
  return null
}

/** Goes on reading a room after `seq`, if that is still allowed. */
export async function reenter(connection: Connection, room: Room, seq: number): Promise<void> {
  const { context: { chat, hub }, viewer } = connection
  const position = { epoch: chat.ports.storage.epoch, seq }
  try {
    await hub.subscribe(connection, room.id, () => chat.replay(viewer, room.id, position), (_, { events, reset }) => {
      if (reset) connection.send(JSON.stringify({ type: 'reset', room: room.id, reason: reset }))
      else if (events.length > 0) connection.sendAll(events.map(event => event.json))
    })
  } catch (error) {
    if (!(error instanceof ChatError)) connection.context.failed(error)
    // Where nothing could be read they are not out: their client asks again.
    const refused = error instanceof ChatError && error.code !== 'unavailable'
    // Meanwhile they may have left, or asked for it anew.
    if (connection.reads(room.id) && !room.has(connection)) connection.dropped(room, refused ? 'access' : 'too-old')
  }
}

interface Online { version: number, online: number, users: Person[] }

/** Who is there, the subscriber among them, with names where they are few; not older than what the room's members were told. */
async function onlineIn({ context: { chat, hub, people } }: Connection, room: string): Promise<Online> {
  const { coordination, storage } = chat.ports
  for (let tries = 0; ; tries++) {
    const { version, online, users } = await coordination.online(room)
    const named = online <= limits.presenceNames
    const missing = named ? users.filter(user => !people.get(user)) : []
    const others = new Map((missing.length > 0 ? await storage.people(missing) : []).map(person => [person.id, person]))
    // The members may have been told of a change while the names were looked up: the subscriber was none of them yet.
    if (version < (hub.get(room)?.presenceVersion ?? 0) && tries < 3) continue
    return { version, online, users: named ? users.flatMap(user => people.get(user)?.person ?? others.get(user) ?? []) : [] }
  }
}
