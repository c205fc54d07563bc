import * as openid from 'openid-client'
import type { Provider } from '../../core/google'

interface GoogleOptions {
  clientId: string
  clientSecret: string
  /** Google; a stand-in by plain HTTP on this machine in tests. */
  issuer: string
}

/** How long the provider may take to answer, s. */
const TIMEOUT = 10

/** "Sign in with Google": OpenID Connect with PKCE; what comes back is signed, and that is checked. */
export default function createGoogleProvider({ clientId, clientSecret, issuer }: GoogleOptions): Provider {
  const discover = () => openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    timeout: TIMEOUT, execute: [openid.enableNonRepudiationChecks, ...issuer.startsWith('http:') ? [openid.allowInsecureRequests] : []]
  })
  let known: Promise<openid.Configuration> | null = null
  /** Asked for once; again where that failed. */
  const configuration = () => known ??= discover().catch((error: unknown) => {
    known = null
    throw error
  })

  return {
    async begin({ state, nonce, verifier }, callback, { anew } = { anew: false }) {
      const url = openid.buildAuthorizationUrl(await configuration(), {
        redirect_uri: callback, scope: 'openid email profile', state, nonce, code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
        // Not `prompt=login`: Google refuses it. It passes over `max_age`, too; a provider that does not says when somebody last proved who they are.
        ...anew && { prompt: 'select_account', max_age: '0' }
      })
      return url.href
    },

    async finish(returned, { state, nonce, verifier }) {
      const tokens = await openid.authorizationCodeGrant(await configuration(), returned, {
        expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true
      })
      const claims = tokens.claims()
      if (!claims) throw new Error('The provider gave no identity.')
      return {
        subject: claims.sub, email: textOf(claims.email), emailVerified: claims.email_verified === true, name: textOf(claims.name),
        authenticatedAt: claims.auth_time === undefined ? null : claims.auth_time * 1000
      }
    }
  }
}

const textOf = (claim: unknown): string | null => typeof claim === 'string' ? claim : null
