import { describe, expect, it } from 'vitest'
import { createPayloads, SIGNATURE_BYTES } from '../../../server/drivers/redis/payload'

const ours = createPayloads('a secret of at least sixteen characters')
const bytes = Buffer.from('what storage already has')

describe('payloads on Redis', () => {
  it('come back as they were, from another process with the same secret', () => {
    const sealed = ours.seal('chatly:room:a', bytes)
    expect(sealed).toHaveLength(bytes.length + SIGNATURE_BYTES)
    expect(createPayloads('a secret of at least sixteen characters').open('chatly:room:a', sealed)).toEqual(bytes)
    expect(ours.open('c', ours.seal('c', Buffer.alloc(0)))).toEqual(Buffer.alloc(0))
  })

  it('are refused when another secret signed them', () => {
    expect(ours.open('c', createPayloads('another secret of sixteen characters').seal('c', bytes))).toBeNull()
  })

  it('are refused on another channel, however it is cut', () => {
    expect(ours.open('chatly:room:b', ours.seal('chatly:room:a', bytes))).toBeNull()
    expect(ours.open('a', ours.seal('ab', Buffer.from('c')))).toBeNull()
    const sealed = ours.seal('a', Buffer.from('bc'))
    expect(ours.open('ab', sealed.subarray(1))).toBeNull()
  })

  it('are refused with any bit changed, and when something is missing', () => {
    const sealed = ours.seal('c', bytes)
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      expect(ours.open('c', changed)).toBeNull()
    }
    for (let length = 0; length < sealed.length; length++) expect(ours.open('c', sealed.subarray(0, length))).toBeNull()
  })
})
