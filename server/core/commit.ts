import { ChatError } from '#shared/errors'
import type { Append, AppendResult, Ports } from './ports'
import { refusal } from './refusals'

export type Committed = Extract<AppendResult, { ok: true }>

/** Saves one change, then rings the bell for each of its events, in order. Throws what storage refused, as a ChatError. */
export async function commit({ storage, bus }: Ports, change: Append): Promise<Committed> {
  const [result] = await storage.append([change])
  if (!result) throw new ChatError('unavailable', 'The storage gave no answer. Try again.')
  if (!result.ok) throw refusal(result.refused)
  for (const event of result.events) bus.publish(event)
  return result
}
