import type { ErrorBody } from '#shared/errors'
import type { Person } from '#shared/types'
import { asChatError, type Api } from '~/composables/useApi'
import { createSocket, openLine } from '~/composables/useSocket'
import type { useConnectionStore } from '~/stores/connection'
import type { useMembersStore } from '~/stores/members'
import type { useMessagesStore } from '~/stores/messages'
import type { usePresenceStore } from '~/stores/presence'
import type { useRoomsStore } from '~/stores/rooms'
import { whoIs, type useSessionStore } from '~/stores/session'
import { createOutbox, type TabChannel } from './outbox'
import { openOutboxStore } from './outbox-store'
import type { Realtime } from './services'

/** A connection that is away for less than this (ms) is not worth a word. */
export const quietFor = 2_000

function otherTabs(name: string): TabChannel {
  const channel = new BroadcastChannel(name)
  return {
    say: word => channel.postMessage(word),
    listen: hear => channel.addEventListener('message', ({ data }) => hear(data))
  }
}

/** This browser's live line and outbox. `onUnauthenticated`: the session is over. */
export function createRealtime(api: Api, onUnauthenticated: () => void): Realtime {
  const socket = createSocket({
    ticket: async () => (await api<{ ticket: string }>('/api/ws/ticket', { method: 'POST' })).ticket,
    connect: openLine,
    onUnauthenticated
  })
  const outbox = createOutbox({
    store: openOutboxStore,
    request: frame => socket.request(frame),
    isLineOpen: () => socket.state === 'open',
    channel: typeof BroadcastChannel === 'undefined' ? null : otherTabs('chatly outbox'),
    // Missing on plain HTTP from another device, whatever the types say.
    locks: 'locks' in navigator ? navigator.locks : undefined
  })
  return { socket, outbox }
}

export interface Stores {
  session: ReturnType<typeof useSessionStore>
  rooms: ReturnType<typeof useRoomsStore>
  messages: ReturnType<typeof useMessagesStore>
  members: ReturnType<typeof useMembersStore>
  presence: ReturnType<typeof usePresenceStore>
  connection: ReturnType<typeof useConnectionStore>
}

const report = (what: string) => (error: unknown) => console.warn(what, error)
const accountUnread = 'What this account is could not be read again.'
/** For what the next `ready` does again: that the line broke once more is no news. */
const unlessAway = (tell: (error: unknown) => void) => (error: unknown) => { if (asChatError(error).code !== 'unavailable') tell(error) }

/** Frames → stores, once. `onSomebodyElse`: this browser is signed in as another by now, or (null) not at all; what this page shows, and is about to send, is not theirs. */
export function wireRealtime({ socket, outbox }: Realtime, { session, rooms, messages, members, presence, connection }: Stores, onSomebodyElse: (user: Person | null) => void): void {
  /** Of the last line; null: this is the first. */
  let lastEpoch: string | null = null
  socket.on('ready', ({ user, epoch }) => {
    if ((user && whoIs(user)) !== session.who) {
      socket.stop()
      onSomebodyElse(user)
      return
    }
    if (user) {
      presence.learn([user])
      if (lastEpoch !== null) presence.renew()
      if (lastEpoch !== null && epoch !== lastEpoch) rooms.beginAnew()
      // What changed while there was no line was told to nobody: the first time, since the server rendered the page.
      session.renew().catch(unlessAway(report(accountUnread)))
      rooms.renew().catch(unlessAway(report('The rooms could not be read again.')))
    }
    lastEpoch = epoch
    retryFailed({ rooms, members })
    outbox.resume()
    messages.onReady().catch(report('The open rooms could not be resumed.'))
  })
  socket.on('event', (frame) => {
    messages.onEvent(frame)
    members.applyEvent(frame)
  })
  socket.on('reset', (frame) => {
    messages.onReset(frame).catch(report('A room could not be loaded again.'))
    members.onReset(frame)
  })
  socket.on('heads', frame => messages.onHeads(frame))
  socket.on('people', (frame) => {
    presence.learn(frame.users)
    if (frame.you) session.renew().catch(report(accountUnread))
  })
  socket.on('presence', (frame) => {
    if (!presence.apply(frame)) messages.renew(frame.room)
  })
  socket.on('typing', ({ room, user }) => {
    if (user !== session.me?.id) presence.startTyping(room, user)
  })
  socket.on('room', (frame) => {
    if (frame.change === 'deleted') messages.onGone(frame.room)
    if (frame.change === 'read' && frame.readSeq !== undefined) messages.readElsewhere(frame.room, frame.readSeq)
    // Whoever reads the room is told so only where no event says what changed.
    if (frame.change === 'renamed' && messages.timelines[frame.room]) void members.renew(frame.room)
    rooms.applyFrame(frame).catch(report('A room\'s news could not be read.'))
  })
  outbox.onSettled(({ frame, at }, answer) => messages.settle(frame, at, answer))
  outbox.onChange((items) => {
    connection.outboxCount = items.length
    messages.showChanges(items)
  })
  showState({ socket, outbox }, connection)
}

/** What could not be loaded while there was no line. Failing again, it says so where it is shown. */
function retryFailed({ rooms, members }: Pick<Stores, 'rooms' | 'members'>): void {
  void rooms.retry()
  members.retry()
}

function showState({ socket }: Realtime, connection: Stores['connection']): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  socket.onState((state, reason) => {
    const why: ErrorBody | null = reason?.toJSON() ?? null
    connection.state = state
    connection.reason = why
    if (state === 'open' || state === 'stopped') {
      clearTimeout(timer)
      timer = undefined
      connection.visibleOffline = why !== null
    } else {
      timer ??= setTimeout(() => { connection.visibleOffline = true }, quietFor)
    }
  })
}

/** Follows who is signed in: their line and their outbox, or, on a public site, a visitor's line; nothing of the one before stays. */
export function followSession({ socket, outbox }: Realtime, { session, rooms, messages, members, presence }: Stores, changed: boolean): void {
  socket.stop()
  outbox.stop()
  if (changed) for (const store of [messages, members, presence, rooms]) store.clear()
  // The line does not wait for what this browser keeps, which may fail.
  if (session.me) outbox.start(session.me.id).catch(report('What is unsent could not be read.'))
  if (session.me || session.public) socket.start()
}
