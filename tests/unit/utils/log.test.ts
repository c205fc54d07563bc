import { describe, expect, it } from 'vitest'
import { errorForLog, pathForLog } from '../../../server/utils/log'

describe('pathForLog', () => {
  it.each([
    ['/rooms/lobby', '/rooms/lobby'], ['/rooms/lobby?search=secret', '/rooms/lobby'], ['/invite/abc_DEF-123', '/invite/…'], ['/reset/ann.123.mac', '/reset/…'], ['/verify/a.b.c?next=/x', '/verify/…'],
    ['/login?next=/invite/abc', '/login'], ['/invite', '/invite'], ['/api/rooms/x/invites/y', '/api/rooms/x/invites/y'], ['//invite/abc', '//invite/…'], ['', '']
  ])('%s is %s', (path, told) => {
    expect(pathForLog(path)).toBe(told)
  })
})

describe('errorForLog', () => {
  it('tells where it came from and why, and nothing that hangs on it', () => {
    const cause = Object.assign(new Error('the disk is full'), { body: 'a secret' })
    const told = errorForLog(Object.assign(new Error('not saved', { cause }), { request: { headers: { cookie: 'a secret' } } }))
    expect(told).toMatch(/^Error: not saved\n\s+at .*\ncaused by Error: the disk is full\n/s)
    expect(told).not.toContain('secret')
  })

  it('tells nothing that was said of what was given: another service, and the parser of JSON, quote it', () => {
    const service = Object.assign(new Error('3 INVALID_ARGUMENT: "a secret" is too long'), { code: 3, details: '"a secret" is too long' })
    expect(errorForLog(service)).toMatch(/^Error \(code 3\)\n\s+at /)
    const told = errorForLog(new Error('not saved', { cause: service }))
    expect(told).toMatch(/^Error: not saved\n\s+at .*\ncaused by Error \(code 3\)\n\s+at /s)
    let parsing: unknown
    try {
      JSON.parse('a secret')
    } catch (error) {
      parsing = error
    }
    expect(errorForLog(parsing)).toMatch(/^SyntaxError\n\s+at /)
    for (const line of [errorForLog(service), told, errorForLog(parsing)]) expect(line).not.toContain('secret')
  })

  it('tells nothing of what is no error', () => {
    expect(errorForLog({ password: 'a secret' })).toBe('something that is no error was thrown (object)')
    expect(errorForLog('a secret')).not.toContain('secret')
  })
})
