import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../../server/core/ports'
import { noSuchInvite, noSuchRoom, refusal } from '../../../server/core/refusals'

describe('a refusal', () => {
  const expected: Record<Refusal, [string, RegExp]> = {
    'account': ['unauthenticated', /Sign in again/],
    'active': ['conflict', /Their account is disabled. Choose somebody else/],
    'admin': ['forbidden', /admin/],
    'room': ['not_found', /no such room/],
    'access': ['not_found', /no such room/],
    'message': ['not_found', /no longer there/],
    'open': ['forbidden', /archived/],
    'not-banned': ['not_found', /no such room/],
    'inside': ['forbidden', /Join it as an admin first/],
    'role': ['forbidden', /role/],
    'owned': ['conflict', /just passed/],
    'gone': ['conflict', /may still come back/],
    'present': ['not_found', /not in this room/],
    'outranks': ['forbidden', /below your own role/],
    'not-closed': ['forbidden', /Only moderators may write/],
    'not-muted': ['forbidden', /muted/],
    'pace': ['rate_limited', /Slow mode/],
    'password': ['conflict', /just been changed/],
    'invite': ['not_found', /invite/],
    'author': ['forbidden', /Only its author may edit/],
    'nonce': ['conflict', /already used/],
    'too-many-emoji': ['invalid', /20 different reactions/],
    'too-many-edits': ['invalid', /changed too often. Write a new one/]
  }
  it.each(Object.entries(expected) as [Refusal, [string, RegExp]][])('%s has its code and says what to do', (refused, [code, text]) => {
    const error = refusal(refused)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(text)
  })

  it('of a room is the answer for one that may not be seen', () => {
    for (const refused of ['room', 'access', 'not-banned'] as const) expect(refusal(refused).toJSON()).toEqual(noSuchRoom().toJSON())
    expect(refusal('invite').toJSON()).toEqual(noSuchInvite().toJSON())
  })

  it('that waiting helps says for how long', () => {
    expect(refusal('pace', 12_300).toJSON()).toEqual({ code: 'rate_limited', message: 'Slow mode is on here. You can write again in 13 seconds.', retryAfter: 12_300 })
    expect(refusal('not-muted', 3_600_000).toJSON()).toEqual({ code: 'forbidden', message: 'You have been muted here for another 60 minutes.', retryAfter: 3_600_000 })
  })
})
