import { describe, expect, it } from 'vitest'
import { BadOrder, readOrder } from '../../chaos/options'

describe('the command line of the checker', () => {
  it('takes what it offers', () => {
    expect(readOrder([])).toEqual({ what: 'seeds', from: 1, seeds: 3, storage: 'sqlite', faults: null })
    expect(readOrder(['--seeds', '50', '--from', '7', '--storage', 'firestore'])).toEqual({ what: 'seeds', from: 7, seeds: 50, storage: 'firestore', faults: null })
    expect(readOrder(['--only', 'REDIS hangs'])).toMatchObject({ faults: [{ name: 'Redis hangs for 1 s' }, { name: 'Redis hangs for 5 s' }] })
    expect(readOrder(['figures', 'drop', 'slow'])).toEqual({ what: 'figures', names: ['drop', 'slow'], minutes: 10 })
    expect(readOrder(['figures'])).toMatchObject({ what: 'figures', names: expect.arrayContaining(['resume', 'soak']) })
    expect(readOrder(['--soak', '5'])).toEqual({ what: 'figures', names: ['soak'], minutes: 5 })
    expect(readOrder(['--help'])).toEqual({ what: 'help' })
  })

  // With any of these, a run would look at nothing, or at something else, and find nothing wrong.
  it.each([
    ['--seeds', 'abc'], ['--seeds', '0'], ['--seeds', '-1'], ['--seeds=-1'], ['--seeds', '1.5'], ['--seeds', ''], ['--from', 'x'], ['--soak', '0'], ['--seeds'], ['--sedes', '3'],
    ['soak'], ['seeds', '3'], ['figures', 'sok'], ['figures', 'toString'], ['figures', '--seeds', '3'], ['--storage', 'paper'], ['--only', 'no such words']
  ])('refuses %s %s', (...args) => {
    expect(() => readOrder(args)).toThrow(BadOrder)
  })
})
