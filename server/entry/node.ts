import '#nitro-internal-pollyfills'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { useChat } from '../utils/chat'
import { errorForLog } from '../utils/log'
import { announce } from './announce'
import { stopOnSignals } from './stop'
import { acceptUpgrades } from './upgrade'

/** The production listener. `nuxt dev` has Nitro's own. */

// Something that nobody expected has left this process in a state that nobody knows: say it once, and let whoever supervises us start a fresh one.
process.on('uncaughtException', (error) => {
  console.error(`[fatal] ${errorForLog(error)}`)
  process.exit(1)
})

const nitroApp = useNitroApp()
const chatly = await useChat()
const { config } = chatly

/** Whoever sends a header or a body drop by drop may not hold a connection for long. */
const server = createServer({
  headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 65_000, maxHeaderSize: 16 * 1024, noDelay: true
}, toNodeListener(nitroApp.h3App))
server.maxConnections = 50_000
server.maxRequestsPerSocket = 1_000

const sockets = acceptUpgrades(server, chatly)
stopOnSignals(server, sockets, chatly, () => nitroApp.hooks.callHook('close'))

server.on('error', (error) => {
  console.error(`Chatly cannot listen on ${config.host}:${config.port}: ${error.message}`)
  process.exit(1)
})
// After a break all come at once; what does not fit in here would come again a second later, or three. (The kernel has a limit of its own.)
server.listen({ port: config.port, host: config.host, backlog: 4_096 }, () => void announce(chatly, server.address() as AddressInfo))
