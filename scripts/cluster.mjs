#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureBuilt, ensureInstalled, requireNode, root, server } from './prepare.mjs'
import { fail, say } from './progress.mjs'

// `npm run demo:cluster`: a Redis and three Chatlys on this machine that share one data folder. Ctrl+C ends all of them.
// CHATLY_DEMO_PORTS: where they listen. CHATLY_DEMO_DATA: the data folder. CHATLY_DEMO_SERVER: a built server to use as it is, instead of one built of these sources.
const PORTS = portsOf(process.env.CHATLY_DEMO_PORTS || '3001,3002,3003')
const REDIS = process.env.CHATLY_REDIS_SERVER || 'redis-server'
const PATIENCE_MS = 30_000

requireNode()
process.chdir(root)
for (const port of PORTS) await portIsFree(port) || fail(`Port ${port} is taken. Stop what uses it; the demonstration needs ${PORTS.join(', ')}.`)
const program = process.env.CHATLY_DEMO_SERVER ?? server
if (process.env.CHATLY_DEMO_SERVER === undefined) {
  await ensureInstalled()
  await ensureBuilt()
}

const folder = process.env.CHATLY_DEMO_DATA || join(root, 'data', 'cluster')
mkdirSync(folder, { recursive: true, mode: 0o700 })
const redisPort = await freePort()

const children = new Set()
let stopping = false
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
process.on('SIGHUP', stop)
// However we end: in groups of their own, nobody else would end them.
process.on('exit', () => { for (const child of children) child.kill('SIGTERM') })

const redis = start('redis', REDIS, ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'])
redis.child.on('error', () => fail(`${REDIS} cannot be started: install it (Debian: sudo apt-get install redis-server), or set CHATLY_REDIS_SERVER to the path of a redis-server or valkey-server.`))
await redis.says(/Ready to accept connections/)
let link = ''
for (const port of PORTS) {
  const env = { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), CHATLY_DATA: folder, REDIS_URL: `redis://127.0.0.1:${redisPort}` }
  const instance = start(String(port), process.execPath, [program], env)
  const [, setUp] = await instance.says(/Chatly is ready on .*(?:\n.*first account.*: \S+(\/setup\?token=\S+))?/s)
  link ||= setUp ?? ''
}
say('Three Chatlys, one conversation. Open two of these, as two people (a second browser, or a private window):')
for (const port of PORTS) console.info(`    http://localhost:${port}`)
if (link) console.info(`  The first account is made here: http://localhost:${PORTS[0]}${link}`)
say(`Ctrl+C ends all of them. What is said stays in ${folder}.`)

/** Starts a program whose end is the end of all; what it prints is shown behind its name. */
function start(name, command, args, env = {}) {
  // In a group of its own: the terminal's Ctrl+C reaches us alone, and we end them in order.
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  children.add(child)
  let printed = ''
  const listeners = new Set()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      printed += `${line}\n`
      if (name !== 'redis') console.info(`[${name}] ${line}`)
      for (const look of listeners) look()
    })
  }
  child.on('exit', (code) => {
    children.delete(child)
    if (stopping) return
    console.error(`✖ ${name} ended with ${code}.\n${name === 'redis' ? printed : ''}`)
    process.exitCode = 1
    stop()
  })
  const says = pattern => new Promise((resolve) => {
    const timer = setTimeout(() => fail(`${name} did not start:\n${printed}`), PATIENCE_MS)
    const look = () => {
      const match = pattern.exec(printed)
      if (!match) return
      listeners.delete(look)
      clearTimeout(timer)
      // The line after it, if there is one, comes with it.
      setTimeout(() => resolve(pattern.exec(printed)), 200)
    }
    listeners.add(look)
    look()
  })
  return { child, says }
}

/** The Chatlys first: they say goodbye over Redis. */
async function stop() {
  if (stopping) return
  stopping = true
  const [last, ...others] = children
  const chatlys = last === redis.child ? others : [...children]
  await Promise.all(chatlys.map(end))
  await end(redis.child)
  process.exit()
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    child.on('exit', resolve)
    child.kill('SIGTERM')
  })
}

/** Three different ports, with commas between. */
function portsOf(text) {
  const ports = text.split(',').map(Number)
  const good = ports.length === 3 && new Set(ports).size === 3 && ports.every(port => Number.isInteger(port) && port > 0 && port < 65_536)
  return good ? ports : fail(`CHATLY_DEMO_PORTS is "${text}": it takes three different ports with commas between, like 3001,3002,3003.`)
}

function portIsFree(port) {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
