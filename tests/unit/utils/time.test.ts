import { describe, expect, it } from 'vitest'
import { clockTime, dayKey, dayLabel, fullTime, timeAgo } from '../../../utils/time'

const at = Date.UTC(2026, 10, 3, 23, 30)
const minute = 60_000
const words = { today: 'Today', yesterday: 'Yesterday' }
const ago = { now: 'now', minutes: (n: number) => `${n} min`, hours: (n: number) => `${n} h`, days: (n: number) => `${n} d` }

describe('times', () => {
  it('are told in the reader\'s zone', () => {
    expect(clockTime(at, 'UTC')).toBe('23:30')
    expect(clockTime(at, 'Europe/Berlin')).toBe('00:30')
    expect(dayKey(at, 'UTC')).not.toBe(dayKey(at, 'Europe/Berlin'))
    expect(fullTime(at, 'UTC')).toBe('Tuesday, 3 November 2026, 23:30')
  })

  it('name the day', () => {
    expect(dayLabel(at, at + minute, 'UTC', words)).toBe('Today')
    expect(dayLabel(at, at + 31 * minute, 'UTC', words)).toBe('Yesterday')
    expect(dayLabel(at, at + 31 * minute, 'Europe/Berlin', words)).toBe('Today')
    expect(dayLabel(at, Date.UTC(2026, 11, 24), 'UTC', words)).toBe('Tuesday, 3 November')
    expect(dayLabel(at, Date.UTC(2027, 0, 2), 'UTC', words)).toBe('Tuesday, 3 November 2026')
  })

  it('say how long ago', () => {
    const since = (age: number) => timeAgo(at, at + age, 'UTC', ago)
    expect([-5 * minute, 0, 59_999].map(since)).toEqual(['now', 'now', 'now'])
    expect([minute, 59 * minute].map(since)).toEqual(['1 min', '59 min'])
    expect([60 * minute, 23 * 60 * minute].map(since)).toEqual(['1 h', '23 h'])
    expect([24 * 60 * minute, 6 * 24 * 60 * minute].map(since)).toEqual(['1 d', '6 d'])
    expect(since(7 * 24 * 60 * minute)).toBe('3 Nov')
    expect(since(300 * 24 * 60 * minute)).toBe('3 Nov 2026')
  })
})
