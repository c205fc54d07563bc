import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { nodeProgramsForTests } from './build/node-programs'

const root = fileURLToPath(new URL('.', import.meta.url))
const alias = { '#shared': `${root}shared`, '~': root.replace(/\/$/, '') }
const node = (name: string, options: { timeout?: number, serial?: boolean } = {}) => ({
  extends: true as const,
  test: {
    name, environment: 'node' as const, include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeout ?? 30_000, hookTimeout: options.timeout ?? 30_000, fileParallelism: !options.serial,
    // A machine may stand still for seconds: what must come soon says so itself.
    setupFiles: ['tests/support/patience.ts'], expect: { poll: { timeout: 10_000 } }
  }
})

/** unit: pure code in plain node. contract: one suite per port, on every driver. server: the built server over real sockets. chaos: several of them while things break. */
export default defineConfig({
  plugins: [nodeProgramsForTests()],
  resolve: { alias },
  test: { projects: [node('unit'), node('contract', { timeout: 60_000 }), node('server', { timeout: 180_000, serial: true }), node('chaos', { timeout: 300_000, serial: true })] }
})
