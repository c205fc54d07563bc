import { runProgram } from '../scripts/program.mjs'

/** Runs bench/main.ts, with the storage driver that seeds the people, on the built server. */
await runProgram('bench/main.ts')
