import { connect } from 'node:net'

/**
 * Guesses, in a process of its own: so many tries over so many connections, each a request after the answer to the one before.
 * Given as JSON in the first argument; prints how often which status came.
 */
const { port, tries, connections, requests } = JSON.parse(process.argv[2])

const answers = {}
const started = performance.now()
let begun = 0

/** The next try; null when there are none left. */
function next() {
  const mine = begun++
  if (mine >= tries) return null
  const { path, cookie = '', body } = requests[mine % requests.length]
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${cookie && `Cookie: ${cookie}\r\n`}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** One connection, until it is closed or there is nothing left to try. */
const line = () => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  const send = () => {
    const request = next()
    if (request === null) return socket.destroy()
    socket.write(request)
  }
  socket.on('connect', send)
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    if (end < 0 || text.length < end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0)) return
    const status = text.slice(9, 12)
    answers[status] = (answers[status] ?? 0) + 1
    // After so many requests the server wants another connection.
    const last = /\r\nconnection: close/i.test(text)
    text = ''
    if (last) socket.destroy()
    else send()
  })
  socket.on('error', () => {})
  socket.on('close', resolve)
})

await Promise.all(Array.from({ length: connections }, async () => {
  while (begun < tries) await line()
}))
console.log(JSON.stringify({ answers, seconds: (performance.now() - started) / 1000 }))
