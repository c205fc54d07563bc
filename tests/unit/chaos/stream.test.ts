import { describe, expect, it } from 'vitest'
import { createStream } from '../../chaos/stream'

/** The rules that are broken where this comes: a number is an event. */
function broken(...steps: (number | { asked: number | null } | { answered: number } | 'ended')[]): string[] {
  const stream = createStream('a reader', 'hall')
  for (const step of steps) {
    if (typeof step === 'number') stream.event(step)
    else if (step === 'ended') stream.ended()
    else if ('asked' in step) stream.asked(step.asked)
    else stream.answered(step.answered)
  }
  return stream.anomalies.map(({ rule }) => rule)
}

describe('what a line may carry of a room', () => {
  it('the replay, then what happens', () => expect(broken({ asked: 5 }, { answered: 7 }, 6, 7, 8, 9)).toEqual([]))
  it('without a position, from the head on', () => expect(broken({ asked: null }, { answered: 7 }, 8)).toEqual([]))
  it('once more what came before another subscribe was answered', () => expect(broken({ asked: 5 }, { answered: 5 }, 6, { asked: 6 }, 7, 8, { answered: 8 }, 7, 8, 9)).toEqual([]))
  it('from a new line, all above the position', () => expect(broken({ asked: 5 }, { answered: 5 }, 6, 'ended', { asked: 5 }, { answered: 7 }, 6, 7)).toEqual([]))
  it('whatever comes between a reset and the next answer', () => expect(broken({ asked: 5 }, { answered: 5 }, 6, 'ended', 600, { asked: null }, { answered: 600 }, 601)).toEqual([]))

  it('nothing twice', () => expect(broken({ asked: 5 }, { answered: 5 }, 6, 7, 7, 8)).toEqual(['duplicate']))
  it('nothing that was known', () => expect(broken({ asked: 5 }, { answered: 6 }, 5, 6)).toEqual(['duplicate']))
  it('nothing late', () => expect(broken({ asked: null }, { answered: 5 }, 7, 6, 8)).toEqual(['skip', 'duplicate']))
  it('no replay with a hole', () => expect(broken({ asked: 5 }, { answered: 8 }, 7, 8)).toEqual(['skip']))
  it('no head that is left out', () => expect(broken({ asked: 5 }, { answered: 8 }, 9)).toEqual(['skip']))
})
