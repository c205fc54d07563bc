import { loadSecret } from '../../server/utils/config'
import openSqlite from '../../server/drivers/storage/sqlite'
import { change, freshNonce, post } from './storage'

/** A process that has a data folder open; told what to do by the one that started it. Its arguments: the folder, and whether it shares it. */

export type Question =
  /** Says something; it is acknowledged, or not. */
  | { do: 'say', room: string, author: string, text: string, nonce?: string }
  /** Says as much as it can for some milliseconds, `lines` at a time. */
  | { do: 'flood', room: string, author: string, ms: number, lines: number }
  /** Commits something that nobody sees. */
  | { do: 'check' }
  /** Goes on saying things without an answer. */
  | { do: 'babble', room: string, author: string }

export type Answer =
  | { epoch: string, secret: string }
  | { done: true }
  | { refused: string }
  | { seq: number }
  /** Milliseconds that one call took. */
  | { said: number, failed: number, p50: number, p99: number, longest: number }

const [folder = '', shared] = process.argv.slice(2)
const answer = (what: Answer) => process.send?.(what)

try {
  const secret = loadSecret(folder, null)
  const storage = await openSqlite({ folder, shared: shared === 'true' })
  const says = async (room: string, author: string, text: string, nonce = freshNonce()) => {
    const [result] = await storage.append([change(room, author, [post(text)], { nonce })])
    if (!result?.ok) throw new Error(`refused: ${result?.refused}`)
    return result.seq
  }

  const flood = async ({ room, author, ms, lines }: Extract<Question, { do: 'flood' }>): Promise<Answer> => {
    const times: number[] = []
    let failed = 0
    const until = performance.now() + ms
    await Promise.all(Array.from({ length: lines }, async () => {
      while (performance.now() < until) {
        const since = performance.now()
        await says(room, author, 'x'.repeat(200)).catch(() => { failed++ })
        times.push(performance.now() - since)
      }
    }))
    times.sort((a, b) => a - b)
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
    return { said: times.length - failed, failed, p50: at(0.5), p99: at(0.99), longest: at(1) }
  }

  const perform = async (question: Question): Promise<Answer> => {
    switch (question.do) {
      case 'say': return { seq: await says(question.room, question.author, question.text, question.nonce) }
      case 'flood': return flood(question)
      case 'check':
        await storage.check()
        return { done: true }
      case 'babble':
        for (;;) await says(question.room, question.author, 'on and on')
    }
  }

  process.on('message', (question: Question) => {
    perform(question).then(answer, (error: unknown) => answer({ refused: error instanceof Error ? error.message : String(error) }))
  })
  process.on('disconnect', () => void storage.close().then(() => process.exit(0)))
  answer({ epoch: storage.epoch, secret })
} catch (error) {
  answer({ refused: error instanceof Error ? error.message : String(error) })
  process.disconnect()
}
