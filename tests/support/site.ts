import type { Effect, NewAccount, Storage } from '../../server/core/ports'
import { change, invite, joins, report, room } from './storage'

/** Everything about it is given, so that the same is done to every storage. */
let nonces = 0
const nonce = () => `nonce${String(++nonces).padStart(16, '0')}`
const somebody = (id: string, overrides: Partial<NewAccount> = {}): NewAccount => ({
  id, name: `${id.toUpperCase()} Ångström`, kind: 'member', admin: false, at: 1_000, credential: { kind: 'password', subject: `${id}@example.org`, secretHash: `hash of ${id}`, verifiedAt: null }, ...overrides
})

/** Texts that a careless reader of lines, or of JSON, would spoil. */
export const texts = ['plain', 'two\nlines and a\ttab', 'breaks that are none: \u2028 \u2029 \u0085', '"quoted" \\ and {"deleted":true}', '𝔘𝔫𝔦 👩‍👩‍👧 ß İ', '{"type":"end"}\n']

/**
 * A site with every kind of thing that a storage can hold, each in every state that it can have: accounts, rooms, events, members, bans, mutes, invites, reports,
 * histories, settings; and what is deleted.
 */
export async function seedSite(storage: Storage): Promise<void> {
  nonces = 0
  let clock = 2_000
  const does = async (where: string, who: string, effects: Effect[], rest: Parameters<typeof change>[3] = {}) => {
    const [result] = await storage.append([change(where, who, effects, { nonce: nonce(), at: ++clock, ...rest })])
    if (!result?.ok) throw new Error(`${where}, ${who}: ${result?.refused}`)
    return result
  }
  const says = (where: string, who: string, message: string, text: string, replyTo: string | null = null) => does(where, who, [{ do: 'post', message, text, replyTo }])
  const reacts = (who: string, message: string, emoji: string, on = true) => does('lobby', who, [{ do: 'react', message, user: who, emoji, on }])

  await storage.firstAccount(somebody('ada', { admin: true }), room('ada', { id: 'lobby', slug: 'lobby', name: 'Lobby', topic: 'All welcome' }))
  for (const id of ['bob', 'dan', 'eve', 'fay', 'hal', '__id']) await storage.createAccount(somebody(id))
  await storage.createAccount(somebody('bot', { kind: 'bot', credential: { kind: 'google', subject: 'google-1', secretHash: '', verifiedAt: 1_200 } }))
  await storage.addCredential('bob', { kind: 'firebase', subject: 'firebase-1', secretHash: 'mark', verifiedAt: null })
  await storage.addCredential('bob', { kind: 'google', subject: 'google-2', secretHash: '', verifiedAt: 1_300 })
  await storage.verifyCredential('password', 'bob', 'bob@example.org', 1_400)
  await storage.createSession({ idHash: 'session', user: 'bob', remember: true, at: 1_500, agent: 'Browser' })
  await storage.rename('fay', 'Fay, renamed')

  await storage.createRoom(room('bob', { id: 'club', slug: 'club', name: 'The Club İ', topic: 'Secrets', visibility: 'private', passwordHash: 'hash of club', at: 1_600 }))
  await storage.createRoom(room('eve', { id: '__room', slug: 'raum-ü', name: 'Handed over', visibility: 'private', listed: false, at: 1_700 }))
  await storage.createRoom(room('dan', { id: 'gone', slug: 'gone', name: 'Deleted' }))
  await storage.createRoom(room('ada', { id: 'quiet', slug: 'quiet', name: 'Nobody wrote here' }))

  for (const id of ['bob', 'dan', 'eve', 'fay', '__id']) await does('lobby', id, [joins(id)])
  for (const [index, text] of texts.entries()) await says('lobby', index % 2 === 0 ? 'bob' : '__id', `m${index}`, text, index > 1 ? 'm0' : null)
  await does('lobby', 'bob', [{ do: 'edit', message: 'm0', text: 'edited' }])
  await does('lobby', 'bob', [{ do: 'edit', message: 'm0', text: 'edited again\u2028' }])
  for (const [who, emoji] of [['fay', '👍'], ['bob', '🎉'], ['ada', '👍'], ['dan', '😀'], ['bob', '👍']] as const) await reacts(who, 'm0', emoji)
  await reacts('fay', 'm0', '👍', false)
  await reacts('fay', 'm0', '👍')
  await reacts('dan', 'm1', '👍')
  await reacts('dan', 'm1', '👍', false)
  await says('lobby', 'eve', 'm10', 'to be deleted')
  await does('lobby', 'eve', [{ do: 'edit', message: 'm10', text: '' }])
  await reacts('ada', 'm10', '👍')
  await does('lobby', 'ada', [{ do: 'erase', message: 'm10' }], { audit: { action: 'message-deleted', target: 'eve', detail: '' } })
  await says('lobby', 'fay', 'm11', 'an answer to what is gone', 'm10')
  await does('lobby', 'ada', [{ do: 'role', user: 'fay', role: 'moderator' }], { audit: { action: 'role-changed', target: 'fay', detail: 'moderator' } })
  await does('lobby', 'ada', [{ do: 'mute', user: 'dan', until: 9_000_000 }])
  await does('lobby', 'ada', [{ do: 'mute', user: 'bob', until: 9_000_000 }])
  await does('lobby', 'ada', [{ do: 'mute', user: 'bob', until: null }])
  await does('lobby', 'fay', [{ do: 'remove', user: '__id', ban: true }], { audit: { action: 'banned', target: '__id', detail: '' } })
  await does('lobby', 'hal', [joins('hal')], { nonce: null })
  await does('lobby', 'hal', [{ do: 'leave', user: 'hal' }])
  await does('lobby', 'ada', [{ do: 'describe', slowModeSeconds: 30, topic: 'Slowly', guests: false }])
  await says('lobby', 'bob', 'm12', 'within slow mode')
  await storage.markRead('lobby', 'fay', 9)

  await storage.createInvite(invite('club', 'bob', { id: 'i1', codeHash: 'code1', role: 'guest', at: 1_800, expiresAt: 9_000_000, uses: 5 }), [])
  await storage.createInvite(invite('club', 'bob', { id: 'i2', codeHash: '__code2', at: 1_900 }), [])
  await storage.createInvite(invite('club', 'bob', { id: 'i3', codeHash: 'code3', at: 1_950, uses: 1 }), [])
  await storage.revokeInvite({ room: 'club', id: 'i2', by: 'bob', at: 2_000 }, [])
  await does('club', 'gil', [{ do: 'arrive', user: 'gil', name: 'Gil, a guest' }, joins('gil', 'guest', 'invite', 'code1')])
  await does('club', 'dan', [joins('dan', 'member', 'password')])
  await does('club', 'bob', [{ do: 'describe', passwordHash: 'another hash of club' }], { audit: { action: 'password-set', target: null, detail: '' } })
  await does('club', 'fay', [joins('fay', 'member', 'password')])
  await says('club', 'gil', 'm20', 'hello')
  await storage.markRead('club', 'bob', 2)
  await says('__room', 'eve', 'm30', 'mine')
  await does('__room', 'hal', [joins('hal', 'member', 'admin')])
  await does('quiet', 'ada', [{ do: 'describe', closed: true }])
  await does('quiet', 'ada', [{ do: 'describe', archived: true }])

  for (const [n, [message, by]] of ([['m0', 'ada'], ['m1', 'fay'], ['m10', 'fay'], ['m0', 'hal']] as const).entries()) {
    await storage.createReport(report('lobby', message, by, { id: `p${n}`, at: 5_000 + n, reason: n === 0 ? '' : 'Rude' }), [])
  }
  await storage.closeReports({ room: 'lobby', message: 'm1', by: 'fay', at: 6_000, outcome: 'dismissed' }, [])
  await storage.closeReports({ room: 'lobby', message: 'm10', by: 'ada', at: 6_001, outcome: 'deleted' }, [])

  await does('gone', 'bob', [joins('bob')])
  await says('gone', 'bob', 'm40', 'nowhere')
  await does('gone', 'dan', [{ do: 'react', message: 'm40', user: 'dan', emoji: '👍', on: true }])
  await does('gone', 'dan', [{ do: 'remove', user: 'fay', ban: true }])
  await storage.createInvite(invite('gone', 'dan', { id: 'i9', codeHash: 'code9' }), [])
  await storage.createReport(report('gone', 'm40', 'dan', { id: 'p9' }), [])
  await storage.deleteRoom({ room: 'gone', by: 'dan', at: 6_000 })

  await storage.setSettings({ settings: { signup: 'invite', public: true, guests: false }, by: 'ada', at: 7_000 })
  await storage.setAdmin({ user: 'bob', admin: true, by: 'ada', at: 7_001 })
  await storage.setDisabled({ user: 'dan', disabled: true, by: 'ada', at: 7_002 })
  await storage.noteAudit({ action: 'reset-link-made', room: null, by: 'ada', at: 7_003, target: 'fay', detail: '' })
  await storage.deleteAccount('eve', 7_004)
}
