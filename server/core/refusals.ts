import { ChatError } from '#shared/errors'
import { limits } from '#shared/limits'
import type { Refusal } from './ports'
import { inWords } from './words'

/** The error that a person sees for what storage refused; `wait` in ms, where waiting helps. */
export function refusal(refused: Refusal, wait?: number): ChatError {
  switch (refused) {
    case 'account': return new ChatError('unauthenticated', 'Your account is no longer active. Sign in again.')
    case 'active': return new ChatError('conflict', 'Their account is disabled. Choose somebody else, or have an admin enable it first.')
    case 'admin': return new ChatError('forbidden', 'Only an admin of this site may do that.')
    case 'room': case 'access': case 'not-banned': return noSuchRoom()
    case 'message': return new ChatError('not_found', 'That message is no longer there.')
    case 'owned': return new ChatError('conflict', 'This room has just passed to somebody else. Look again before you hand it over.')
    case 'open': return new ChatError('forbidden', 'This room is archived. It can be read, but nothing can be added.')
    case 'inside': return new ChatError('forbidden', 'You are not in this private room. Join it as an admin first, which everybody in it sees; then decide who may come in.')
    case 'role': return new ChatError('forbidden', 'You don\'t have the role in this room that this needs.')
    case 'gone': return new ChatError('conflict', 'This guest may still come back.')
    case 'present': return new ChatError('not_found', 'They are not in this room, or can\'t have that role.')
    case 'outranks': return new ChatError('forbidden', 'You can only do that to people below your own role.')
    case 'not-closed': return new ChatError('forbidden', 'Only moderators may write here at the moment.')
    case 'not-muted': return new ChatError('forbidden', `You have been muted here${wait === undefined ? '' : ` for another ${inWords(wait)}`}.`, wait)
    case 'pace': return new ChatError('rate_limited', `Slow mode is on here. You can write again in ${inWords(wait ?? 1000)}.`, wait)
    case 'password': return new ChatError('conflict', 'The password of this room has just been changed. Try again.')
    case 'invite': return noSuchInvite()
    case 'author': return new ChatError('forbidden', 'Only its author may edit or delete this message.')
    case 'nonce': return new ChatError('conflict', 'This was already used for something else. Send it again as a new message.')
    case 'too-many-emoji': return new ChatError('invalid', `A message can have ${limits.emojiPerMessage} different reactions. Use one that is already there.`)
    case 'too-many-edits': return new ChatError('invalid', 'This message was changed too often. Write a new one.')
  }
}

/** One answer for every code that lets nobody in. */
export const noSuchInvite = () => new ChatError('not_found', 'This invite is no longer valid. Ask for a new one.')

/** One answer for a room that does not exist and for one that the caller may not see. */
export const noSuchRoom = () => new ChatError('not_found', 'There is no such room, or you may not see it.')

/** One answer for a wrong password and an unknown address. */
export const wrongPassword = () => new ChatError('wrong_password', 'The e-mail address or the password is not right.')

/** For those who have shown that it is theirs. */
export const accountDisabled = () => new ChatError('forbidden', 'This account has been disabled. Ask the person who runs this site.')

export const bannedHere = () => new ChatError('forbidden', 'You have been banned from this room. Its owner and moderators can let you in again.')

export const signedOut = () => new ChatError('unauthenticated', 'Sign in to go on.')
