import { randomBytes, scryptSync } from 'node:crypto'
import { hash, newId, newSecret } from '../../server/core/ids'
import type { Append, Effect, Storage } from '../../server/core/ports'

/** Who asks, in the order of the table's columns. `guest away` and `member away` are not in the room; the admin neither. */
export const roles = ['visitor', 'guest away', 'guest', 'member away', 'member', 'moderator', 'owner', 'admin', 'banned', 'muted', 'signed out'] as const
export type PolicyRole = typeof roles[number]

/** A public room, a listed private one with a password, and an unlisted one with the same. */
export const kinds = ['open', 'shut', 'hidden'] as const
export type RoomKind = typeof kinds[number]

export const password = 'correct horse battery'
export const roomPassword = 'open sesame'

/** Everything that one cell of the table acts on, made for it alone, so that no cell changes another. */
export interface Cell {
  role: PolicyRole
  kind: RoomKind
  /** Of the person who asks; '' for a visitor. */
  cookie: string
  session: string
  email: string
  room: string
  slug: string
  /** A member of the room, below everybody but guests, and what they wrote. */
  target: string
  targetCookie: string
  message: string
  /** What the asking person wrote there, in better days. */
  own: string
  /** A message in another room, which is public. */
  elsewhere: string
  banned: string
  guestCode: string
  memberCode: string
  invite: string
  report: string
}

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
function cheapHash(text: string): string {
  const salt = randomBytes(16)
  return `$scrypt$ln=4,r=8,p=1$${base64(salt)}$${base64(scryptSync(text, salt, 32, { N: 16, r: 8, p: 1 }))}`
}

/** What all cells of one server share. */
export interface PolicyWorld { owner: string, banned: string, other: string, otherMessage: string, secretHash: string, passwordHash: string }

const change = (room: string, author: string, effects: Effect[]): Append => ({ room, author, nonce: null, at: Date.now(), requires: [], effects })

async function addAccount(storage: Storage, world: Pick<PolicyWorld, 'secretHash'>, name: string, admin = false): Promise<string> {
  const id = newId()
  await storage.createAccount({ id, name, kind: 'member', admin, at: Date.now(), credential: { kind: 'password', subject: emailOf(id), secretHash: world.secretHash, verifiedAt: null } })
  return id
}

const emailOf = (id: string) => `${id.toLowerCase()}@example.org`

export async function createWorld(storage: Storage): Promise<PolicyWorld> {
  const hashes = { secretHash: cheapHash(password), passwordHash: cheapHash(roomPassword) }
  const [owner, banned] = [await addAccount(storage, hashes, 'Owner', true), await addAccount(storage, hashes, 'Banned')]
  const [other, otherMessage] = [newId(), newId()]
  await storage.createRoom({ id: other, slug: 'elsewhere', name: 'Elsewhere', topic: '', owner, at: Date.now(), visibility: 'public', listed: true, passwordHash: null })
  await storage.append([change(other, owner, [{ do: 'post', message: otherMessage, text: 'elsewhere', replyTo: null }])])
  return { owner, banned, other, otherMessage, ...hashes }
}

/** Makes what a cell acts on, in the storage of a server that has not started yet. */
export async function createCell(storage: Storage, world: PolicyWorld, role: PolicyRole, kind: RoomKind): Promise<Cell> {
  const guest = role === 'guest' || role === 'guest away'
  const [room, token, message, own, invite, report] = [newId(), newSecret(), newId(), newId(), newId(), newId()]
  const [guestCode, memberCode, targetToken] = [newSecret(), newSecret(), newSecret()]
  const actor = guest || role === 'visitor' ? newId() : await addAccount(storage, world, 'Actor', role === 'admin')
  const target = await addAccount(storage, world, 'Target')
  const owner = role === 'owner' ? actor : world.owner
  const at = Date.now()
  const made = await storage.createRoom({
    id: room, slug: room.toLowerCase(), name: `Room ${room}`, topic: 'A topic', owner, at, visibility: kind === 'open' ? 'public' : 'private', listed: kind !== 'hidden',
    passwordHash: kind === 'open' ? null : world.passwordHash
  })
  if (!made) throw new Error('The room was not made.')
  await storage.append([
    change(room, target, [{ do: 'join', user: target, role: 'member', cameBy: 'invite' }, { do: 'post', message, text: 'said by the target', replyTo: null }]),
    change(room, owner, [{ do: 'remove', user: world.banned, ban: true }]),
    ...standing(world, role, actor, room, owner),
    ...role === 'visitor' ? [] : [change(room, actor, [{ do: 'post', message: own, text: 'said by the actor', replyTo: null }])]
  ])
  const invites = { room, by: owner, at, expiresAt: null, uses: null }
  await storage.createInvite({ ...invites, id: invite, codeHash: hash(guestCode), role: 'guest' }, [])
  await storage.createInvite({ ...invites, id: newId(), codeHash: hash(memberCode), role: 'member' }, [])
  await storage.createReport({ id: report, room, message, by: world.owner, at, reason: '' }, [])
  await storage.createSession({ idHash: hash(targetToken), user: target, remember: true, at, agent: 'test' })
  if (role !== 'visitor') await storage.createSession({ idHash: hash(token), user: actor, remember: true, at, agent: 'test' })
  return {
    role, kind, cookie: role === 'visitor' ? '' : `chatly_session=${token}`, session: role === 'visitor' ? 'none' : hash(token), email: emailOf(actor), room, slug: made.slug, target, targetCookie: `chatly_session=${targetToken}`, message, own,
    elsewhere: world.otherMessage, banned: world.banned, guestCode, memberCode, invite, report
  }
}

function standing({ other }: PolicyWorld, role: PolicyRole, user: string, room: string, owner: string): Append[] {
  const join = (role: 'guest' | 'member'): Effect => ({ do: 'join', user, role, cameBy: 'invite' })
  switch (role) {
    case 'guest away': return [change(other, user, [{ do: 'arrive', user, name: 'Guest' }, join('guest')])]
    case 'guest': return [change(room, user, [{ do: 'arrive', user, name: 'Guest' }, join('guest')])]
    case 'member': case 'signed out': return [change(room, user, [join('member')])]
    case 'moderator': return [change(room, user, [join('member')]), change(room, owner, [{ do: 'role', user, role: 'moderator' }])]
    case 'muted': return [change(room, user, [join('member')]), change(room, owner, [{ do: 'mute', user, until: Date.now() + 3_600_000 }])]
    case 'banned': return [change(room, user, [join('member')]), change(room, owner, [{ do: 'remove', user, ban: true }])]
    default: return []
  }
}
