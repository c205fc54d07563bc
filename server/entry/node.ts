import '#nitro-internal-pollyfills'
import { createServer } from 'node:http'
import wsAdapter from 'crossws/adapters/node'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'

const nitroApp = useNitroApp()
const server = createServer(toNodeListener(nitroApp.h3App))
const ws = wsAdapter({ ...nitroApp.h3App.websocket, serverOptions: { maxPayload: 16384, maxFragments: 32, maxBufferedChunks: 64, perMessageDeflate: false } } as never)
server.on('upgrade', (req, socket, head) => ws.handleUpgrade(req, socket, head))
server.listen(Number(process.env.PORT ?? 3000), () => console.log('listening', server.address()))
