import { describe, expect, it } from 'vitest'
import { growBack, growOn, holdWindow, wholeEnd, windowAround, windowBounds, windowRows, type RowWindow } from '../../../utils/rowWindow'

const rowsFrom = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}` }))
const { base, step, most } = windowRows

describe('row window', () => {
  it('is the end, and moves with it', () => {
    expect(windowBounds(rowsFrom(0, 1_000), wholeEnd)).toEqual({ from: 1_000 - base, to: 1_000 })
    expect(windowBounds(rowsFrom(0, 1_001), wholeEnd)).toEqual({ from: 1_001 - base, to: 1_001 })
    expect(windowBounds([], wholeEnd)).toEqual({ from: 0, to: 0 })
  })

  it('grows back and lets go of the end', () => {
    const rows = rowsFrom(0, 1_000)
    let window: RowWindow = wholeEnd
    const sizes = []
    for (let i = 0; i < 40; i++) {
      window = growBack(rows, window)
      const { from, to } = windowBounds(rows, window)
      sizes.push(to - from)
    }
    expect(Math.max(...sizes)).toBe(most)
    expect(windowBounds(rows, window)).toEqual({ from: 0, to: most })
    expect(growBack(rows, window)).toBe(window)
  })

  it('grows on until it is the end again', () => {
    const rows = rowsFrom(0, 1_000)
    let window: RowWindow = { first: 'k0', last: 'k299' }
    window = growOn(rows, window)
    expect(windowBounds(rows, window)).toEqual({ from: step, to: most + step })
    for (let i = 0; i < 40; i++) window = growOn(rows, window)
    expect(window.last).toBeNull()
    expect(growOn(rows, window)).toBe(window)
  })

  it('keeps its rows while older ones come before', () => {
    const window = holdWindow(rowsFrom(100, 200), wholeEnd)
    expect(windowBounds(rowsFrom(50, 200), window)).toEqual({ from: 50, to: 150 })
  })

  it('does not grow without end while rows come and the reader is elsewhere', () => {
    const held = holdWindow(rowsFrom(0, 200), wholeEnd)
    const { from, to } = windowBounds(rowsFrom(0, 900), holdWindow(rowsFrom(0, 900), held))
    expect([from, to]).toEqual([100, 100 + most])
  })

  it('falls back to the end when its rows are gone', () => {
    expect(windowBounds(rowsFrom(500, 700), { first: 'k1', last: 'k9' })).toEqual({ from: 100, to: 200 })
  })

  it('surrounds a row', () => {
    const rows = rowsFrom(0, 1_000)
    const { from, to } = windowBounds(rows, windowAround(rows, 10))
    expect(from).toBe(0)
    expect(to).toBeGreaterThan(10)
    expect(windowAround(rows, 990).last).toBeNull()
  })
})
