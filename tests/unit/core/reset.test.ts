import { describe, expect, it } from 'vitest'
import { linkTokenUser } from '../../../server/core/link-tokens'
import { checkResetToken, makeResetToken } from '../../../server/core/reset'

const bound = { secret: 's', user: 'ann', secretHash: 'old hash' }
const now = 1_800_000_000_000
const minutes = (n: number) => now + n * 60_000

describe('a reset token', () => {
  const token = makeResetToken(bound, now)

  it('is good for its account, for 30 minutes', () => {
    expect(linkTokenUser(token)).toBe('ann')
    expect(checkResetToken(token, bound, now)).toBe(true)
    expect(checkResetToken(token, bound, minutes(29.9))).toBe(true)
    expect(checkResetToken(token, bound, minutes(30))).toBe(false)
  })

  it('is worthless once the password has changed', () => expect(checkResetToken(token, { ...bound, secretHash: 'new hash' }, now)).toBe(false))

  it('is of one account and one secret', () => {
    expect(checkResetToken(token, { ...bound, user: 'bob' }, now)).toBe(false)
    expect(checkResetToken(token, { ...bound, secret: 'other' }, now)).toBe(false)
    expect(checkResetToken(token.replace('ann', 'bob'), { ...bound, user: 'bob' }, now)).toBe(false)
  })

  it('cannot be made to live longer', () => {
    const [user, expiry, mac] = token.split('.')
    expect(checkResetToken(`${user}.${Number(expiry) + 1}.${mac}`, bound, now)).toBe(false)
    expect(checkResetToken(`${user}.Infinity.${mac}`, bound, now)).toBe(false)
  })

  it.each(['', '.', '..', 'ann', 'ann..', 'ann.1', '__proto__.1.x'])('%j is none', (text) => {
    expect(checkResetToken(text, bound, now)).toBe(false)
    expect(checkResetToken(text, { ...bound, user: linkTokenUser(text) }, now)).toBe(false)
  })
})
