import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { limits } from '#shared/limits'
import * as schemas from '#shared/schemas'
import { clientFrame, emoji, messageText, personName, roomName, slug, topic } from '#shared/schemas'

const refused = (schema: { safeParse: (value: unknown) => { success: boolean } }, value: unknown) => !schema.safeParse(value).success

describe('message text', () => {
  it('keeps line breaks, tabs and indentation, and drops blank edges', () => {
    expect(messageText.parse('\r\n\n  a\r\n\tb  \n\n')).toBe('  a\n\tb')
  })
  it('counts code points, not UTF-16 units', () => {
    expect(messageText.parse('😀'.repeat(2_500)).length).toBe(5_000)
    expect(refused(messageText, 'x'.repeat(limits.textCodePoints + 1))).toBe(true)
    expect(messageText.parse('x'.repeat(limits.textCodePoints))).toHaveLength(limits.textCodePoints)
  })
  it('may not be larger than 12 KiB as JSON', () => {
    expect(refused(messageText, '€'.repeat(4_000))).toBe(false)
    expect(refused(messageText, '😀'.repeat(3_500))).toBe(true)
    expect(refused(messageText, '"'.repeat(4_000))).toBe(false)
  })
  it.each(['', '   ', '\n\t\n', '\u0000', 'a\u0007b', '\u009b', '\ud800', 5, null, {}, ['a']])('refuses %j', (text) => {
    expect(refused(messageText, text)).toBe(true)
  })
  it.each([
    ['spaces before a last letter', messageText, `a${' '.repeat(65_000)}b`], ['marks in the wrong order', personName, `a${'\u0315'.repeat(16_000)}${'\u0327'.repeat(16_000)}`],
    ['marks in the wrong order', topic, `a${'\u0315'.repeat(16_000)}${'\u0327'.repeat(16_000)}`]
  ])('is looked at in no time: 64 KB of %s', (_, schema, text) => {
    const begun = performance.now()
    schema.safeParse(text)
    expect(performance.now() - begun).toBeLessThan(500)
  })
  it('refuses 4,000 control characters', () => {
    expect(refused(messageText, '\u0001'.repeat(4_000))).toBe(true)
  })
  it('keeps markup as the text that it is', () => {
    const text = '<script>alert(1)</script> a < b && <b>bold</b> javascript:alert(1)'
    expect(messageText.parse(text)).toBe(text)
  })
})

describe('names', () => {
  it('are one trimmed line in composed form', () => {
    expect(personName.parse('  Zoe\u0308 ')).toBe('Zoë')
  })
  it.each(['', '  ', 'x'.repeat(10_000), 'a\nb', 'a\tb', 'a\u0000', 'safe\u202Egnp.exe', '\udc00'])('refuse %j', (name) => {
    expect(refused(personName, name)).toBe(true)
  })
  it.each([
    ['zero-width space', '\u200B\u200B'], ['Hangul filler', '\u3164'], ['half-width filler', '\uFFA0'], ['blank Braille', '\u2800'], ['word joiner', '\u2060'], ['soft hyphen', '\u00AD'],
    ['joiners', '\u200D\u200C'], ['a variation selector', '\uFE0F'], ['tags', '\u{E0041}\u{E007F}'], ['marks of direction', '\u200E\u200F'], ['a mark on nothing', '\u0301'], ['several', ' \u3164 \u200B\u2800 ']
  ])('refuse what nobody sees: %s', (_, name) => {
    for (const schema of [personName, roomName]) expect(schema.safeParse(name).error?.issues[0]?.message).toMatch(/ is empty\.$/)
  })
  it('lose what nobody sees among what is seen', () => {
    expect(personName.parse('\u200BAnn\uFEFF\u2060 \u00ADLee\u200E')).toBe('Ann Lee')
    expect(personName.parse('An\u200Bn')).toBe('Ann')
    expect(personName.parse('\u200DAnn\u200C \u200DLee')).toBe('Ann Lee')
    expect(personName.parse('\u200B Ann \u200B')).toBe('Ann')
  })
  it.each([
    ['a family', '👩‍👩‍👧‍👦'], ['a heart on fire', '❤️‍🔥'], ['a skin tone', '👩🏽‍🚀'], ['a flag by tags', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'], ['a keycap', '1️⃣'],
    ['Persian', 'می\u200Cخواهم'], ['Malayalam', 'ന്\u200D'.repeat(2)], ['Sinhala', 'ක්\u200Dෂ'], ['Arabic', 'محمد'], ['Hebrew', 'דוד'], ['Japanese', '日本語'], ['signs alone', '***'], ['a digit', '7']
  ])('keep what makes another sign of its neighbours, or is one: %s', (_, name) => {
    expect(personName.parse(`${name}!`)).toBe(`${name}!`)
  })
  it('a topic may be empty', () => {
    expect(topic.parse(' ')).toBe('')
  })
})

describe('slugs', () => {
  it.each(['lobby', 'über-uns', '日本語', 'a-2'])('take %s', text => expect(slug.parse(text)).toBe(text))
  it.each(['', '..', '../etc', 'a/b', 'a%2fb', '-a', 'a b', '.', 'a.b', 'a\\b', 'x'.repeat(81)])('refuse %j', text => expect(refused(slug, text)).toBe(true))
})

describe('emoji', () => {
  it.each(['👍', '❤️', '👩‍👩‍👧‍👦', '🇩🇪', '👋🏽', '1️⃣'])('take %s', text => expect(emoji.parse(text)).toBe(text))
  it.each(['', 'a', '1', '👍👍', '<b>', '👍 '])('refuse %j', text => expect(refused(emoji, text)).toBe(true))
})

describe('frames', () => {
  const send = { type: 'send', id: 1, room: 'r1', nonce: 'n'.repeat(16), text: 'hi' }
  it('ignore unknown fields', () => {
    expect(clientFrame.parse({ ...send, later: true })).toEqual(send)
  })
  it.each([
    [{ ...send, id: '1' }], [{ ...send, id: -1 }], [{ ...send, id: 1.5 }], [{ ...send, room: '../x' }], [{ ...send, room: 'a:b' }], [{ ...send, room: '*' }],
    [{ ...send, nonce: 'short' }], [{ ...send, nonce: 'n'.repeat(37) }], [{ ...send, text: null }], [{ ...send, type: 'unknown' }], [{ ...send, type: '__proto__' }],
    [[]], [null], ['hi'], [{ type: 'read', room: 'r1', seq: Infinity }], [{ type: 'subscribe', id: 1, room: 'r1', position: { epoch: '', seq: 1 } }]
  ])('refuse %j', (frame) => {
    expect(refused(clientFrame, frame)).toBe(true)
  })
  it('give no way to the prototype', () => {
    const frame = clientFrame.parse(JSON.parse('{"type":"ping","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'))
    expect(frame).toEqual({ type: 'ping' })
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('bodies', () => {
  /** For every schema of a body a body that it takes, so that what is poisoned in it gets as far as it can. */
  const code = 'A'.repeat(43)
  const taken: Record<string, object> = {
    signUpBody: { name: 'Ann', email: 'ann@example.org', password: 'correct horse', remember: true, invite: code }, logInBody: { email: 'ann@example.org', password: 'correct horse', remember: true },
    setUpBody: { name: 'Ann', email: 'ann@example.org', password: 'correct horse', remember: true, token: 't' }, firebaseBody: { idToken: 't', remember: true, name: 'Ann', invite: code },
    firebaseSetUpBody: { idToken: 't', remember: true, name: 'Ann', token: 't' }, forgotBody: { email: 'ann@example.org' }, resetBody: { token: 't', password: 'correct horse' }, verifyBody: { token: 't' },
    changePasswordBody: { current: 'correct horse', next: 'another horse' }, renameBody: { name: 'Ann' }, deleteAccountBody: { password: 'correct horse', idToken: '', messages: 'keep' },
    createRoomBody: { name: 'Den', topic: '', visibility: 'private', listed: false, password: 'sesame' }, updateRoomBody: { topic: 'x', slowModeSeconds: 5 }, joinBody: { password: 'sesame' },
    makeInviteBody: { role: 'guest', days: 1, uses: 1 }, inviteBody: { code }, guestBody: { code, name: 'Gus' }, memberBody: { muteSeconds: 0 }, reportBody: { message: 'm', reason: '' },
    closeReportBody: { outcome: 'dismissed' }, siteBody: { signup: 'closed' }, accountBody: { disabled: true }, sendBody: { nonce: 'n'.repeat(16), text: 'hi', replyTo: 'm' }
  }
  /** These take nothing beside what they know. */
  const strict = ['memberBody', 'accountBody']
  const poison = '"__proto__":{"admin":true,"role":"owner","name":"Eve"},"constructor":{"prototype":{"admin":true}},"prototype":{"admin":true}'
  const poisoned = (body: object): unknown => JSON.parse(`${JSON.stringify(body).slice(0, -1)},${poison}}`)
  const named = Object.entries(schemas).filter(([name]) => name.endsWith('Body')) as [string, z.ZodType][]

  it('have an example each', () => expect(named.map(([name]) => name).sort()).toEqual(Object.keys(taken).sort()))

  it.each(named)('%s gives no way to the prototype', (name, schema) => {
    const body = taken[name]!
    expect(schema.parse(body)).toEqual(body)
    const result = schema.safeParse(poisoned(body))
    if (strict.includes(name)) return expect(result.success).toBe(false)
    const parsed = result.data as object
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(Reflect.ownKeys(parsed).sort()).toEqual(Object.keys(body).sort())
    expect(parsed).toEqual(body)
    expect('admin' in {}).toBe(false)
  })

  it.each<[string, z.ZodType, (value: unknown) => object, unknown[], unknown[]]>([
    ['slow mode', schemas.updateRoomBody, slowModeSeconds => ({ slowModeSeconds }), [0, 5, 21_600], [-1, 1, 4, 21_601, 5.5, '5', null]],
    ['a mute', schemas.memberBody, muteSeconds => ({ muteSeconds }), [0, 1, 2_419_200], [-1, 2_419_201, 1.5, '60', null]],
    ['the days of an invite', schemas.makeInviteBody, days => ({ role: 'guest', days }), [1, 365, null], [0, -1, 366, 1.5, '7']],
    ['the uses of an invite', schemas.makeInviteBody, uses => ({ role: 'guest', uses }), [1, 10_000, null], [0, -1, 10_001, 1.5, '7']]
  ])('%s is within its bounds', (_, schema, bodyOf, good, bad) => {
    for (const value of good) expect(schema.parse(bodyOf(value)), String(value)).toMatchObject(bodyOf(value))
    expect(bad.filter(value => !refused(schema, bodyOf(value)))).toEqual([])
  })
})
