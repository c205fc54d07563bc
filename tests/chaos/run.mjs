import { runProgram } from '../../scripts/program.mjs'

/** Runs tests/chaos/main.ts, with the application's own client code in it, on the built server. */
await runProgram('tests/chaos/main.ts')
