#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, ensureInstalled, requireNode, root, server } from './prepare.mjs'
import { fail, say } from './progress.mjs'

requireNode()
process.chdir(root)
const settings = join(root, '.env')
if (existsSync(settings)) process.loadEnvFile(settings)
const port = Number(process.env.PORT || 3000)
await requireFreePort(port, process.env.HOST || '0.0.0.0')
await ensureInstalled()
await ensureBuilt()
say('Starting …')
// In this process: signals, exit codes and the terminal are the server's own.
process.env.NODE_ENV = 'production'
await import(pathToFileURL(server).href)

/** Asks before the build, so that nobody waits a minute for "in use". */
function requireFreePort(wanted, host) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => {
      if (error.code === 'EADDRINUSE') fail(`Port ${wanted} is taken, perhaps by another Chatly. Stop it, or choose another: PORT=3001 npm start`)
      fail(`Cannot listen on ${host}, port ${wanted}: ${error.message}`)
    })
    probe.listen(wanted, host, () => probe.close(resolve))
  })
}
