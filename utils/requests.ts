import { ChatError } from '#shared/errors'
import type { Answers, ServerFrameOf } from '#shared/protocol'
import { readAnswer } from './server-frames'

/** A line that is alive and does not answer for so long (ms) is a server in trouble: the request may be repeated. */
const answerWithin = 20_000

interface Waiting { settle: (ok: ServerFrameOf<'ok'>) => void, fail: (error: Error) => void }

/** The requests that wait for their one answer, by id. */
export function createRequests() {
  const waiting = new Map<number, Waiting>()
  let lastId = 0

  return {
    /** Waits for the answer to a request; `send` gets the id that it must carry. */
    ask<T extends keyof Answers>(type: T, send: (id: number) => void): Promise<Answers[T]> {
      const id = ++lastId
      return new Promise<Answers[T]>((resolve, reject) => {
        const timer = setTimeout(() => end()?.fail(new ChatError('unavailable', 'Chatly took too long to answer.')), answerWithin)
        const end = () => {
          clearTimeout(timer)
          const entry = waiting.get(id)
          waiting.delete(id)
          return entry
        }
        waiting.set(id, {
          settle(ok) {
            end()
            const answer = readAnswer(type, ok)
            if (answer === null) reject(new ChatError('unavailable', 'Chatly answered in an unknown way. Reload the page.'))
            else resolve(answer)
          },
          fail(error) {
            end()
            reject(error)
          }
        })
        send(id)
      })
    },
    /** An `ok` came. */
    settle: (ok: ServerFrameOf<'ok'>) => waiting.get(ok.id)?.settle(ok),
    /** An `error` came; without an id it concerns no request. */
    refuse({ id, code, message, retryAfter }: ServerFrameOf<'error'>): void {
      if (id !== undefined) waiting.get(id)?.fail(new ChatError(code, message, retryAfter))
    },
    /** The line broke: none of them will be answered. */
    failAll(error: Error): void {
      for (const entry of [...waiting.values()]) entry.fail(error)
    }
  }
}
