import { describe, expect, it } from 'vitest'
import { nonce } from '../../../shared/schemas'
import { newNonce } from '../../../utils/nonce'

describe('nonces', () => {
  it('are what the protocol allows, and never the same', () => {
    const many = Array.from({ length: 1_000 }, () => newNonce())
    expect(many.filter(one => !nonce.safeParse(one).success)).toEqual([])
    expect(new Set(many).size).toBe(many.length)
  })

  it('compare as the times at which they were made', () => {
    const times = [0, 63, 64, 4_095, 4_096, 1_800_000_000_000, 1_800_000_000_001, 1_800_000_000_064, 2 ** 47]
    const made = times.map(time => newNonce(time))
    expect([...made].sort()).toEqual(made)
  })
})
