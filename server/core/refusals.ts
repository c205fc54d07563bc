import { ChatError } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Refusal } from './ports'

/** The error that a person sees for what storage refused. */
export function refusal(refused: Refusal): ChatError {
  switch (refused) {
    case 'account': return new ChatError('unauthenticated', 'Your account is no longer active. Sign in again.')
    case 'room': return noSuchRoom()
    case 'message': return new ChatError('not_found', 'That message is no longer there.')
    case 'open': return new ChatError('forbidden', 'This room is archived. It can be read, but nothing can be added.')
    case 'not-banned': return new ChatError('forbidden', 'You have been removed from this room.')
    case 'role': return new ChatError('forbidden', 'You don\'t have the role in this room that this needs.')
    case 'author': return new ChatError('forbidden', 'Only its author may edit or delete this message.')
    case 'nonce': return new ChatError('conflict', 'This was already used for something else. Send it again as a new message.')
    case 'too-many-emoji': return new ChatError('invalid', `A message can have ${limits.emojiPerMessage} different reactions. Use one that is already there.`)
  }
}

/** One answer for a room that does not exist and for one that the caller may not see. */
export const noSuchRoom = () => new ChatError('not_found', 'There is no such room, or you may not see it.')

export const signedOut = () => new ChatError('unauthenticated', 'Sign in to go on.')
