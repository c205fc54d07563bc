import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Answer, Question } from './storageProcess'

/** Another process that has a data folder open, and does what it is told. */
export interface StorageProcess {
  /** The epoch that it came up with, or why it did not. */
  opened: Promise<Answer>
  ask: (question: Question) => Promise<Answer>
  /** Ends it without a word, and waits for that. */
  kill: () => Promise<void>
  /** Lets it close its storage, and waits for its end. */
  close: () => Promise<void>
  pid: number
}

const running = new Set<ChildProcess>()

/** Starts a process on this data folder. What is left of them is ended by `endProcesses`. */
export async function startProcess(folder: string, { shared = true }: { shared?: boolean } = {}): Promise<StorageProcess> {
  const child = fork(await program(), [folder, String(shared)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  running.add(child)
  const ended = once(child, 'exit').finally(() => running.delete(child))
  const waiting: { resolve: (answer: Answer) => void, reject: (error: Error) => void }[] = []
  child.on('message', message => waiting.shift()?.resolve(message as Answer))
  child.on('exit', () => { for (const { reject } of waiting.splice(0)) reject(new Error('the process has ended')) })
  const next = () => new Promise<Answer>((resolve, reject) => waiting.push({ resolve, reject }))
  const opened = next()
  // Looked at by those who wait for it.
  opened.catch(() => {})
  return {
    opened, pid: child.pid ?? 0,
    ask(question) {
      const answer = next()
      child.send(question)
      return answer
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async close() {
      if (child.connected) child.disconnect()
      await ended
    }
  }
}

/** Ends what a test has left running. */
export async function endProcesses(): Promise<void> {
  await Promise.all([...running].map(async (child) => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }))
}

const folder = resolve('node_modules/.cache/chatly')

/** The program in one file, made once; its worker in another. */
let made: Promise<string> | undefined
const program = () => made ??= bundle(fileURLToPath(new URL('storageProcess.ts', import.meta.url)))

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, write: false, platform: 'node', target: 'node20', format: 'esm', packages: 'external',
    alias: { '#shared': resolve('shared') }, plugins: [workers]
  })
  const code = outputFiles[0]!.text
  const target = resolve(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.process.mjs`)
  await mkdir(folder, { recursive: true })
  const draft = `${target}.${randomUUID()}`
  await writeFile(draft, code)
  await rename(draft, target)
  return target
}

const workers: Plugin = {
  name: 'worker-url',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?worker-url$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path.replace('?worker-url', '.ts')), namespace: 'worker' }))
    onLoad({ filter: /./, namespace: 'worker' }, async ({ path }) => ({ contents: `export default ${JSON.stringify(pathToFileURL(await bundle(path)).href)}` }))
  }
}
