import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type RequestOptions, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A user as Google's user store has it. */
interface StoredUser { localId: string, email?: string, emailVerified?: boolean, validSince?: string, disabled?: boolean }

/**
 * Stands in for the endpoints of Google that verifying a token needs: its public keys, the store of users, and the tokens of service accounts. Whatever in this process speaks
 * HTTPS reaches it, by whatever name; the libraries are the real ones, and so are the signatures.
 */
export interface TestGoogle {
  projectId: string
  users: Map<string, StoredUser>
  /** What it was asked, as `METHOD host/path`. */
  asked: string[]
  /** Answers nothing but errors from now on. */
  broken: boolean
  /** An ID token with Google's signature, or somebody else's. */
  token: (claims?: object, how?: { header?: object, stranger?: boolean }) => string
  close: () => Promise<void>
}

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function startGoogle(projectId = 'prod-like'): Promise<TestGoogle> {
  const [own, stranger, account] = [keyPair(), keyPair(), keyPair()]
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [restoreHttps, restoreCredentials] = [redirectHttps(port), serviceAccount(projectId, account.privateKey)]

  const google: TestGoogle = {
    projectId, users: new Map(), asked: [], broken: false,
    token(claims = {}, { header = {}, stranger: byStranger = false } = {}) {
      const now = Math.floor(Date.now() / 1000)
      const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'own', ...header })}.${encode({
        iss: `https://securetoken.google.com/${projectId}`, aud: projectId, sub: 'ann', user_id: 'ann', auth_time: now - 5, iat: now - 5, exp: now + 3600,
        firebase: { sign_in_provider: 'password', identities: {} }, ...claims
      })}`
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), byStranger ? stranger.privateKey : own.privateKey).toString('base64url')}`
    },
    async close() {
      restoreHttps()
      restoreCredentials()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const path = request.url?.split('?')[0] ?? '/'
    google.asked.push(`${request.method} ${request.headers.host}${path}`)
    const json = (status: number, value: object) => response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' }).end(JSON.stringify(value))
    if (google.broken) return json(503, { error: { message: 'BACKEND_ERROR' } })
    if (path.includes('/x509/securetoken')) return json(200, { own: own.publicKey.export({ type: 'spki', format: 'pem' }) })
    if (path === '/token') return json(200, { access_token: createHash('sha256').update(body).digest('hex'), expires_in: 3600, token_type: 'Bearer' })
    if (!path.endsWith('accounts:lookup')) return json(404, {})
    const { localId = [] } = JSON.parse(body) as { localId?: string[] }
    json(200, { users: localId.flatMap(id => google.users.get(id) ?? []) })
  }

  return google
}

/** Sends every HTTPS request of this process to a port of this machine; gives the way back. */
function redirectHttps(port: number): () => void {
  const real = https.request
  https.request = ((first: string | URL | RequestOptions, ...rest: unknown[]) => {
    const address = typeof first === 'string' || first instanceof URL ? new URL(first) : null
    const options = (address ? rest[0] : first) as RequestOptions
    const done = rest.find((value): value is (response: IncomingMessage) => void => typeof value === 'function')
    const { agent: _, ...own } = options
    const path = options.path ?? (address ? address.pathname + address.search : '/')
    const host = address?.host ?? options.hostname ?? options.host ?? ''
    return httpRequest({ ...own, protocol: 'http:', host: '127.0.0.1', hostname: '127.0.0.1', port, path, headers: { ...options.headers as Record<string, string>, host } }, done)
  }) as typeof https.request
  return () => { https.request = real }
}

/** The key of a service account, where Google's libraries look for one. */
function serviceAccount(projectId: string, key: KeyObject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'chatly-google-'))
  const file = join(folder, 'account.json')
  writeFileSync(file, JSON.stringify({
    type: 'service_account', project_id: projectId, private_key_id: 'test', private_key: key.export({ type: 'pkcs8', format: 'pem' }),
    client_email: `chatly@${projectId}.iam.gserviceaccount.com`, client_id: '1', token_uri: 'https://oauth2.googleapis.com/token'
  }))
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS
  process.env.GOOGLE_APPLICATION_CREDENTIALS = file
  return () => {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before
    rmSync(folder, { recursive: true, force: true })
  }
}
