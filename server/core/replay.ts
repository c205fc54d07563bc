import { limits } from '#shared/limits'
import type { ResetReason } from '#shared/protocol'
import type { Position } from '#shared/types'
import type { Viewer } from './chat'
import { mayRead, refusalToRead } from './policy'
import type { Ports, StoredEvent } from './ports'
import { noSuchRoom } from './refusals'
import type { SiteOfChat } from './site'

const most = { events: limits.replayEvents, bytes: limits.replayBytes }

interface Replayed { head: number, events: StoredEvent[], reset: ResetReason | null }

/**
 * What a subscriber at `position` has missed, authorized in the same snapshot. With a `reset` the position cannot be continued, and there are
 * no events. Without a position: only the head. Throws what `refusalToRead` says; for a room that is not there the same as for one that they may not know of.
 */
export type Replay = (viewer: Viewer, room: string, position?: Position) => Promise<Replayed>

export const createReplay = ({ storage }: Ports, site: SiteOfChat): Replay => async (viewer, room, position) => {
  const user = viewer?.person.id ?? null
  // Read from storage only what may be needed: nothing, where the position is of another history, or too far behind.
  const settings = await site.get()
  const known = position?.epoch === storage.epoch ? position.seq : null
  const found = known === null
    ? { access: await storage.access({ id: room }, user), events: [] }
    : await storage.replay(room, user, known, most, access => mayRead(access, viewer, settings) && access.room.seq - known <= most.events)
  if (!found?.access) throw noSuchRoom()
  if (!mayRead(found.access, viewer, settings)) throw refusalToRead(found.access)
  const head = found.access.room.seq
  const reset = reasonToReset(position !== undefined, known, head, found.events)
  return { head, events: reset ? [] : found.events, reset }
}

function reasonToReset(asked: boolean, known: number | null, head: number, events: readonly StoredEvent[]): ResetReason | null {
  if (known === null) return asked ? 'epoch' : null
  if (known > head) return 'ahead'
  if (head - known > most.events) return 'too-old'
  let bytes = 0
  for (const event of events) bytes += Buffer.byteLength(event.json)
  return bytes > most.bytes ? 'too-old' : null
}
