import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEmojiOnly, parseRichText, plainText, type RichToken } from '../../../utils/richText'

const links = (text: string) => parseRichText(text).filter(token => token.type === 'link')
const hrefs = (text: string) => links(text).map(token => token.href)
const texts = (text: string) => links(text).map(token => token.text)
/** What a person would see, without the marks of code. */
const shown = (tokens: RichToken[]) => tokens.map(token => token.type === 'break' ? '\n' : token.text).join('')

describe('links', () => {
  it.each([
    ['see https://example.org.', 'https://example.org'],
    ['(https://example.org/a)', 'https://example.org/a'],
    ['https://en.wikipedia.org/wiki/Rust_(language)', 'https://en.wikipedia.org/wiki/Rust_(language)'],
    ['(see https://en.wikipedia.org/wiki/Rust_(language)).', 'https://en.wikipedia.org/wiki/Rust_(language)'],
    ['http://localhost:3000/x?y=1&z=2#top, and', 'http://localhost:3000/x?y=1&z=2#top'],
    ['mailto:ann@example.org!', 'mailto:ann@example.org'],
    ['**https://example.org**', 'https://example.org'],
    ['https://example.org/…', 'https://example.org/'],
    ['HTTPS://EXAMPLE.ORG', 'HTTPS://EXAMPLE.ORG']
  ])('finds the address in %s', (text, address) => {
    expect(texts(text)).toEqual([address])
  })

  it('finds several, and keeps the text between', () => {
    const tokens = parseRichText('a https://x.org b https://y.org c')
    expect(tokens.map(token => token.type)).toEqual(['text', 'link', 'text', 'link', 'text'])
    expect(shown(tokens)).toBe('a https://x.org b https://y.org c')
  })

  it.each([
    'javascript:alert(1)', 'JaVaScRiPt://x%0aalert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc/passwd',
    'ftp://example.org', 'xhttps://example.org', 'https://', 'http://?', 'mailto:', 'mailto:nobody', 'https://bank.example@evil.example/'
  ])('makes no link of %s', (text) => {
    expect(hrefs(text)).toEqual([])
    expect(shown(parseRichText(text))).toBe(text)
  })

  it('ends at quotes, angle brackets and invisible characters', () => {
    expect(texts('<a href="https://x.org/a">')).toEqual(['https://x.org/a'])
    expect(texts('https://x.org/a\u202Egnp.exe')).toEqual(['https://x.org/a'])
  })

  it('does not link what is too long', () => {
    expect(hrefs(`https://x.org/${'a'.repeat(3_000)}`)).toEqual([])
  })
})

describe('code', () => {
  it('takes inline code literally', () => {
    expect(parseRichText('a `https://x.org <b>` b')).toEqual([
      { type: 'text', text: 'a ' }, { type: 'code', text: 'https://x.org <b>' }, { type: 'text', text: ' b' }
    ])
  })

  it('lets two backticks hold one', () => {
    expect(parseRichText('`` a`b ``')).toEqual([{ type: 'code', text: 'a`b' }])
  })

  it.each(['`', 'a ` b', '```', '``` a', '``', 'a `b\nc` d', '```js\nnever closed', '` `'])('leaves the unbalanced %j as it is', (text) => {
    const tokens = parseRichText(text)
    expect(tokens.every(token => token.type === 'text' || token.type === 'break')).toBe(true)
    expect(shown(tokens)).toBe(text)
  })

  it('takes a fenced block with its language, without breaks around it', () => {
    expect(parseRichText('before\n```ts\nconst a = `x`\n\n  b()\n```\nafter')).toEqual([
      { type: 'text', text: 'before' }, { type: 'block', language: 'ts', text: 'const a = `x`\n\n  b()' }, { type: 'text', text: 'after' }
    ])
  })

  it('takes a block on one line, and two in a row', () => {
    expect(parseRichText('```ls -l```')).toEqual([{ type: 'block', language: '', text: 'ls -l' }])
    expect(parseRichText('```\na\n```\n```\nb\n```').map(token => token.type)).toEqual(['block', 'block'])
  })
})

describe('a quote', () => {
  it.each([
    ['run `ls -l` now', 'run ls -l now'], ['see\n```ts\nconst a = 1\n\n  b()\n```\nthere', 'see const a = 1 b() there'], ['```one line```', 'one line'],
    ['two\nlines', 'two lines'], ['never `closed', 'never `closed'], ['https://x.org/a', 'https://x.org/a']
  ])('of %j is %j', (text, quote) => expect(plainText(text)).toBe(quote))
})

describe('plain text', () => {
  it('keeps markup as text', () => {
    const text = '<script>alert(1)</script> <img src=x onerror=alert(1)> &amp; **bold**'
    expect(parseRichText(text)).toEqual([{ type: 'text', text }])
  })

  it('keeps line breaks and empty lines', () => {
    expect(parseRichText('a\n\nb').map(token => token.type)).toEqual(['text', 'break', 'break', 'text'])
  })

  it('knows lone emoji', () => {
    expect(['👍', '👩‍👩‍👧 🎉', '❤️🎉😂'].map(isEmojiOnly)).toEqual([true, true, true])
    expect(['1', 'a👍', '', '👍👍👍👍', '#'].map(isEmojiOnly)).toEqual([false, false, false, false, false])
  })
})

describe('whatever comes', () => {
  const pieces = fc.array(fc.oneof(
    fc.constantFrom('`', '``', '```', '\n', '```js\n', 'https://', 'http://x.org/', '(', ')', '[', ']', ' ', 'javascript:', 'mailto:a@b.c', '<b>', '.', '\u202E', '𝒳', '\uD800'),
    fc.string({ maxLength: 5, unit: 'binary' })
  ), { maxLength: 60 }).map(parts => parts.join(''))

  it('links only to http, https and mailto, and loses no letter', () => {
    fc.assert(fc.property(pieces, (text) => {
      const tokens = parseRichText(text)
      for (const token of tokens) {
        if (token.type === 'link') expect(token.href).toMatch(/^(?:https?:\/\/|mailto:)/)
        if (token.type === 'text') expect(token.text).not.toContain('\n')
      }
      const letters = (value: string) => value.replace(/[`\s]/g, '')
      const blocks = tokens.filter(token => token.type === 'block').map(token => token.language).join('')
      expect(letters(shown(tokens)).length + blocks.length).toBe(letters(text).length)
    }), { numRuns: 500 })
  })

  it.each([
    ['backticks', '`'.repeat(200_000)], ['runs of growing length', Array.from({ length: 600 }, (_, n) => '`'.repeat(n)).join(' ')],
    ['open fences', '```js\n'.repeat(40_000)], ['addresses', 'https://x.org/( '.repeat(20_000)], ['brackets', `https://x.org/${')'.repeat(200_000)}`],
    ['schemes', 'https://'.repeat(30_000)], ['one word', 'a'.repeat(300_000)], ['spaces', `\`\`\`${' '.repeat(200_000)}x`]
  ])('takes linear time for %s', (_, text) => {
    const start = performance.now()
    parseRichText(text)
    // Linear takes tens of milliseconds here, quadratic minutes.
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
