import { createHash, randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Plugin } from 'rollup'

const MARK = '?worker-url'
const fileNameOf = (id: string) => `${basename(id, '.ts')}.mjs`

/**
 * Rollup plugin for the server build. Two things that Nitro does not do by itself:
 *
 * - `import url from './file?worker-url'` bundles `file` into one file beside the server and gives its `file:` URL, ready for `new Worker(new URL(url))`.
 * - `programs` (paths of TypeScript files) are put beside the server in the same way, so that the image carries them.
 *
 * They are bundled apart from the server: a chunk shared with it would pull Nitro itself into the worker and start a second server there.
 */
export function nodePrograms(programs: string[] = []): Plugin {
  return {
    name: 'node-programs',
    async buildStart() {
      for (const id of programs) this.emitFile({ type: 'asset', fileName: fileNameOf(id), source: await bundle(id) })
    },
    resolveId: markWorkers,
    async load(id) {
      if (!id.endsWith(MARK)) return null
      const file = id.slice(0, -MARK.length)
      this.addWatchFile(file)
      this.emitFile({ type: 'asset', fileName: fileNameOf(file), source: await bundle(file) })
      // Nitro makes `import.meta.url` the entry's in every chunk, and the entry lies where assets do.
      return `export default new URL('./${fileNameOf(file)}', import.meta.url).href`
    }
  }
}

/** The same `?worker-url` imports for Vitest, which has no output folder: the bundle goes to node_modules/.cache. */
export function nodeProgramsForTests(): Plugin {
  return {
    name: 'node-programs',
    resolveId: markWorkers,
    async load(id) {
      if (!id.endsWith(MARK)) return null
      const file = id.slice(0, -MARK.length)
      const folder = resolve('node_modules/.cache/chatly')
      const code = await bundle(file)
      // Named by content and put there whole: test runs beside each other may be of different states of the sources.
      const target = resolve(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 16)}.${fileNameOf(file)}`)
      await mkdir(folder, { recursive: true })
      const draft = `${target}.${randomUUID()}`
      await writeFile(draft, code)
      await rename(draft, target)
      return `export default ${JSON.stringify(pathToFileURL(target).href)}`
    }
  }
}

const markWorkers: Plugin['resolveId'] = async function (source, importer) {
  if (!source.endsWith(MARK)) return null
  const target = await this.resolve(source.slice(0, -MARK.length), importer)
  return target && target.id + MARK
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry], bundle: true, write: false, platform: 'node', target: 'node20', format: 'esm', packages: 'external',
    alias: { '#shared': resolve('shared') }
  })
  return outputFiles[0]!.text
}
