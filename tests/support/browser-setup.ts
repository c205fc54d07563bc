import { resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Where the bundled storage driver lies: in the project, so that it finds its packages. */
export const storageBundle = resolve('node_modules/.cache/chatly/e2e/index.mjs')

const sqlite = resolve('server/drivers/storage/sqlite')

/** Playwright does not know our `?worker-url` imports (build/node-programs.ts): the worker is put beside the driver. */
const workerUrl: Plugin = {
  name: 'worker-url',
  setup(build) {
    build.onResolve({ filter: /\?worker-url$/ }, ({ path }) => ({ path, namespace: 'worker-url' }))
    build.onLoad({ filter: /.*/, namespace: 'worker-url' }, () => ({ contents: 'export default new URL(\'./writer.mjs\', import.meta.url).href' }))
  }
}

/** Bundles the storage driver once for all browser tests, with which they fill a data folder before a server opens it. */
export default async function setUp(): Promise<void> {
  await build({
    entryPoints: [resolve(sqlite, 'index.ts'), resolve(sqlite, 'writer.ts')], outdir: resolve(storageBundle, '..'), outExtension: { '.js': '.mjs' },
    bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', alias: { '#shared': resolve('shared') }, plugins: [workerUrl]
  })
}
