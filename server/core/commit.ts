import { ChatError } from '#shared/errors'
import type { Append, AppendResult, Ports } from './ports'
import { refusal } from './refusals'

export type Committed = Extract<AppendResult, { ok: true }>

/**
 * Saves one change, then rings the bell for each of its events, in order; a newcomer's other sockets may be where nobody follows the room yet.
 * Throws what storage refused, as a ChatError.
 */
export async function commit({ storage, bus }: Ports, change: Append): Promise<Committed> {
  const [result] = await storage.append([change])
  if (!result) throw new ChatError('unavailable', 'The storage gave no answer. Try again.')
  if (!result.ok) throw refusal(result.refused)
  for (const event of result.events) {
    bus.publish(event)
    if (event.kind === 'join') bus.control({ kind: 'joined', room: event.room, user: event.author })
  }
  return result
}
