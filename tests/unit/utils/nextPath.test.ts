import { describe, expect, it } from 'vitest'
import { nextPath, withNext } from '../../../utils/nextPath'

describe('nextPath', () => {
  it.each(['/', '/rooms/lobby', '/?search=a&sort=name', '/rooms/käse#m1', '/settings/sessions'])('goes to %s', (path) => {
    expect(decodeURI(nextPath(path))).toBe(path)
  })

  it.each([
    ['another site', 'https://evil.example/'], ['a scheme-relative address', '//evil.example'], ['a backslash', '/\\evil.example'], ['a path that hides one', '/.//evil.example'], ['a deeper one', '/rooms/..//evil.example/x'], ['an encoded one', '/%2e//evil.example'], ['a hidden tab', '/\t/evil.example'],
    ['a hidden newline', '/\n/evil.example'], ['a script', 'javascript:alert(1)'], ['a relative path', 'rooms'], ['nothing', undefined], ['null', null], ['a list', ['/a', '/b']], ['an empty text', '']
  ])('refuses %s', (_, next) => {
    expect(nextPath(next)).toBe('/')
  })

  it('leaves the way home out of the address', () => {
    expect(withNext('/login', '/')).toEqual({ path: '/login' })
    expect(withNext('/login', '/rooms/lobby')).toEqual({ path: '/login', query: { next: '/rooms/lobby' } })
    expect(withNext('/login', '//evil.example')).toEqual({ path: '/login' })
  })
})
