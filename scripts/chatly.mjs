#!/usr/bin/env node
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, requireNode, root, run } from './prepare.mjs'

// `npm run chatly -- backup FILE`: the command-line tool that lies beside the built server.
requireNode()
await ensureInstalled()
await ensureBuilt()
process.exitCode = await run(process.execPath, [join(root, '.output', 'server', 'chatly.mjs'), ...process.argv.slice(2)], { cwd: process.cwd(), shell: false })
