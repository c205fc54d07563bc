import { describe, expect, it } from 'vitest'
import { firebaseSources, pageCsp, socketSources, withNonce } from '../../../server/utils/csp'

describe('withNonce', () => {
  it('marks every script, style sheet and link, however it goes on', () => {
    expect(withNonce('<script type="module" src="/a.js"></script><style>a{}</style><link rel="x"><script>1</script><STYLE>', 'abc'))
      .toBe('<script nonce="abc" type="module" src="/a.js"></script><style nonce="abc">a{}</style><link nonce="abc" rel="x"><script nonce="abc">1</script><STYLE>')
  })

  it('leaves texts alone', () => {
    const text = '<title>&lt;script&gt; and links</title><meta content="a script"><linked-thing><scripted>'
    expect(withNonce(text, 'abc')).toBe(text)
  })
})

describe('socketSources', () => {
  const from = (host: string | undefined, proto = 'http') => ({ headers: { host, 'x-forwarded-proto': proto } })

  it.each([
    ['chat.lan:3000', 'http', ['ws://chat.lan:3000']], ['chat.example.org', 'https', ['wss://chat.example.org']], ['[::1]:3000', 'http', ['ws://[::1]:3000']], ['localhost', 'http', ['ws://localhost']],
    [undefined, 'http', []], ['', 'http', []], ['evil.example; script-src *', 'http', []], ['a.example https://evil.example', 'http', []], ['*', 'http', []], ['a\'b', 'http', []]
  ])('%s by %s', (host, proto, expected) => {
    expect(socketSources(from(host, proto), [])).toEqual(expected)
  })

  it('are the configured origins where there are any', () => {
    expect(socketSources(from('inside:3000'), ['https://chat.example.org', 'http://chat.lan:3000'])).toEqual(['wss://chat.example.org', 'ws://chat.lan:3000'])
  })
})

it('a page runs no script that does not have the nonce, or comes from one that has', () => {
  const policy = pageCsp('abc', ['ws://chat.lan'])
  expect(policy).toContain('script-src \'nonce-abc\' \'strict-dynamic\';')
  expect(policy).toContain('connect-src \'self\' ws://chat.lan;')
  expect(policy).not.toContain('unsafe-eval')
  expect(policy.replace('style-src-attr \'unsafe-inline\'', '')).not.toContain('unsafe-inline')
})

describe('firebaseSources', () => {
  const site = { projectId: 'my-chat', apiKey: 'key', authDomain: 'my-chat.firebaseapp.com', emulator: null }

  it('let a page reach what signing in at Firebase needs, and nothing more', () => {
    const policy = pageCsp('abc', [], firebaseSources(site))
    expect(policy).toContain('script-src \'nonce-abc\' \'strict-dynamic\' https://apis.google.com;')
    expect(policy).toContain('connect-src \'self\' https://identitytoolkit.googleapis.com https://securetoken.googleapis.com;')
    expect(policy).toContain('; frame-src https://my-chat.firebaseapp.com;')
    expect(policy.match(/https:/g)).toHaveLength(4)
  })

  it('let it reach an emulator where there is one', () => {
    const policy = pageCsp('abc', [], firebaseSources({ ...site, emulator: 'http://127.0.0.1:9099' }))
    expect(policy.match(/http:\/\/127\.0\.0\.1:9099/g)).toHaveLength(2)
  })

  it('change nothing where accounts are ours', () => {
    expect(pageCsp('abc', [], firebaseSources(null))).toBe(pageCsp('abc', []))
    expect(pageCsp('abc', [], firebaseSources(null))).not.toMatch(/https?:/)
  })
})
