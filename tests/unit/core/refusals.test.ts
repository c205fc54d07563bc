import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../server/core/ports'
import { noSuchRoom, refusal } from '../../../server/core/refusals'

describe('a refusal', () => {
  const expected: Record<Refusal, [string, RegExp]> = {
    'account': ['unauthenticated', /Sign in again/],
    'room': ['not_found', /no such room/],
    'message': ['not_found', /no longer there/],
    'open': ['forbidden', /archived/],
    'not-banned': ['forbidden', /removed from this room/],
    'role': ['forbidden', /role/],
    'author': ['forbidden', /Only its author may edit/],
    'nonce': ['conflict', /already used/],
    'too-many-emoji': ['invalid', /20 different reactions/]
  }
  it.each(Object.entries(expected) as [Refusal, [string, RegExp]][])('%s has its code and says what to do', (refused, [code, text]) => {
    const error = refusal(refused)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(text)
  })

  it('of a room is the answer for one that may not be seen', () => expect(refusal('room').toJSON()).toEqual(noSuchRoom().toJSON()))
})
