import { Worker } from 'node:worker_threads'
import workerUrl from './worker-scrypt?worker-url'

/** What a worker is asked, and what it answers. */
export interface Derive { password: string, salt: Uint8Array, bytes: number, N: number, r: number, p: number }
export interface Derived { key: Uint8Array }

/** Those that have nothing to do. As many are started as are ever needed at once, which the caller bounds; they keep no process alive. */
const idle: Worker[] = []

function start(): Worker {
  const worker = new Worker(new URL(workerUrl), { name: 'chatly-scrypt' })
  worker.unref()
  // Whoever waits for it hears of it too.
  worker.on('error', () => {})
  worker.on('exit', () => {
    const at = idle.indexOf(worker)
    if (at >= 0) idle.splice(at, 1)
  })
  return worker
}

/** Derives a key on a thread of low priority. libuv's own pool has none: guessing passwords would slow everybody's messages. Rejects when the thread fails. */
export async function derive(question: Derive): Promise<Buffer> {
  const worker = idle.pop() ?? start()
  // Somebody waits for it now.
  worker.ref()
  try {
    const { key } = await answerOf(worker, question)
    idle.push(worker)
    return Buffer.from(key)
  } catch (error) {
    void worker.terminate()
    throw error
  } finally {
    worker.unref()
  }
}

function answerOf(worker: Worker, question: Derive): Promise<Derived> {
  return new Promise((resolve, reject) => {
    const done = () => {
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', ended)
    }
    const answered = (answer: Derived) => { done(); resolve(answer) }
    const failed = (error: unknown) => { done(); reject(error instanceof Error ? error : new Error(String(error))) }
    const ended = () => { done(); reject(new Error('The thread that makes hashes has ended.')) }
    worker.on('message', answered).on('error', failed).on('exit', ended)
    worker.postMessage(question)
  })
}
