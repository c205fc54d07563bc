import { closeCodes } from '#shared/errors'
import type { Control } from '../core/ports'
import { identityOf } from '../core/sessions'
import type { Connection } from './connection'
import { isVisitor, type Context } from './context'
import { frame } from './room'

/** Does what another instance, or another door of this one, says: storage says so too. It may come twice, over the bus and from storage, and late. */
export async function obey(context: Context, control: Control): Promise<void> {
  context.hub.control(control)
  switch (control.kind) {
    case 'session-ended':
      for (const connection of [...context.connections]) {
        if (connection.viewer?.session === control.session) end(connection)
      }
      break
    case 'person-changed':
      await personChanged(context, control.user)
      break
    case 'joined':
      await joined(context, control.room, control.user)
      break
    case 'read':
      await read(context, control)
      break
    case 'settings-changed':
      await dismissVisitors(context)
  }
}

/** A session may be over without anybody's having been told which; and what its person may do can be more or less than when the socket was opened. */
export async function lookAgain({ chat }: Context, connection: Connection): Promise<void> {
  const live = connection.viewer && await chat.ports.storage.session(connection.viewer.session)
  if (live) connection.viewer = identityOf(live)
  else end(connection)
}

const end = (connection: Connection) => connection.close(closeCodes.needTicket, 'This session has ended.')

/** Visitors stay as long as the site is open to them. */
export async function dismissVisitors({ chat, connections }: Context): Promise<void> {
  if (![...connections].some(isVisitor) || (await chat.site.get()).public) return
  for (const connection of [...connections]) if (isVisitor(connection)) connection.close(closeCodes.needTicket, 'This site is no longer open to visitors.')
}

async function personChanged(context: Context, user: string): Promise<void> {
  const { chat, hub, people, connections } = context
  await Promise.all([...connections].filter(({ viewer }) => viewer?.person.id === user).map(connection => lookAgain(context, connection)))
  const users = await chat.ports.storage.people([user])
  const rooms = await chat.ports.storage.memberships(user)
  const here = people.get(user)
  if (here && users[0]) here.person = users[0]
  for (const device of here?.devices ?? []) {
    device.send(frame({ type: 'people', users, you: true }))
  }
  for (const room of rooms.keys()) hub.get(room)?.passing({ type: 'people', users })
  // A deleted account is in no room any more, and its name must leave every page that shows its messages.
  if (users[0]?.name === '') for (const connection of connections) connection.send(frame({ type: 'people', users }))
}

async function joined({ chat, hub, people }: Context, room: string, user: string): Promise<void> {
  if (!people.get(user) || people.get(user)?.rooms.has(room)) return
  const access = await chat.ports.storage.access({ id: room }, user)
  const here = people.get(user)
  if (here && access?.role) hub.joined(here, room, access.room.seq)
}

async function read({ chat, people }: Context, { room, user, readSeq }: Extract<Control, { kind: 'read' }>): Promise<void> {
  const here = people.get(user)
  if (!here || (here.read.get(room) ?? -1) >= readSeq) return
  here.read.set(room, readSeq)
  const count = (await chat.ports.storage.unread(room, [user])).get(user)
  const text = frame({ type: 'room', room, change: 'read', readSeq, ...count && { unread: count.unread } })
  for (const device of here.devices) device.send(text)
}
