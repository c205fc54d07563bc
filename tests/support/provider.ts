import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Whom the provider says that it has before it. */
export interface ProviderPerson { sub: string, email?: string, email_verified?: boolean, name?: string }

/** An OpenID provider on this machine that stands in for Google: one that is as strict about codes, and about who asks, as Google is. */
export interface TestProvider {
  issuer: string
  clientId: string
  clientSecret: string
  /** Who signs in there from now on. */
  person: ProviderPerson
  /** What its answers are to say instead of the truth. */
  lies: { issuer?: string, audience?: string, nonce?: string, key?: boolean }
  /** When they typed their password there, seconds before now. It is said to whom asks for it by `max_age`; null: never, as Google does. */
  authenticated: number | null
  /** How often somebody wanted to exchange a code. */
  exchanges: number
  close: () => Promise<void>
}

interface Grant { person: ProviderPerson, nonce: string, challenge: string, redirect: string, timed: boolean }

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })

export async function startProvider(): Promise<TestProvider> {
  const [own, other] = [keyPair(), keyPair()]
  const grants = new Map<string, Grant>()
  const server = createServer((request, response) => void answer(request, response).catch((error: Error) => json(response, 400, { error: 'invalid_request', error_description: error.message })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: TestProvider = {
    issuer, clientId: 'chatly-test', clientSecret: 'a secret between us', person: { sub: 'nobody' }, lies: {}, authenticated: null, exchanges: 0,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', issuer)
    switch (url.pathname) {
      case '/.well-known/openid-configuration': return json(response, 200, metadata(issuer))
      case '/jwks': return json(response, 200, { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'own', alg: 'RS256', use: 'sig' }] })
      case '/authorize': return authorize(url.searchParams, response)
      case '/token': return token(new URLSearchParams(await bodyOf(request)), response)
      default: return json(response, 404, {})
    }
  }

  function authorize(asked: URLSearchParams, response: ServerResponse) {
    const is = (name: string, value: string) => { if (asked.get(name) !== value) throw new Error(`${name} is ${asked.get(name)}`) }
    is('client_id', provider.clientId)
    is('response_type', 'code')
    is('code_challenge_method', 'S256')
    const [redirect, state, nonce, challenge] = ['redirect_uri', 'state', 'nonce', 'code_challenge'].map(name => asked.get(name))
    if (!redirect || !state || !nonce || !challenge || !asked.get('scope')?.split(' ').includes('openid')) throw new Error('something is missing')
    const code = randomBytes(16).toString('base64url')
    grants.set(code, { person: provider.person, nonce, challenge, redirect, timed: asked.has('max_age') })
    response.writeHead(302, { location: `${redirect}?${new URLSearchParams({ state, code })}` }).end()
  }

  function token(asked: URLSearchParams, response: ServerResponse) {
    provider.exchanges++
    const code = asked.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    if (!grant) return json(response, 400, { error: 'invalid_grant', error_description: 'unknown code' })
    if (asked.get('client_id') !== provider.clientId || asked.get('client_secret') !== provider.clientSecret) return json(response, 401, { error: 'invalid_client' })
    const challenge = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url')
    if (asked.get('redirect_uri') !== grant.redirect || challenge !== grant.challenge) return json(response, 400, { error: 'invalid_grant' })
    json(response, 200, { access_token: randomBytes(16).toString('base64url'), token_type: 'Bearer', expires_in: 60, id_token: identity(grant) })
  }

  function identity({ person, nonce, timed }: Grant): string {
    const { lies, authenticated } = provider
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: lies.issuer ?? issuer, aud: lies.audience ?? provider.clientId, iat: now, exp: now + 60, nonce: lies.nonce ?? nonce, ...timed && authenticated !== null && { auth_time: now - authenticated }, ...person }
    return signed(claims, lies.key ? other.privateKey : own.privateKey)
  }

  return provider
}

const metadata = (issuer: string) => ({
  issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'],
  subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256']
})

function signed(claims: object, key: KeyObject): string {
  const text = `${encode({ alg: 'RS256', kid: 'own' })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}

function json(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
