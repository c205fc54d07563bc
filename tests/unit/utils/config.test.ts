import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSecret, parseConfig, prepareFolder } from '../../../server/utils/config'

describe('parseConfig', () => {
  it('needs nothing', () => {
    expect(parseConfig({})).toMatchObject({ port: 3000, host: '0.0.0.0', secret: null, origins: [], signup: 'open', public: false, trustedProxies: 0, metricsToken: null, storage: 'sqlite', accounts: 'local', redis: null })
    expect(parseConfig({}).dataFolder).toMatch(/[/\\]data$/)
  })

  const plain = { port: 6379, tls: false, username: undefined, password: undefined, database: 0 }
  it.each([
    ['redis://localhost', { ...plain, host: 'localhost', name: 'Redis at localhost:6379' }],
    ['rediss://user:p%40ss@redis.example.org:6380/2', { host: 'redis.example.org', port: 6380, tls: true, username: 'user', password: 'p@ss', database: 2, name: 'Redis at redis.example.org:6380' }],
    ['redis://[::1]:7000', { ...plain, host: '::1', port: 7000, name: 'Redis at [::1]:7000' }],
    ['redis://:@host', { ...plain, host: 'host', name: 'Redis at host:6379' }]
  ])('takes %s for Redis', (url, redis) => {
    expect(parseConfig({ REDIS_URL: url }).redis).toEqual(redis)
  })

  it.each(['localhost:6379', 'http://:sekret@host', 'redis://', 'redis://:sekret@host:port', 'redis://:sek#ret@host', 'redis://:sekret@host/one', 'redis://:%zzsekret@host', 'redis://default:1234#sekret@host:6379', 'redis://default:1234?sekret@host:6379', 'redis://:sekret@host:6379?db=2', 'redis://sekret:1234#', 'redis', 'redis://:sek@host:0'])('refuses %s for Redis without repeating it', (url) => {
    expect(() => parseConfig({ REDIS_URL: url })).toThrow(/^REDIS_URL must look like (?!.*(sek|1234))[^\n]+percent-encoded\.$/)
  })

  it('takes an empty variable as unset', () => {
    expect(parseConfig({ PORT: '', CHATLY_SIGNUP: ' ', CHATLY_ORIGIN: '', CHATLY_PUBLIC: '', REDIS_URL: '', CHATLY_SECRET: '' })).toMatchObject({ port: 3000, signup: 'open', public: false, secret: null })
  })

  it('reads what is set', () => {
    expect(parseConfig({ PORT: '8080', CHATLY_PUBLIC: 'true', CHATLY_ORIGIN: 'https://chat.example.org, http://chat.lan:3000/', CHATLY_TRUSTED_PROXIES: '2' }))
      .toMatchObject({ port: 8080, public: true, origins: ['https://chat.example.org', 'http://chat.lan:3000'], trustedProxies: 2 })
  })

  it('sends mail from MAIL_FROM, else from the user of SMTP_URL', () => {
    const CHATLY_ORIGIN = 'https://chat.example.org'
    expect(parseConfig({})).toMatchObject({ smtpUrl: null, mailFrom: null })
    const SMTP_URL = 'smtps://chat%40example.org:p%3Ass@mail.example.org:465'
    expect(parseConfig({ SMTP_URL, CHATLY_ORIGIN })).toMatchObject({ smtpUrl: SMTP_URL, mailFrom: 'chat@example.org' })
    expect(parseConfig({ SMTP_URL, CHATLY_ORIGIN, MAIL_FROM: 'Our Chat <hello@example.org>' })).toMatchObject({ mailFrom: 'Our Chat <hello@example.org>' })
  })

  it('offers Google where both of its settings are there', () => {
    expect(parseConfig({}).google).toBeNull()
    expect(parseConfig({ GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' }).google).toEqual({ clientId: 'id', clientSecret: 'secret', issuer: 'https://accounts.google.com' })
  })

  const firebase = { FIREBASE_PROJECT_ID: 'my-chat-1234', FIREBASE_API_KEY: 'key', FIREBASE_AUTH_DOMAIN: 'my-chat-1234.firebaseapp.com' }
  const withFirebase = { CHATLY_ACCOUNTS: 'firebase', ...firebase }

  it('keeps accounts at Firebase where all of its settings are there', () => {
    expect(parseConfig({}).firebase).toBeNull()
    expect(parseConfig(withFirebase)).toMatchObject({
      accounts: 'firebase', firebase: { projectId: 'my-chat-1234', apiKey: 'key', authDomain: 'my-chat-1234.firebaseapp.com', authEmulator: null }
    })
    expect(parseConfig({ CHATLY_STORAGE: 'firestore', FIREBASE_PROJECT_ID: 'my-chat-1234', CHATLY_SECRET: 'sixteen letters!' })).toMatchObject({ storage: 'firestore', firebase: { projectId: 'my-chat-1234', apiKey: '' } })
  })

  it('takes an emulator only where it is said that this is a test', () => {
    for (const [name, more] of [['FIREBASE_AUTH_EMULATOR_HOST', withFirebase], ['FIRESTORE_EMULATOR_HOST', {}]] as const) {
      expect(() => parseConfig({ ...more, [name]: '127.0.0.1:9099' })).toThrow(new RegExp(`^${name} must not be set: [^\\n]+\\.$`))
      expect(() => parseConfig({ ...more, [name]: '127.0.0.1:9099', CHATLY_ALLOW_EMULATORS: '1' })).not.toThrow()
    }
    expect(parseConfig({ ...withFirebase, FIREBASE_AUTH_EMULATOR_HOST: '127.0.0.1:9099', CHATLY_ALLOW_EMULATORS: '1' }).firebase?.authEmulator).toBe('127.0.0.1:9099')
  })

  it.each([
    ...Object.keys(firebase).map((name): [Record<string, string>, string] => [{ ...withFirebase, [name]: '' }, name]), [{ CHATLY_STORAGE: 'firestore' }, 'FIREBASE_PROJECT_ID'],
    [{ CHATLY_STORAGE: 'firestore', FIREBASE_PROJECT_ID: 'my-chat-1234' }, 'CHATLY_SECRET'],
    [{ ...withFirebase, FIREBASE_PROJECT_ID: 'No Project' }, 'FIREBASE_PROJECT_ID'], [{ ...withFirebase, FIREBASE_AUTH_DOMAIN: 'https://my-chat.firebaseapp.com' }, 'FIREBASE_AUTH_DOMAIN'],
    [{ ...withFirebase, FIREBASE_AUTH_DOMAIN: 'a.example; script-src *' }, 'FIREBASE_AUTH_DOMAIN'], [{ ...withFirebase, GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' }, 'GOOGLE_CLIENT_ID'],
    [{ FIREBASE_AUTH_EMULATOR_HOST: 'http://evil', CHATLY_ALLOW_EMULATORS: '1' }, 'FIREBASE_AUTH_EMULATOR_HOST'],
    [{ PORT: 'eighty' }, 'PORT'], [{ PORT: '70000' }, 'PORT'], [{ PORT: '1.5' }, 'PORT'], [{ CHATLY_SIGNUP: 'maybe' }, 'CHATLY_SIGNUP'], [{ CHATLY_PUBLIC: 'yes please' }, 'CHATLY_PUBLIC'],
    [{ CHATLY_ORIGIN: 'chat.example.org' }, 'CHATLY_ORIGIN'], [{ CHATLY_ORIGIN: 'https://a.example/path' }, 'CHATLY_ORIGIN'], [{ CHATLY_SECRET: 'short' }, 'CHATLY_SECRET'],
    [{ CHATLY_STORAGE: 'floppy' }, 'CHATLY_STORAGE'], [{ CHATLY_ACCOUNTS: 'ldap' }, 'CHATLY_ACCOUNTS'], [{ CHATLY_TRUSTED_PROXIES: '-1' }, 'CHATLY_TRUSTED_PROXIES'],
    [{ SMTP_URL: 'localhost:25' }, 'SMTP_URL'], [{ SMTP_URL: 'localhost' }, 'SMTP_URL'], [{ SMTP_URL: 'smtp://%ff@localhost' }, 'SMTP_URL'], [{ SMTP_URL: 'http://localhost' }, 'SMTP_URL'], [{ SMTP_URL: 'smtp://' }, 'SMTP_URL'], [{ MAIL_FROM: 'Chatly' }, 'MAIL_FROM'],
    [{ MAIL_FROM: 'Chatly <chat@example.org>\nBcc: all@example.org' }, 'MAIL_FROM'], [{ SMTP_URL: 'smtp://mail.example.org', CHATLY_ORIGIN: 'https://chat.example.org' }, 'MAIL_FROM'],
    [{ SMTP_URL: 'smtp://chatly:secret@mail.example.org', CHATLY_ORIGIN: 'https://chat.example.org' }, 'MAIL_FROM'], [{ SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'chat@example.org' }, 'CHATLY_ORIGIN'],
    [{ GOOGLE_CLIENT_ID: 'id' }, 'GOOGLE_CLIENT_SECRET'], [{ GOOGLE_CLIENT_SECRET: 'secret' }, 'GOOGLE_CLIENT_ID'], [{ GOOGLE_ISSUER: 'http://accounts.example.org' }, 'GOOGLE_ISSUER'],
    [{ CHATLY_METRICS_TOKEN: 'x' }, 'CHATLY_METRICS_TOKEN']
  ])('refuses %o in one line that names the variable', (env, name) => {
    expect(() => parseConfig(env)).toThrow(new RegExp(`^${name} [^\\n]+\\.$`))
  })
})

describe('loadSecret', () => {
  let folder: string
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'chatly-config-')) })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('makes one on the first start, for this user alone, and keeps it', () => {
    const data = join(folder, 'deep', 'data')
    prepareFolder(data)
    const secret = loadSecret(data, null)
    expect(secret.length).toBeGreaterThanOrEqual(43)
    expect(statSync(join(data, 'secret')).mode & 0o777).toBe(0o600)
    expect(loadSecret(data, null)).toBe(secret)
    expect(readdirSync(data)).toEqual(['secret'])
  })

  it('takes what it is given and writes nothing', () => {
    expect(loadSecret(folder, 'given-by-the-operator')).toBe('given-by-the-operator')
    expect(readdirSync(folder)).toEqual([])
  })

  it('refuses a broken file instead of weakening every key', () => {
    writeFileSync(join(folder, 'secret'), '\n')
    expect(() => loadSecret(folder, null)).toThrow(/^CHATLY_SECRET .*too short/)
    expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('\n')
  })

  it('says which folder cannot be made', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => prepareFolder(join(folder, 'file', 'data'))).toThrow(/^CHATLY_DATA /)
  })
})
