import { describe, expect, it } from 'vitest'
import { avatarColor, initials } from '../../../utils/avatar'

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'], ['ada', 'A'], ['  Grace  Brewster Hopper ', 'GH'], ['李小龍', '李'], ['👩‍🚀 Ann', '👩‍🚀A'], ['é', 'É'], ['', '?'], ['   ', '?']
  ])('of %j are %s', (name, letters) => {
    expect(initials(name)).toBe(letters)
  })
})

describe('avatarColor', () => {
  it('is the same for the same id and spreads over ids', () => {
    expect(avatarColor('abc')).toBe(avatarColor('abc'))
    expect(new Set(Array.from({ length: 200 }, (_, i) => avatarColor(`person-${i}`))).size).toBe(24)
  })
})
