import { ChatError } from '#shared/errors'
import { mayKnowOfBan, refusalToRead } from './policy'
import type { Append, AppendResult, Ports, Refusal } from './ports'
import { bannedHere, noSuchRoom, refusal } from './refusals'

export type Committed = Extract<AppendResult, { ok: true }>

/**
 * Saves one change, then rings the bell for each of its events, in order; a newcomer's other sockets may be where nobody follows the room yet.
 * Throws what storage refused, as a ChatError.
 */
export async function commit({ storage, bus }: Pick<Ports, 'storage' | 'bus'>, change: Append): Promise<Committed> {
  const [result] = await storage.append([change])
  if (!result) throw new ChatError('unavailable', 'The storage gave no answer. Try again.')
  if (!result.ok) throw ofRoom.has(result.refused) ? await refusalOfRoom(storage, change) : refusal(result.refused, result.wait)
  for (const event of result.events) {
    bus.publish(event)
    if (event.kind === 'join') bus.control({ kind: 'joined', room: event.room, user: event.author })
  }
  return result
}

const ofRoom: ReadonlySet<Refusal> = new Set(['room', 'access', 'not-banned'])

/** Why the author may not be in the room: the same as at its door, so that they learn of a changed password or a ban here too, and as much is asked where there is none. */
async function refusalOfRoom(storage: Ports['storage'], { room, author }: Append): Promise<ChatError> {
  const access = await storage.access({ id: room }, author)
  if (!access) return noSuchRoom()
  return mayKnowOfBan(access) ? bannedHere() : refusalToRead(access)
}
