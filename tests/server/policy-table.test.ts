import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '#shared/errors'
import { clientFrame } from '#shared/schemas'
import type { ClientFrame } from '#shared/protocol'
import openSqlite from '../../server/drivers/storage/sqlite'
import { client, type Answer } from '../support/http'
import { createCell, createWorld, kinds, password, roles, roomPassword, type Cell, type PolicyRole, type RoomKind } from '../support/policy-world'
import { startServer, tempFolder, type TestServer } from '../support/server'
import { newNonce, openSocket, type TestSocket } from '../support/socket'

/**
 * Who may do what, by every door: a row is a route or a frame, a character what one of `roles` gets. The site lets visitors read public rooms.
 *   + done   . nothing happens, and nothing is said   U unauthenticated   F forbidden   N not_found   P password_required   W wrong_password
 *   C conflict   X unsupported
 * One string stands for every kind of room; three are for a public room, a listed private one with a password, and an unlisted one.
 */
type Expected = string | [open: string, shut: string, hidden: string]
const signs: Record<string, ErrorCode> = {
  U: 'unauthenticated', F: 'forbidden', N: 'not_found', P: 'password_required', W: 'wrong_password', C: 'conflict', X: 'unsupported', L: 'rate_limited', I: 'invalid', T: 'too_large', S: 'unavailable'
}

/** `file`: in server/api, or in server/routes with its folder before it. `shows`: whether an answer has in it what it is about; else any answer will do. */
interface RouteRow { file: string, what: string, body?: (cell: Cell) => unknown, query?: string, shows?: (answer: unknown, cell: Cell) => boolean, expected: Expected }
const route = (file: string, expected: Expected, what = '', body?: RouteRow['body'], query = '', shows?: RouteRow['shows']): RouteRow =>
  ({ file, what, expected, query, ...body && { body }, ...shows && { shows } })
const finds: RouteRow['shows'] = (answer, { room }) => (answer as { items: { id: string }[] }).items.some(({ id }) => id === room)
const sent = () => ({ nonce: newNonce().padEnd(16, '0'), text: 'hello' })

/*                        visitor | guest away, guest | member away, member | moderator, owner, admin | banned, muted, signed out */
const reading: Expected = ['+N++++++N++', 'NN+P+++PN+N', 'NN+N+++NN+N']
const writing: Expected = ['UN++++++FFU', 'UN+P+++PFFU', 'UN+N+++NNFU']
const moderating: Expected = ['UNFFF+++NFU', 'UNFPF+++NFU', 'UNFNF+++NFU']
const managing: Expected = ['UNFFFF++NFU', 'UNFPFF++NFU', 'UNFNFF++NFU']
/** An admin is outside of these rooms. */
const opening: Expected = ['UNFFFF++NFU', 'UNFPFF+FNFU', 'UNFNFF+FNFU']
const anybody = '+++++++++++'
const signedIn = 'U+++++++++U'
const admins = 'UFFFFFF+FFU'

const routes: RouteRow[] = [
  route('[...].ts', 'NNNNNNNNNNN'),
  route('auth/session.get.ts', anybody),
  route('auth/setup.post.ts', 'CCCCCCCCCCC', '', () => ({ name: 'First', email: 'first@example.org', password })),
  route('auth/signup.post.ts', anybody, '', cell => ({ name: 'New', email: `new-${cell.email}`, password })),
  route('auth/login.post.ts', 'WWWWWWWWWWW', 'with a wrong password', cell => ({ email: cell.email, password: 'wrong' })),
  route('auth/login.post.ts', 'WWW++++++++', '', cell => ({ email: cell.email, password })),
  route('auth/logout.post.ts', anybody),
  route('auth/guest.post.ts', '+CCCCCCCCC+', '', cell => ({ code: cell.guestCode, name: 'Gus' })),
  route('auth/guest.post.ts', 'FCCCCCCCCCF', 'by an invite for members', cell => ({ code: cell.memberCode, name: 'Gus' })),
  route('auth/google/index.get.ts', 'NNNNNNNNNNN', 'where it is not offered'),
  route('auth/google/callback.get.ts', 'NNNNNNNNNNN', 'where it is not offered'),
  route('auth/firebase/index.post.ts', 'XXXXXXXXXXX', 'where we keep the accounts', () => ({ idToken: 'none' })),
  route('auth/firebase/setup.post.ts', 'XXXXXXXXXXX', 'where we keep the accounts', () => ({ idToken: 'none' })),
  route('auth/verify/index.get.ts', signedIn),
  route('auth/verify/index.post.ts', 'UFFFFFFFFFU', 'by no token of ours', () => ({ token: 'none' })),
  route('auth/verify/resend.post.ts', 'UXXXXXXXXXU', 'where no mail is sent'),
  route('auth/password/forgot.post.ts', anybody, '', cell => ({ email: cell.email })),
  route('auth/password/reset.post.ts', 'FFFFFFFFFFF', 'by no token of ours', () => ({ token: 'none', password })),
  route('auth/password/change.post.ts', 'UWW+++++++U', '', () => ({ current: password, next: 'another battery' })),
  route('auth/sessions/index.get.ts', signedIn),
  route('auth/sessions/index.delete.ts', signedIn),
  route('auth/sessions/[id].delete.ts', signedIn),
  route('me.patch.ts', signedIn, '', () => ({ name: 'Renamed' })),
  route('me.delete.ts', signedIn, '', () => ({ password, messages: 'delete' })),
  route('users.get.ts', anybody, '', undefined, '?ids=nobody'),
  route('ws/ticket.post.ts', anybody),

  route('rooms/index.get.ts', anybody),
  route('rooms/index.get.ts', ['+.++++++.++', '..++++++.+.', '..+.+++..+.'], 'found by its name', undefined, '?search=ROOM', finds),
  route('rooms/index.post.ts', 'UFF+++++++U', '', () => ({ name: 'New' })),
  route('rooms/[id]/index.get.ts', ['+N++++++F++', 'NN++++++F+N', 'NN+N+++NN+N']),
  route('rooms/[id]/index.patch.ts', managing, 'its name', () => ({ name: 'Renamed' })),
  route('rooms/[id]/index.patch.ts', opening, 'its visibility', () => ({ visibility: 'public' })),
  route('rooms/[id]/index.patch.ts', opening, 'who finds it', () => ({ listed: true })),
  route('rooms/[id]/index.patch.ts', ['UNFFF+++NFU', 'UNFPF++FNFU', 'UNFNF++FNFU'], 'its password, taken away', () => ({ password: null })),
  route('rooms/[id]/index.patch.ts', managing, 'guests and closing', () => ({ guests: false, closed: true })),
  route('rooms/[id]/index.patch.ts', moderating, 'closing and slow mode', () => ({ closed: true, slowModeSeconds: 5 })),
  route('rooms/[id]/index.delete.ts', managing),
  route('rooms/[id]/join.post.ts', ['UN++++++F+U', 'UN+P+++PF+U', 'UN+N+++NN+U']),
  route('rooms/[id]/join.post.ts', ['UN++++++F+U', 'UN++++++F+U', 'UN+N+++NN+U'], 'with the password', () => ({ password: roomPassword })),
  route('rooms/[id]/join.post.ts', ['UN++++++F+U', 'UN+W+++WF+U', 'UN+N+++NN+U'], 'with a wrong password', () => ({ password: 'wrong' })),
  route('rooms/[id]/admin-join.post.ts', ['UNFFFFF+NFU', 'UNFPFFF+NFU', 'UNFNFFF+NFU']),
  route('rooms/[id]/leave.post.ts', ['UN++++C+N+U', 'UN+P++CPN+U', 'UN+N++CNN+U']),
  route('rooms/[id]/members.get.ts', reading),
  route('rooms/[id]/messages.get.ts', reading),
  route('rooms/[id]/messages.post.ts', writing, '', sent),
  route('rooms/[id]/messages.post.ts', ['UNNNNNNNFFU', 'UNNPNNNPFFU', 'UNNNNNNNNFU'], 'an answer to a message of another room', cell => ({ ...sent(), replyTo: cell.elsewhere })),
  route('rooms/[id]/reports.post.ts', ['UN++++++N+U', 'UN+P+++PN+U', 'UN+N+++NN+U'], '', cell => ({ message: cell.message, reason: 'rude' })),
  route('rooms/[id]/reports.post.ts', ['UNNNNNNNNNU', 'UNNPNNNPNNU', 'UNNNNNNNNNU'], 'a message of another room', cell => ({ message: cell.elsewhere })),
  route('rooms/[id]/members/[user].patch.ts', managing, 'a role', () => ({ role: 'moderator' })),
  route('rooms/[id]/members/[user].patch.ts', managing, 'the room itself', () => ({ role: 'owner' })),
  route('rooms/[id]/members/[user].patch.ts', moderating, 'silence', () => ({ muteSeconds: 60 })),
  route('rooms/[id]/members/[user].delete.ts', moderating, 'a kick'),
  route('rooms/[id]/members/[user].delete.ts', moderating, 'a ban', undefined, '?ban=true'),
  route('rooms/[id]/bans/index.get.ts', moderating),
  route('rooms/[id]/bans/[user].delete.ts', moderating),
  route('rooms/[id]/audit.get.ts', moderating),
  route('rooms/[id]/invites/index.get.ts', moderating),
  route('rooms/[id]/invites/index.post.ts', ['UNFFF+++NFU', 'UNFPF++FNFU', 'UNFNF++FNFU'], '', () => ({ role: 'guest' })),
  route('rooms/[id]/invites/[invite].delete.ts', moderating),
  route('invites/preview.post.ts', '++++++++N++', '', cell => ({ code: cell.guestCode })),
  route('invites/accept.post.ts', 'U+++++++N+U', 'for guests', cell => ({ code: cell.guestCode })),
  route('invites/accept.post.ts', 'UF++++++N+U', 'for members', cell => ({ code: cell.memberCode })),
  route('invites/accept.post.ts', 'UNNNNNNNNNU', 'that nobody made', () => ({ code: 'x'.repeat(43) })),
  route('reports/index.get.ts', signedIn, 'of one\'s own rooms'),
  route('reports/index.get.ts', moderating, 'of one room', undefined, '?room=ROOM'),
  route('reports/[id].patch.ts', 'UNNNN+++NNU', 'dismissed', () => ({ outcome: 'dismissed' })),
  route('reports/[id].patch.ts', 'UNNNN+++NNU', 'with its message', () => ({ outcome: 'deleted' })),

  route('admin/people/index.get.ts', admins),
  route('admin/people/[id]/index.patch.ts', admins, 'an admin', () => ({ admin: true })),
  route('admin/people/[id]/index.patch.ts', admins, 'disabled', () => ({ disabled: true })),
  route('admin/people/[id]/reset-link.post.ts', admins),
  route('admin/people/[id]/sessions.delete.ts', admins),
  route('admin/rooms.get.ts', admins),
  route('admin/site.get.ts', admins),
  route('admin/site.patch.ts', admins, '', () => ({ guests: true })),
  route('admin/audit.get.ts', admins),

  route('routes/up.get.ts', anybody),
  route('routes/ready.get.ts', anybody),
  route('routes/robots.txt.get.ts', anybody),
  route('routes/sitemap.xml.get.ts', anybody),
  route('routes/metrics.get.ts', 'FFFFFFFFFFF', 'from elsewhere, without its token')
]

type Act = (socket: TestSocket, cell: Cell) => Promise<string>
interface FrameRow { type: ClientFrame['type'], what: string, act: Act, expected: Expected }
const frame = (type: FrameRow['type'], expected: Expected, act: Act, what = ''): FrameRow => ({ type, what, act, expected })
const nonce = newNonce
const requested = (work: Promise<unknown>) => work.then(() => '+', outcome)
/** Sends what is not answered, then waits until the server has dealt with it: it does one thing after the other, but for pings. */
async function unanswered(socket: TestSocket, raw: ClientFrame): Promise<string | null> {
  socket.send(raw)
  await socket.request<'unsubscribe'>({ type: 'unsubscribe', room: 'nowhere' })
  const error = socket.frames.find(frame => frame.type === 'error' && frame.id === undefined)
  return error?.type === 'error' ? signOf(error.code) : null
}

const frames: FrameRow[] = [
  frame('hello', '++++++++++U', async () => '+'),
  frame('ping', '++++++++++U', async socket => await unanswered(socket, { type: 'ping' }) ?? '+'),
  frame('subscribe', reading.map(line => line.replace(/.$/, 'U')) as [string, string, string], (socket, { room }) => requested(socket.subscribe(room))),
  frame('subscribe', reading.map(line => line.replace(/.$/, 'U')) as [string, string, string], async (socket, { room }) => {
    const ready = socket.frames.find(frame => frame.type === 'ready')
    if (ready?.type !== 'ready') throw new Error('no ready')
    const sign = await requested(socket.subscribe(room, { epoch: ready.epoch, seq: 0 }))
    // What is replayed comes at the heels of the answer, and before that of anything later.
    await socket.request<'unsubscribe'>({ type: 'unsubscribe', room: 'nowhere' })
    const seqs = socket.events(room).map(({ seq }) => seq)
    const whole = seqs.length > 1 && seqs.every((seq, index) => seq === index + 1)
    return sign === '+' ? whole ? '+' : `(events ${seqs.join()})` : seqs.length > 0 ? `(${sign}, and events)` : sign
  }, 'from the beginning on'),
  frame('unsubscribe', '++++++++++U', (socket, { room }) => requested(socket.request<'unsubscribe'>({ type: 'unsubscribe', room }))),
  frame('send', writing, (socket, { room }) => requested(socket.say(room, 'hello'))),
  frame('send', ['UNNNNNNNFFU', 'UNNPNNNPFFU', 'UNNNNNNNNFU'], (socket, { room, elsewhere }) =>
    requested(socket.request<'send'>({ type: 'send', room, nonce: nonce(), text: 'x', replyTo: elsewhere })), 'an answer to a message of another room'),
  frame('edit', writing, (socket, { room, own }) => requested(socket.request<'edit'>({ type: 'edit', room, nonce: nonce(), message: own, text: 'x' })), 'one\'s own'),
  frame('edit', ['UNFFFFFFFFU', 'UNFPFFFPFFU', 'UNFNFFFNNFU'], (socket, { room, message }) =>
    requested(socket.request<'edit'>({ type: 'edit', room, nonce: nonce(), message, text: 'x' })), 'another\'s'),
  frame('delete', ['UN++++++F+U', 'UN+P++++F+U', 'UN+N++++N+U'], (socket, { room, own }) =>
    requested(socket.request<'delete'>({ type: 'delete', room, nonce: nonce(), message: own })), 'one\'s own'),
  frame('delete', ['UNFFF+++FFU', 'UNFPF+++FFU', 'UNFNF+++NFU'], (socket, { room, message }) =>
    requested(socket.request<'delete'>({ type: 'delete', room, nonce: nonce(), message })), 'another\'s'),
  frame('react', writing, (socket, { room, message }) => requested(socket.request<'react'>({ type: 'react', room, nonce: nonce(), message, emoji: '👍', on: true }))),
  frame('react', ['UNNNNNNNFFU', 'UNNPNNNPFFU', 'UNNNNNNNNFU'], (socket, { room, elsewhere }) =>
    requested(socket.request<'react'>({ type: 'react', room, nonce: nonce(), message: elsewhere, emoji: '👍', on: true })), 'to a message of another room'),
  frame('read', 'U.+.+++..+U', async (socket, { room, cookie }) => {
    const refused = await unanswered(socket, { type: 'read', room, seq: 1_000 })
    if (refused) return refused
    const { body } = await ask(cookie)('GET', `/api/rooms/${room}`)
    const { readSeq, seq } = body as { readSeq?: number, seq?: number }
    return readSeq !== undefined && readSeq === seq ? '+' : '.'
  }),
  frame('typing', ['U.++++++.+U', 'U.+.+++..+U', 'U.+.+++..+U'], async (socket, { room }) => {
    const watcher = watchers.get(room)
    if (!watcher) throw new Error('nobody watches')
    await socket.subscribe(room).catch(() => {})
    const refused = await unanswered(socket, { type: 'typing', room })
    // What the room hears comes in the order in which it happened.
    await watcher.say(room, 'after')
    await watcher.next('event', event => event.kind === 'message')
    return refused ?? (watcher.frames.some(frame => frame.type === 'typing') ? '+' : '.')
  })
]

let server: TestServer
let removeFolder: () => Promise<void>
const cells = new Map<string, Cell>()
/** A socket of the target of each room where somebody types. */
const watchers = new Map<string, TestSocket>()
let addresses = 0

const keyOf = (row: RouteRow | FrameRow, kind: RoomKind, role: PolicyRole) => `${'file' in row ? row.file : row.type} ${row.what} ${kind} ${role}`
const kindsOf = ({ expected }: { expected: Expected }): readonly RoomKind[] => typeof expected === 'string' ? ['open'] : kinds
const lineOf = (expected: Expected, kind: RoomKind) => typeof expected === 'string' ? expected : expected[kinds.indexOf(kind)] ?? ''
const signOf = (code: string) => Object.entries(signs).find(([, known]) => known === code)?.[0] ?? `(${code})`
const outcome = (error: unknown) => error instanceof Error && 'code' in error ? signOf(String(error.code)) : `(${String(error)})`
/** Everybody from an address of their own. */
const ask = (cookie: string) => {
  const one = client(server.url, cookie)
  return (method: string, path: string, body?: unknown): Promise<Answer> => one(method, path, body, { 'x-forwarded-for': `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses++ & 255}` })
}
const signOut = async (cell: Cell) => { if (cell.role === 'signed out') await ask(cell.cookie)('POST', '/api/auth/logout') }

beforeAll(async () => {
  const { folder, remove } = await tempFolder()
  removeFolder = remove
  const storage = await openSqlite({ folder })
  const world = await createWorld(storage)
  await Promise.all([...routes, ...frames].flatMap(row => kindsOf(row).flatMap(kind => roles.map(async (role) => {
    cells.set(keyOf(row, kind, role), await createCell(storage, world, role, kind))
  }))))
  await storage.close()
  server = await startServer({ dataFolder: folder, env: { CHATLY_PUBLIC: 'true', CHATLY_TRUSTED_PROXIES: '1' } })
})
afterAll(async () => {
  expect(server.logs()).not.toMatch(/\[fatal\]|\[realtime\]|Something went wrong/)
  await server.stop()
  await removeFolder()
})

/** What each role gets in this row, as it stands in the table. */
async function lineFrom(row: RouteRow | FrameRow, kind: RoomKind, ask: (cell: Cell) => Promise<string>): Promise<string> {
  return (await Promise.all(roles.map((role) => {
    const cell = cells.get(keyOf(row, kind, role))
    if (!cell) throw new Error('no such cell')
    return ask(cell)
  }))).join('')
}

function pathOf({ file, query = '' }: RouteRow, cell: Cell): string {
  const values: Record<string, string> = { id: cell.room, user: file.includes('bans') ? cell.banned : cell.target, invite: cell.invite }
  if (file.startsWith('reports')) values.id = cell.report
  if (file.startsWith('admin/people')) values.id = cell.target
  if (file.startsWith('auth/sessions')) values.id = cell.session
  const path = file.replace(/\.ts$/, '').replace(/\.(get|post|patch|delete)$/, '').replace(/(^|\/)index$/, '').replace('[...]', 'nothing/here')
  return `${path.startsWith('routes/') ? '' : '/api/'}${path.replace(/^routes/, '').replace(/\[(\w+)\]/g, (_, name: string) => values[name] ?? '')}${query.replace('ROOM', cell.room)}`
}

async function requestOf(row: RouteRow, cell: Cell): Promise<string> {
  await signOut(cell)
  const method = /\.(get|post|patch|delete)\.ts$/.exec(row.file)?.[1]?.toUpperCase() ?? 'GET'
  const { status, body } = await ask(cell.cookie)(method, pathOf(row, cell), row.body?.(cell))
  if (status < 300) return row.shows?.(body, cell) === false ? '.' : '+'
  return typeof body === 'object' && body !== null && 'code' in body ? signOf(String(body.code)) : `(${status})`
}

async function connect(cookie: string): Promise<TestSocket> {
  const { body } = await ask(cookie)('POST', '/api/ws/ticket')
  const socket = await openSocket(server)
  socket.send({ type: 'hello', protocol: 1, ticket: (body as { ticket: string }).ticket })
  await socket.next('ready')
  return socket
}

/** One who signs out meanwhile has their socket closed with 4401, whatever they wanted. */
async function frameOf(row: FrameRow, cell: Cell): Promise<string> {
  const socket = await connect(cell.cookie)
  if (cell.role === 'signed out') {
    await signOut(cell)
    return await socket.closed === 4401 ? 'U' : '(closed)'
  }
  try {
    return await row.act(socket, cell)
  } finally {
    await socket.close()
  }
}

describe.each(routes.map(row => [`${row.file}${row.what && `: ${row.what}`}`, row] as const))('%s', (_, row) => {
  it.each(kindsOf(row))('%s', async kind => expect(await lineFrom(row, kind, cell => requestOf(row, cell))).toBe(lineOf(row.expected, kind)))
})

describe.each(frames.map(row => [`${row.type}${row.what && `: ${row.what}`}`, row] as const))('%s', (_, row) => {
  it.each(kindsOf(row))('%s', async (kind) => {
    if (row.type === 'typing') for (const role of roles) await watch(cells.get(keyOf(row, kind, role))!)
    expect(await lineFrom(row, kind, cell => frameOf(row, cell))).toBe(lineOf(row.expected, kind))
  })
})

async function watch({ room, targetCookie }: Cell): Promise<void> {
  const socket = await connect(targetCookie)
  await socket.subscribe(room)
  watchers.set(room, socket)
}

describe('a site that is not public', () => {
  /** What says nothing of rooms and people, or has a right of its own in the request. */
  const withoutSite = ['auth/', 'invites/preview', 'routes/up', 'routes/ready', 'routes/robots']

  it('has nothing for visitors, from the moment on that its admin says so', async () => {
    const admin = cells.get(keyOf(routes.find(row => row.file === 'admin/site.patch.ts')!, 'open', 'admin'))!
    expect((await ask(admin.cookie)('PATCH', '/api/admin/site', { public: false })).status).toBe(200)
    const rows = routes.filter(row => lineOf(row.expected, 'open').startsWith('+') && !withoutSite.some(start => row.file.startsWith(start)))
    const answers = await Promise.all(rows.map(async row => `${row.file} ${await requestOf(row, cells.get(keyOf(row, 'open', 'visitor'))!)}`))
    expect(answers).toEqual(['users.get.ts', 'ws/ticket.post.ts', 'rooms/index.get.ts', 'rooms/index.get.ts', 'rooms/[id]/index.get.ts', 'rooms/[id]/members.get.ts', 'rooms/[id]/messages.get.ts'].map(file => `${file} U`).concat('routes/sitemap.xml.get.ts (404)'))
  })
})

/** As Nitro names it, by whatever method. */
const patternOf = (file: string) => `/${/^routes\//.test(file) ? file.slice('routes/'.length) : `api/${file}`}`
  .replace(/\.ts$/, '').replace(/\.(get|post|patch|delete)$/, '').replace(/\/index$/, '').replace('[...]', '**').replace(/\[(\w+)\]/g, ':$1')

/** From the list of handlers in the server's program. */
function routesOfTheBuild(): Set<string> {
  const program = readFileSync(join(process.env.CHATLY_TEST_OUTPUT ?? '.output', 'server/chunks/nitro/nitro.mjs'), 'utf8')
  const list = /const handlers = \[\n([\s\S]*?)\n\];/.exec(program)?.[1] ?? ''
  return new Set([...list.matchAll(/route: '([^']*)'/g)].flatMap(([, route]) => route || []))
}

describe('the table', () => {
  const types = clientFrame.options.map(option => option.shape.type.value)

  it('has a row for every route', () => {
    const files = ['server/api', 'server/routes'].flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile()).map(entry => `${entry.parentPath}/${entry.name}`.replace(/^server\/(api\/)?/, ''))
      // The socket's rows are the frames.
      .filter(file => file !== 'routes/_ws.ts')
    expect(files.filter(file => !routes.some(row => row.file === file))).toEqual([])
    expect(routes.filter(row => !files.includes(row.file)).map(row => row.file)).toEqual([])
  })

  it('has a row for every address at which the built server answers, whoever brought it', () => {
    /** By itself neither of rooms nor of people: pages are made of what the API says to their viewer. */
    const others: Record<string, string> = {
      '/_ws': 'the socket, whose rows are the frames', '/**': 'pages, and files of the build', '/__nuxt_error': 'the page of an error', '/__nuxt_island/**': 'a component without its page: there is none'
    }
    const found = routesOfTheBuild()
    const rows = new Set(routes.map(({ file }) => patternOf(file)))
    expect([...found].filter(route => !rows.has(route) && !(route in others))).toEqual([])
    expect([...rows, ...Object.keys(others)].filter(route => !found.has(route))).toEqual([])
  })

  it('has a row for every frame', () => expect(types.filter(type => !frames.some(row => row.type === type))).toEqual([]))

  it('has a place for every role in each line', () => {
    for (const { expected } of [...routes, ...frames]) for (const line of [expected].flat()) expect(line).toHaveLength(roles.length)
  })
})
