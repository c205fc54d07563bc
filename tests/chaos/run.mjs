import { mkdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** Bundles tests/chaos/main.ts, with the application's own client code in it, and runs it on the built server. */

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))
const folder = resolve('node_modules/.cache/chatly/chaos')
await mkdir(folder, { recursive: true })
const options = { bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', alias: { '#shared': resolve('shared'), '~': resolve('.') }, logLevel: 'warning' }

/** As in build/node-programs.ts: a worker is a file beside the program. */
const workers = {
  name: 'worker-url',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?worker-url$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, `${path.replace('?worker-url', '')}.ts`), namespace: 'worker-url' }))
    onLoad({ filter: /.*/, namespace: 'worker-url' }, async ({ path }) => {
      const outfile = resolve(folder, `${basename(path, '.ts')}.mjs`)
      await build({ ...options, entryPoints: [path], outfile })
      return { contents: `export default ${JSON.stringify(pathToFileURL(outfile).href)}` }
    })
  }
}

const outfile = resolve(folder, 'main.mjs')
await build({ ...options, entryPoints: ['tests/chaos/main.ts'], outfile, plugins: [workers] })
await import(pathToFileURL(outfile).href)
