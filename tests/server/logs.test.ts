import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { filesOf } from '../../server/drivers/storage/sqlite/files'
import { client, sessionOf } from '../support/http'
import { freePort } from '../support/redis'
import { startServer, tempFolder, type TestServer } from '../support/server'
import { connect, newNonce, openSocket } from '../support/socket'
import { linkIn, startSmtp, type TestSmtp } from '../support/smtp'

let smtp: TestSmtp
let server: TestServer
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  [smtp, folder] = await Promise.all([startSmtp(), tempFolder()])
  // The server must know its own address before it has it.
  const port = await freePort()
  server = await startServer({ port, dataFolder: folder.folder, env: { SMTP_URL: smtp.url, MAIL_FROM: 'chat@example.org', CHATLY_ORIGIN: `http://127.0.0.1:${port}` } })
})
afterAll(async () => {
  await server.stop()
  await smtp.close()
  await folder.remove()
})

/** What no line of the log may have. */
const secrets = new Map<string, string>()
const secret = (what: string, text: string) => {
  expect(text, what).toMatch(/.{6,}/)
  secrets.set(what, text)
  return text
}

const nobody = () => client(server.url)
const password = secret('a password', 'open sesame 4711')
const roomPassword = secret('a room\'s password', 'the-room-opens-0815')
const account = (name: string) => ({ name, email: secret('an address', `${name.toLowerCase()}.secret@example.org`), password })

/** Everything that people do, right and wrong; gives what lets them in. */
async function liveHere() {
  const admin = sessionOf(await nobody()('POST', '/api/auth/setup', account('Admin')))
  const ann = sessionOf(await nobody()('POST', '/api/auth/signup', account('Ann')))
  for (const [whose, cookie] of Object.entries({ admin, ann })) secret(`the session of ${whose}`, cookie.split('=')[1]!)
  await nobody()('POST', '/api/auth/login', { email: 'ann.secret@example.org', password: secret('a wrong password', 'wrong sesame 4712') })
  const [asAdmin, asAnn] = [client(server.url, admin), client(server.url, ann)]
  const { id: room } = (await asAdmin('POST', '/api/rooms', { name: 'Vault', visibility: 'private', password: roomPassword })).body as { id: string }
  await asAnn('POST', `/api/rooms/${room}/join`, { password: secret('a wrong room password', 'not-the-room-0816') })
  expect((await asAnn('POST', `/api/rooms/${room}/join`, { password: roomPassword })).status).toBe(200)
  const { code } = (await asAdmin('POST', `/api/rooms/${room}/invites`, { role: 'guest' })).body as { code: string }
  secret('an invite', code)
  await nobody()('POST', '/api/invites/preview', { code })
  await nobody()('GET', `/invite/${code}`)
  await nobody()('POST', '/api/auth/password/forgot', { email: 'ann.secret@example.org' })
  await smtp.next('ann.secret@example.org')
  const reset = secret('a reset link', linkIn(await smtp.next('ann.secret@example.org'), 'reset').split('/').at(-1)!)
  await nobody()('GET', `/reset/${reset}`)
  return { admin, ann, room, code, reset }
}

/** The same on sockets. */
async function talk(cookie: string, room: string) {
  const socket = await connect(server, { id: '', name: '', cookie })
  await socket.subscribe(room)
  await socket.say(room, secret('a message', 'the treasure lies under the elm'))
  socket.raw(secret('a frame that is none', '{"type":"send","text":"half a frame'))
  socket.raw(JSON.stringify({ type: 'send', id: 7, room, nonce: 'short', text: secret('a message with a wrong nonce', 'it is a maple after all') }))
  await socket.next('error')
  await socket.next('error')
  await socket.close()
  const stranger = await openSocket(server)
  stranger.send({ type: 'hello', protocol: 1, ticket: secret('a ticket', 'forged-ticket.123.456.abcdef') })
  await stranger.closed
}

it('the log has nothing that lets anybody in, and nothing that anybody said', async () => {
  const { admin, ann, room, code, reset } = await liveHere()
  await talk(ann, room)

  // What nobody expects: the storage loses tables under the running server.
  const db = new Database(filesOf(server.dataFolder).database)
  for (const table of ['invites', 'messages', 'credentials', 'settings']) db.exec(`ALTER TABLE ${table} RENAME TO lost_${table}`)
  db.close()
  const asAnn = client(server.url, ann)
  const unexpected = [
    await asAnn('POST', `/api/rooms/${room}/messages`, { nonce: newNonce(), text: secret('a message that could not be saved', 'under the oak then') }),
    await asAnn('GET', `/api/rooms/${room}/messages?around=1`),
    await nobody()('POST', '/api/invites/preview', { code }),
    await nobody()('POST', '/api/auth/login', { email: 'ann.secret@example.org', password }),
    await nobody()('POST', '/api/auth/password/reset', { token: reset, password: secret('a new password', 'sesame anew 4713') }),
    await client(server.url, admin)('POST', `/api/rooms/${room}/join`, { password: roomPassword })
  ]
  expect(unexpected.map(({ status }) => status)).toContain(500)
  for (const path of [`/invite/${code}`, `/reset/${reset}`, `/verify/${reset}`, `/login?next=/invite/${code}`]) await client(server.url, ann)('GET', path, undefined, { accept: 'text/html' })
  await nobody()('POST', '/api/auth/password/forgot', { email: 'ann.secret@example.org' })
  await expect.poll(() => server.logs()).toMatch(/^\[mail\] /m)

  const logs = server.logs()
  expect(logs).toMatch(/^\[[0-9a-f]{8}\] POST \/api\//m)
  expect(logs).toMatch(/^\[page\] GET \/\w+\/…/m)
  for (const [what, text] of secrets) for (const form of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]) expect(logs.includes(form), `${what} in:\n${logs}`).toBe(false)
})
