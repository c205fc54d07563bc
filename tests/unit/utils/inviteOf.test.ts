import { expect, it } from 'vitest'
import { inviteOf } from '../../../utils/inviteOf'

const code = 'abcdefghijklmnopqrstuv'

it('finds the invite that a way back leads to', () => {
  expect(inviteOf(`/invite/${code}`)).toBe(code)
  expect(inviteOf(`/invite/${code}?x=1`)).toBe(code)
})

it.each([['a room', '/rooms/lobby'], ['another site', `https://evil.example/invite/${code}`], ['a code that is none', '/invite/short'], ['more behind it', `/invite/${code}/more`], ['nothing', undefined]])('finds none in %s', (_, next) => {
  expect(inviteOf(next)).toBeNull()
})
