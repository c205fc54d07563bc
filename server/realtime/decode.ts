import type { z } from 'zod'
import { ChatError, type ErrorBody } from '#shared/errors'
import { explain } from '#shared/explain'
import { clientFrame } from '#shared/schemas'

export type Incoming = z.output<typeof clientFrame>
export type IncomingOf<T extends Incoming['type']> = Extract<Incoming, { type: T }>

/** A frame from a client, or why it is none, with the request's id where that could be read. */
export type Decoded = { frame: Incoming } | { refused: ChatError, id?: number }

/** Parses one text frame. Never throws. */
export function decode(text: string): Decoded {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return { refused: new ChatError('invalid', 'That is not JSON.') }
  }
  const parsed = clientFrame.safeParse(body)
  return parsed.success ? { frame: parsed.data } : { refused: explain(parsed.error, 'The frame'), ...idOf(body) }
}

function idOf(body: unknown): { id?: number } {
  return typeof body === 'object' && body !== null && 'id' in body && Number.isSafeInteger(body.id) && typeof body.id === 'number' && body.id >= 0 ? { id: body.id } : {}
}

/** What a failed request is answered with: what the core said, or, for what nobody expected, that we failed. */
export function errorBody(error: unknown): ErrorBody {
  return error instanceof ChatError ? error.toJSON() : { code: 'unavailable', message: 'Something went wrong on our side. Try again.' }
}
