import { mkdir } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './prepare.mjs'

/**
 * Bundles a TypeScript program of this repository, which may use what the server and the application are made of, and runs it in this process.
 * @param {string} entry path below the root, as `bench/main.ts`
 */
export async function runProgram(entry) {
  process.chdir(root)
  const folder = resolve('node_modules/.cache/chatly', basename(dirname(entry)))
  await mkdir(folder, { recursive: true })
  const alias = { '#shared': resolve('shared'), '~': root }
  const options = { bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', alias, logLevel: 'warning' }

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
  await build({ ...options, entryPoints: [entry], outfile, plugins: [workers] })
  await import(pathToFileURL(outfile).href)
}
