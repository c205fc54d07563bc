import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slug } from '#shared/schemas'
import { hash, messageId, newId, newSecret, sameText, sign, slugify } from '../../../server/core/ids'

describe('slugify', () => {
  it.each([
    ['Lobby', 'lobby'],
    ['  Tea & Biscuits!  ', 'tea-biscuits'],
    ['Crème Brûlée', 'crème-brûlée'],
    ['お茶の間', 'お茶の間'],
    ['ПРИВЕТ мир', 'привет-мир'],
    ['../../etc/passwd', 'etc-passwd'],
    ['..\\..\\C:\\x', 'c-x'],
    ['%2e%2e%2f', '2e-2e-2f'],
    ['a/../b?c#d', 'a-b-c-d'],
    ['<script>alert(1)</script>', 'script-alert-1-script'],
    ['javascript:alert(1)', 'javascript-alert-1'],
    ['🎉🎉🎉', 'room'],
    ['---', 'room'],
    ['', 'room'],
    ['İstanbul', 'istanbul'],
    ['２０２６', '2026']
  ])('%j → %j', (name, expected) => expect(slugify(name)).toBe(expected))

  it('is at most 60 code points and does not end with a dash', () => {
    expect(slugify('x'.repeat(200))).toBe('x'.repeat(60))
    expect(slugify(`${'x'.repeat(59)} y`)).toBe('x'.repeat(59))
    expect(slugify('𝒳'.repeat(80).normalize('NFC'))).toHaveLength(60)
    expect([...slugify('𠮷'.repeat(80))]).toHaveLength(60)
  })

  it('is always a room link', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
      const made = slugify(name)
      expect(slug.safeParse(made).success).toBe(true)
      expect(made).not.toMatch(/[/\\.%?#]|--|^-|-$/)
    }))
  })
})

describe('ids', () => {
  it('are random and of one form', () => {
    expect(new Set(Array.from({ length: 1000 }, newId)).size).toBe(1000)
    expect(newId()).toMatch(/^[\w-]{16}$/)
    expect(newSecret()).toMatch(/^[\w-]{43}$/)
    expect(hash('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
  })

  it('of a message follow from room, author and nonce, and from each of them', () => {
    const id = messageId('r', 'a', 'n')
    expect(messageId('r', 'a', 'n')).toBe(id)
    expect(new Set([id, messageId('r2', 'a', 'n'), messageId('r', 'a2', 'n'), messageId('r', 'a', 'n2')]).size).toBe(4)
    expect(messageId('r', 'a', '0PqRsTuV-the-rest'), 'in the order of their nonces').toMatch(/^0PqRsTuV[\w-]{24}$/)
  })

  it('are signed for one purpose', () => {
    expect(sign('s', 'ticket', 'x')).toBe(sign('s', 'ticket', 'x'))
    expect(new Set([sign('s', 'ticket', 'x'), sign('s', 'reset', 'x'), sign('t', 'ticket', 'x'), sign('s', 'ticket', 'y')]).size).toBe(4)
  })

  it('are compared whole', () => {
    expect([sameText('abc', 'abc'), sameText('abc', 'abd'), sameText('abc', 'ab'), sameText('', 'a')]).toEqual([true, false, false, false])
  })
})
