import { createServer, type RequestListener } from 'node:http'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'

/** Where the emulator is installed; `npm test` does that. */
const folder = resolve('tools/firebase')

/** What an account at the emulator looks like to its owner. */
export interface FirebaseUser { uid: string, idToken: string, email: string }

/** Google's own emulator of Firebase Auth, in this process: nothing of it leaves this machine. */
export interface AuthEmulator {
  /** host:port */
  host: string
  /** What a server needs to use it. */
  env: Record<string, string>
  projectId: string
  signUp: (email: string, password?: string) => Promise<FirebaseUser>
  signIn: (email: string, password?: string) => Promise<FirebaseUser>
  /** Signs in with a Google account of this address, which Google vouches for. */
  google: (email: string, name?: string) => Promise<FirebaseUser>
  /** What an administrator of the project changes, such as `disableUser`, `emailVerified` or `validSince`. */
  change: (uid: string, change: Record<string, unknown>) => Promise<void>
  remove: (uid: string) => Promise<void>
  /** null: there is none. */
  find: (email: string) => Promise<{ localId: string, emailVerified?: boolean, providerUserInfo?: { providerId: string }[] } | null>
  /** The links that were mailed to this address, the oldest first. */
  mails: (email: string) => Promise<{ requestType: string, oobLink: string, oobCode: string }[]>
  close: () => Promise<void>
}

interface Emulator { createApp: (projectId: string, mode: number) => Promise<RequestListener> }
interface Spec { default: { paths: Record<string, unknown> } }

const password = 'correct horse battery'

/** What we do not use takes most of the time at start: each path's schema is compiled. */
const unused = /tenants|inboundSaml|oauthIdpConfigs|defaultSupportedIdp|passkey|mfa|GameCenter|Saml|Iam/i

/** Starts it on a free port; it takes some seconds. Rejects where it is not installed. */
export async function startAuthEmulator(projectId = 'demo-chatly'): Promise<AuthEmulator> {
  if (!existsSync(resolve(folder, 'node_modules'))) throw new Error('The Firebase Auth emulator is not installed: run `npm ci` in tools/firebase.')
  const load = createRequire(resolve(folder, 'package.json'))
  const { default: { paths } } = load('firebase-tools/lib/emulator/auth/apiSpec.js') as Spec
  for (const path of Object.keys(paths)) if (unused.test(path)) Reflect.deleteProperty(paths, path)
  const { createApp } = load('firebase-tools/lib/emulator/auth/server.js') as Emulator
  const server = createServer(await createApp(projectId, 0))
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve) })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const emulator = speak(host, projectId)
  // As every new project is: an unknown address and a wrong password are told apart by nobody.
  await emulator.admin('PATCH', `v2/projects/${projectId}/config?updateMask=emailPrivacyConfig.enableImprovedEmailPrivacy`, { emailPrivacyConfig: { enableImprovedEmailPrivacy: true } })
  return {
    ...emulator, host, projectId,
    env: {
      CHATLY_ACCOUNTS: 'firebase', FIREBASE_PROJECT_ID: projectId, FIREBASE_API_KEY: 'test-key', FIREBASE_AUTH_DOMAIN: `${projectId}.firebaseapp.com`,
      FIREBASE_AUTH_EMULATOR_HOST: host, CHATLY_ALLOW_EMULATORS: '1', METADATA_SERVER_DETECTION: 'none'
    },
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    })
  }
}

/** The emulator's own language, over HTTP. */
function speak(host: string, projectId: string) {
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Record<string, unknown>> => {
    const response = await fetch(`http://${host}/${path}`, { method, headers: { 'content-type': 'application/json', ...headers }, body: body === undefined ? undefined : JSON.stringify(body) })
    const answer = await response.json() as Record<string, unknown>
    if (!response.ok) throw new Error(`The emulator answered ${response.status}: ${JSON.stringify(answer.error)}`)
    return answer
  }
  const admin = (method: string, path: string, body?: unknown) => ask(method, `identitytoolkit.googleapis.com/${path}`, body, { authorization: 'Bearer owner' })
  const user = async (door: string, body: object): Promise<FirebaseUser> => {
    const { localId, idToken, email } = await ask('POST', `identitytoolkit.googleapis.com/v1/accounts:${door}?key=test-key`, { returnSecureToken: true, ...body }) as Record<'localId' | 'idToken' | 'email', string>
    return { uid: localId, idToken, email }
  }

  return {
    admin,
    signUp: (email: string, secret = password) => user('signUp', { email, password: secret }),
    signIn: (email: string, secret = password) => user('signInWithPassword', { email, password: secret }),
    google: (email: string, name?: string) => {
      const said = JSON.stringify({ sub: `google-${email}`, email, email_verified: true, ...(name !== undefined && { name }) })
      return user('signInWithIdp', { requestUri: 'http://localhost', returnIdpCredential: true, postBody: new URLSearchParams({ id_token: said, providerId: 'google.com' }).toString() })
    },
    change: async (uid: string, change: Record<string, unknown>) => { await admin('POST', `v1/projects/${projectId}/accounts:update`, { localId: uid, ...change }) },
    remove: async (uid: string) => { await admin('POST', `v1/projects/${projectId}/accounts:delete`, { localId: uid }) },
    find: async (email: string) => {
      const { users } = await admin('POST', `v1/projects/${projectId}/accounts:lookup`, { email: [email] })
      return (users as { localId: string, emailVerified?: boolean, providerUserInfo?: { providerId: string }[] }[] | undefined)?.[0] ?? null
    },
    mails: async (email: string) => {
      const { oobCodes } = await ask('GET', `emulator/v1/projects/${projectId}/oobCodes`)
      return (oobCodes as { email: string, requestType: string, oobLink: string, oobCode: string }[]).filter(mail => mail.email === email)
    }
  }
}
