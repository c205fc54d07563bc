import { newNonce } from '../utils/nonce'
import type { Line } from './line'
import { sleep } from './measure'

/** About 200 bytes, as people write. */
const TEXT = 'It was a bright cold day in April, and the clocks were striking thirteen; somebody said so, at some length, in the room.'.slice(0, 120)

export interface Sent { latencies: number[], perSecond: number, refused: number }

/** One send, from the frame's writing to its `ok`. */
export async function send(line: Line, room: string): Promise<number> {
  const started = performance.now()
  const answer = await line.request({ type: 'send', room, nonce: newNonce(), text: TEXT })
  return answer.startsWith('{"type":"ok"') ? performance.now() - started : Number.NaN
}

/** So many sends a second, spread over the lines, whether they are answered or not: a queue shows. */
export async function sendAtRate(lines: Line[], room: string, perSecond: number, seconds: number): Promise<Sent> {
  const started = performance.now()
  const under: Promise<number>[] = []
  const total = perSecond * seconds
  while (under.length < total) {
    const due = Math.min(total, Math.floor((performance.now() - started) / 1000 * perSecond))
    while (under.length < due) under.push(send(lines[under.length % lines.length]!, room))
    await sleep(1)
  }
  return summary(await Promise.all(under), performance.now() - started)
}

/** As many as there are answers to: each line sends again when it is answered, `perLine` times a second at most. */
export async function sendAtWill(lines: Line[], room: string, perLine: number, seconds: number): Promise<Sent> {
  const started = performance.now()
  const end = started + seconds * 1000
  const latencies = await Promise.all(lines.map(async (line, index) => {
    const mine: number[] = []
    for (let due = started + index / lines.length * 1000 / perLine; performance.now() < end; due += 1000 / perLine) {
      if (due > performance.now()) await sleep(due - performance.now())
      mine.push(await send(line, room))
    }
    return mine
  }))
  return summary(latencies.flat(), performance.now() - started)
}

function summary(all: number[], ms: number): Sent {
  const latencies = all.filter(latency => !Number.isNaN(latency))
  return { latencies, perSecond: latencies.length / ms * 1000, refused: all.length - latencies.length }
}
