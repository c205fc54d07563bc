import { randomBytes } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { parseRedisUrl, redisUrlForm, type RedisAddress } from '../drivers/redis/url'

/** An empty variable is an unset one: compose files and shells make them. */
const text = z.string().trim().transform(value => value === '' ? undefined : value).optional()
const flag = text.pipe(z.enum(['true', 'false', '1', '0'], 'must be true or false').default('false')).transform(value => value === 'true' || value === '1')
const whole = (fallback: number, max: number) => text.transform(value => value === undefined ? fallback : Number(value))
  .refine(value => Number.isInteger(value) && value >= 0 && value <= max, `must be a whole number from 0 to ${max}`)

const origins = text.transform((list, context) => (list ?? '').split(',').map(part => part.trim()).filter(Boolean).map((part) => {
  const url = URL.canParse(part) ? new URL(part) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.username) {
    context.addIssue({ code: 'custom', message: 'must be one or more of https://host[:port], separated by commas' })
    return z.NEVER
  }
  return url.origin
}))

/** `smtp://[user:password@]host[:port]`, or `smtps://` where TLS comes first. */
const isSmtpUrl = (value: string) => URL.canParse(value) && /^smtps?:$/.test(new URL(value).protocol) && new URL(value).hostname !== '' && decoded(new URL(value).username) !== null

/** A percent-encoded part of a URL; null where it is none. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}

/** An address, alone or as `Name <address>`; in one line, or it could add headers of its own. */
const mailFrom = /^(?:[^<>\p{Cc}]{1,80} )?(?:<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/u
/** Codes and tokens travel to the issuer: by TLS, unless it is on this machine. */
const isIssuer = (value: string) => URL.canParse(value) && (new URL(value).protocol === 'https:' || /^http:\/\/(127\.0\.0\.1|localhost)(:|\/|$)/.test(value))
const emulator = text.refine(value => value === undefined || /^[\w.-]+:\d{1,5}$/.test(value), 'must be host:port')

const environment = z.object({
  PORT: whole(3000, 65_535),
  HOST: text.pipe(z.string().default('0.0.0.0')),
  CHATLY_DATA: text.pipe(z.string().default('./data')),
  CHATLY_SECRET: text.pipe(z.string().min(16, 'must have at least 16 characters').optional()),
  CHATLY_ORIGIN: origins,
  CHATLY_SIGNUP: text.pipe(z.enum(['open', 'invite', 'closed'], 'must be open, invite or closed').default('open')),
  CHATLY_PUBLIC: flag,
  CHATLY_TRUSTED_PROXIES: whole(0, 16),
  CHATLY_METRICS_TOKEN: text.pipe(z.string().min(16, 'must have at least 16 characters').optional()),
  CHATLY_SINGLE_INSTANCE: flag,
  CHATLY_STORAGE: text.pipe(z.enum(['sqlite', 'firestore'], 'must be sqlite or firestore').default('sqlite')),
  CHATLY_ACCOUNTS: text.pipe(z.enum(['local', 'firebase'], 'must be local or firebase').default('local')),
  REDIS_URL: text.transform((value, context) => {
    const address = value === undefined ? null : parseRedisUrl(value)
    if (value !== undefined && !address) context.addIssue({ code: 'custom', message: redisUrlForm })
    return address
  }),
  SMTP_URL: text.refine(value => value === undefined || isSmtpUrl(value), 'must be smtp://[user:password@]host[:port], or smtps://'),
  MAIL_FROM: text.refine(value => value === undefined || mailFrom.test(value), 'must be one address, alone or as Name <address>'),
  GOOGLE_CLIENT_ID: text,
  GOOGLE_CLIENT_SECRET: text,
  GOOGLE_ISSUER: text.pipe(z.string().default('https://accounts.google.com')).refine(isIssuer, 'must be https://host'),
  FIREBASE_PROJECT_ID: text.refine(value => value === undefined || /^[a-z][a-z\d-]{2,62}$/.test(value), 'must be the id of a Firebase project, such as my-chat-1234'),
  FIREBASE_API_KEY: text,
  FIREBASE_AUTH_DOMAIN: text.refine(value => value === undefined || /^(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,}$/.test(value), 'must be a host name alone, such as my-chat-1234.firebaseapp.com'),
  FIREBASE_AUTH_EMULATOR_HOST: emulator,
  FIRESTORE_EMULATOR_HOST: emulator,
  CHATLY_ALLOW_EMULATORS: flag
}).superRefine((given, context) => {
  const need = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message })
  if (given.SMTP_URL && senderOf(given) === null) need('MAIL_FROM', 'must be set with SMTP_URL: the address that mail comes from')
  // The Host of a request is whatever somebody wrote there: a link in a mail must never lead to it.
  if (given.SMTP_URL && given.CHATLY_ORIGIN.length === 0) need('CHATLY_ORIGIN', 'must be set with SMTP_URL: it stands in the links of mails')
  if (given.GOOGLE_CLIENT_ID && !given.GOOGLE_CLIENT_SECRET) need('GOOGLE_CLIENT_SECRET', 'must be set with GOOGLE_CLIENT_ID')
  if (given.GOOGLE_CLIENT_SECRET && !given.GOOGLE_CLIENT_ID) need('GOOGLE_CLIENT_ID', 'must be set with GOOGLE_CLIENT_SECRET')
  if (given.CHATLY_ACCOUNTS === 'firebase') {
    for (const name of ['FIREBASE_PROJECT_ID', 'FIREBASE_API_KEY', 'FIREBASE_AUTH_DOMAIN'] as const) if (!given[name]) need(name, 'must be set with CHATLY_ACCOUNTS=firebase')
    if (given.GOOGLE_CLIENT_ID) need('GOOGLE_CLIENT_ID', 'must not be set with CHATLY_ACCOUNTS=firebase: people sign in with Google by Firebase')
  }
  if (given.CHATLY_STORAGE === 'firestore' && !given.FIREBASE_PROJECT_ID) need('FIREBASE_PROJECT_ID', 'must be set with CHATLY_STORAGE=firestore')
  // What is made and kept in a data folder would be another one on every instance, and a new one at each start where there is no disk.
  if (given.CHATLY_STORAGE === 'firestore' && !given.CHATLY_SECRET) need('CHATLY_SECRET', 'must be set with CHATLY_STORAGE=firestore, to the same on every instance')
  // An emulator believes everybody: its tokens bear no signature.
  for (const name of ['FIREBASE_AUTH_EMULATOR_HOST', 'FIRESTORE_EMULATOR_HOST'] as const) {
    if (given[name] && !given.CHATLY_ALLOW_EMULATORS) need(name, 'must not be set: an emulator is for tests alone (CHATLY_ALLOW_EMULATORS=1 says that this is one)')
  }
})

/** Whom mail comes from: MAIL_FROM, else the user name of SMTP_URL where that is an address. */
function senderOf({ SMTP_URL, MAIL_FROM }: { SMTP_URL?: string | undefined, MAIL_FROM?: string | undefined }): string | null {
  if (MAIL_FROM !== undefined || SMTP_URL === undefined || !isSmtpUrl(SMTP_URL)) return MAIL_FROM ?? null
  const user = decoded(new URL(SMTP_URL).username) ?? ''
  return mailFrom.test(user) ? user : null
}

const googleOf = ({ GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret, GOOGLE_ISSUER: issuer }: z.output<typeof environment>): Config['google'] =>
  clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret, issuer } : null

const firebaseOf = (given: z.output<typeof environment>): Config['firebase'] => given.FIREBASE_PROJECT_ID === undefined
  ? null
  : {
      projectId: given.FIREBASE_PROJECT_ID, apiKey: given.FIREBASE_API_KEY ?? '', authDomain: given.FIREBASE_AUTH_DOMAIN ?? '',
      authEmulator: given.FIREBASE_AUTH_EMULATOR_HOST ?? null
    }

/** What the process was told, once, at start. `secret` is null when it is to be made and kept in the data folder. */
export interface Config {
  port: number
  host: string
  /** Absolute path of the folder for the database and the keys. */
  dataFolder: string
  secret: string | null
  /** Public origins; empty: the request's own host decides. */
  origins: string[]
  signup: 'open' | 'invite' | 'closed'
  public: boolean
  trustedProxies: number
  metricsToken: string | null
  /** Start although another process holds the storage. */
  singleInstanceOverride: boolean
  storage: 'sqlite' | 'firestore'
  accounts: 'local' | 'firebase'
  /** null: one process is all there is. */
  redis: RedisAddress | null
  /** The mail server; null: no mail is sent. With it there is `mailFrom`, and at least one of `origins`. */
  smtpUrl: string | null
  /** An address, alone or as `Name <address>`. */
  mailFrom: string | null
  /** "Sign in with Google"; null: not offered. `issuer` is Google, but for a test's stand-in. */
  google: { clientId: string, clientSecret: string, issuer: string } | null
  /** null: without a project. Where accounts are kept there, nothing of it is empty; `authEmulator` (host:port) is a test's. None of it is secret. */
  firebase: { projectId: string, apiKey: string, authDomain: string, authEmulator: string | null } | null
}

/** A setting that cannot be right. The message is one line that names the variable. */
export class ConfigError extends Error { override readonly name = 'ConfigError' }

/**
 * Reads all settings from environment variables; every one has a default.
 * @throws ConfigError naming the first variable that is wrong
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message}.`)
  }
  const given = parsed.data
  return {
    port: given.PORT, host: given.HOST, dataFolder: resolve(given.CHATLY_DATA), secret: given.CHATLY_SECRET ?? null, origins: given.CHATLY_ORIGIN,
    signup: given.CHATLY_SIGNUP, public: given.CHATLY_PUBLIC, trustedProxies: given.CHATLY_TRUSTED_PROXIES, metricsToken: given.CHATLY_METRICS_TOKEN ?? null,
    singleInstanceOverride: given.CHATLY_SINGLE_INSTANCE,
    storage: given.CHATLY_STORAGE, accounts: given.CHATLY_ACCOUNTS, redis: given.REDIS_URL,
    smtpUrl: given.SMTP_URL ?? null, mailFrom: senderOf(given), google: googleOf(given), firebase: firebaseOf(given)
  }
}

/** Makes the data folder, readable by this user alone. Throws ConfigError when that cannot be. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new ConfigError(`CHATLY_DATA ${folder} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/**
 * The key material of this installation: what `CHATLY_SECRET` says, else the file `secret` in the data folder, made on first start.
 * Two processes that start at once end with the same one: the file appears with its content or not at all.
 */
export function loadSecret(folder: string, given: string | null): string {
  if (given) return given
  const file = join(folder, 'secret')
  const fresh = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(fresh, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
    try {
      linkSync(fresh, file)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      rmSync(fresh, { force: true })
    }
    chmodSync(file, 0o600)
    const secret = readFileSync(file, 'utf8').trim()
    if (secret.length < 16) throw new Error('it is too short; restore it, or delete it to make a new one')
    return secret
  } catch (cause) {
    throw new ConfigError(`CHATLY_SECRET is not set and ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
