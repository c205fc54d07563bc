import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { addressKey, askerOf, clientAddress, fromLoopback, isOurs, isSecure, noteAsker, originAllowed, readJson, standsAlone } from '../../../server/utils/request'

const from = (remoteAddress: string, headers: Record<string, string> = {}) => ({ socket: { remoteAddress }, headers })

describe('clientAddress', () => {
  it('believes nobody by default', () => {
    expect(clientAddress(from('10.0.0.1', { 'x-forwarded-for': '1.2.3.4' }), 0)).toBe('10.0.0.1')
  })

  it('believes as many hops as it was told, from our end', () => {
    const request = from('10.0.0.1', { 'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.2' })
    expect(clientAddress(request, 1)).toBe('10.0.0.2')
    expect(clientAddress(request, 2)).toBe('1.2.3.4')
    expect(clientAddress(from('10.0.0.1'), 3)).toBe('10.0.0.1')
  })
})

describe('addressKey', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'], ['203.0.113.9:51000', '203.0.113.9'], ['::ffff:203.0.113.9', '203.0.113.9'], ['::FFFF:cb00:7109', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:DB8:1:2::', '2001:db8:1:2::/64'], ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8:0:0::/64'], ['[2001:db8:1:2::5]:443', '2001:db8:1:2::/64'], ['[2001:db8:1:2::5]', '2001:db8:1:2::/64'], ['2001:db8:1:3::5', '2001:db8:1:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'], ['::1', '0:0:0:0::/64'], ['::', '0:0:0:0::/64'], ['64:ff9b::203.0.113.9', '64:ff9b:0:0::/64'],
    ['', ''], ['unknown', 'unknown'], ['1.2.3', '1.2.3'], [':::', ':::'], ['x'.repeat(200), 'x'.repeat(64)]
  ])('%s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })

  it('is its own key, so that nobody counts twice', () => {
    for (const address of ['203.0.113.9', '2001:db8:1:2::5']) expect(addressKey(addressKey(address))).toBe(addressKey(address))
  })
})

describe('fromLoopback', () => {
  it.each([
    ['127.0.0.1', { host: 'localhost:3000' }, true], ['::1', { host: '[::1]:3000' }, true], ['::ffff:127.0.0.1', { host: '127.0.0.1' }, true],
    ['192.168.1.5', { host: 'localhost' }, false],
    ['127.0.0.1', { 'host': 'localhost', 'x-forwarded-for': '1.2.3.4' }, false], ['127.0.0.1', { host: 'localhost', forwarded: 'for=1.2.3.4' }, false],
    // What nginx sends that was told of nothing but the scheme: our own name, and that it is not us.
    ['127.0.0.1', { 'host': '127.0.0.1:3000', 'x-forwarded-proto': 'https' }, false], ['127.0.0.1', { 'host': '127.0.0.1:3000', 'x-forwarded-proto': '' }, false],
    ['127.0.0.1', { 'host': 'localhost', 'x-forwarded-host': 'chat.example' }, false], ['127.0.0.1', { 'host': 'localhost', 'x-real-ip': '1.2.3.4' }, false], ['127.0.0.1', { host: 'localhost', via: '1.1 x' }, false],
    ['127.0.0.1', { host: 'rebound.example' }, false], ['127.0.0.1', {}, false]
  ])('%s %o: %s', (address, headers, expected) => {
    expect(fromLoopback(from(address, headers as Record<string, string>))).toBe(expected)
  })
})

describe('standsAlone', () => {
  it.each([
    [0, [], true], [0, ['http://localhost:3000'], true], [0, ['http://127.0.0.1:3000', 'http://[::1]:3000'], true],
    [1, [], false], [0, ['https://chat.example'], false], [0, ['http://localhost:3000', 'http://chat.lan:3000'], false], [0, ['http://localhost.evil.example'], false]
  ])('%i proxies, known as %j: %s', (trustedProxies, origins, expected) => {
    expect(standsAlone({ trustedProxies, origins: origins as string[] })).toBe(expected)
  })
})

describe('isSecure', () => {
  it('is what the socket or a proxy says', () => {
    expect(isSecure({ headers: {}, socket: { encrypted: true } })).toBe(true)
    expect(isSecure(from('1.1.1.1', { 'x-forwarded-proto': 'https, http' }))).toBe(true)
    expect(isSecure(from('1.1.1.1', { 'x-forwarded-proto': 'http' }))).toBe(false)
    expect(isSecure(from('1.1.1.1'))).toBe(false)
  })
})

describe('originAllowed', () => {
  it.each([
    ['the same host', { host: 'chat.lan:3000', origin: 'http://chat.lan:3000' }, [], true],
    ['behind TLS', { host: 'chat.example', origin: 'https://chat.example' }, [], true],
    ['a default port written out', { host: 'chat.example:443', origin: 'https://chat.example' }, [], true],
    ['another port', { host: 'chat.lan:3000', origin: 'http://chat.lan:4000' }, [], false],
    ['another host', { host: 'chat.lan', origin: 'http://evil.example' }, [], false],
    ['a host that only begins alike', { host: 'chat.lan', origin: 'http://chat.lan.evil.example' }, [], false],
    ['an opaque origin', { host: 'chat.lan', origin: 'null' }, [], false],
    ['no host', { origin: 'http://chat.lan' }, [], false],
    ['a configured origin', { host: 'inside:3000', origin: 'https://chat.example' }, ['https://chat.example'], true],
    ['the configured host by another scheme', { host: 'chat.example', origin: 'http://chat.example' }, ['https://chat.example'], false],
    ['another subdomain', { 'host': 'chat.example', 'origin': 'https://blog.example', 'sec-fetch-site': 'same-site' }, [], false],
    ['a browser without Origin, from another subdomain', { 'host': 'chat.lan', 'sec-fetch-site': 'same-site' }, [], false],
    ['the browser\'s own doing, as an address typed in', { 'host': 'chat.lan', 'sec-fetch-site': 'none' }, [], true],
    ['one of several configured origins, from another of them', { 'host': 'a.example', 'origin': 'https://b.example', 'sec-fetch-site': 'cross-site' }, ['https://a.example', 'https://b.example'], true],
    ['a program', { host: 'chat.lan' }, [], true],
    ['a browser without Origin, from elsewhere', { 'host': 'chat.lan', 'sec-fetch-site': 'cross-site' }, [], false],
    ['a browser without Origin, from here', { 'host': 'chat.lan', 'sec-fetch-site': 'same-origin' }, [], true]
  ])('%s', (_, headers, origins, expected) => {
    expect(originAllowed({ headers: headers as Record<string, string> }, origins as string[])).toBe(expected)
  })
})

describe('readJson', () => {
  const json = { 'content-type': 'application/json; charset=utf-8' }
  const request = (parts: (string | Buffer)[], headers: Record<string, string> = json) =>
    Object.assign(Readable.from(parts.map(part => Buffer.from(part)), { objectMode: false }), { headers })
  const refusal = (code: string) => expect.objectContaining({ code })

  it('reads what is there, however it is cut', async () => {
    const bytes = Buffer.from('{"name":"Zoë 🦊"}')
    expect(await readJson(request([bytes.subarray(0, 12), bytes.subarray(12, 13), bytes.subarray(13)]))).toEqual({ name: 'Zoë 🦊' })
  })

  it('refuses what is not JSON', async () => {
    await expect(readJson(request(['{}'], { 'content-type': 'text/plain' }))).rejects.toEqual(refusal('unsupported'))
    await expect(readJson(request(['{}'], {}))).rejects.toEqual(refusal('unsupported'))
    await expect(readJson(request(['{"a":']))).rejects.toEqual(refusal('invalid'))
    await expect(readJson(request([]))).rejects.toEqual(refusal('invalid'))
    await expect(readJson(request([Buffer.from([0x22, 0xff, 0x22])]))).rejects.toEqual(refusal('invalid'))
  })

  it('stops at 64 KiB, said or not', async () => {
    await expect(readJson(request(['{}'], { ...json, 'content-length': '70000' }))).rejects.toEqual(refusal('too_large'))
    await expect(readJson(request(['"', 'a'.repeat(40_000), 'a'.repeat(40_000), '"']))).rejects.toEqual(refusal('too_large'))
  })

  it('does not wait for ever, and takes an abort for what it is', async () => {
    const slow = Object.assign(new Readable({ read() {} }), { headers: json })
    await expect(readJson(slow, 20)).rejects.toEqual(refusal('invalid'))
    const aborted = Object.assign(new Readable({ read() { this.destroy(new Error('aborted')) } }), { headers: json })
    await expect(readJson(aborted)).rejects.toEqual(refusal('invalid'))
  })
})

describe('a request that the server makes to itself', () => {
  const asked = from('203.0.113.9')
  const context: { asker?: typeof asked } = {}
  noteAsker(asked, context)
  /** As Nitro makes it. Its stream can't be read. */
  const own = (body: unknown, type = 'application/json') => ({
    __unenv__: context, body, headers: { 'content-type': type }, socket: { remoteAddress: '' },
    [Symbol.asyncIterator]: () => { throw new Error('Readable.asyncIterator is not implemented yet!') }
  })

  it('is that of whoever asks for the page', () => {
    const inner = own(null)
    noteAsker(inner, context)
    expect(askerOf(inner)).toBe(asked)
    expect(askerOf(asked)).toBe(asked)
    expect([isOurs(inner), isOurs(asked), isOurs(Object.assign(own(null), { __unenv__: {} }))]).toEqual([true, false, false])
  })

  it('has its body read, under the same limits', async () => {
    expect(await readJson(own('{"code":"ü"}'))).toEqual({ code: 'ü' })
    expect(await readJson(own(Buffer.from('[1]')))).toEqual([1])
    await expect(readJson(own(`"${'ü'.repeat(40_000)}"`))).rejects.toMatchObject({ code: 'too_large' })
    await expect(readJson(own('{'))).rejects.toMatchObject({ code: 'invalid' })
    await expect(readJson(own(null))).rejects.toMatchObject({ code: 'invalid' })
    await expect(readJson(own('{}', 'text/plain'))).rejects.toMatchObject({ code: 'unsupported' })
  })
})
