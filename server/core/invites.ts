import { ChatError } from '#shared/errors'
import { limits, rates } from '#shared/limits'
import type { Invite, InvitePreview, RoomSummary } from '#shared/types'
import type { Identity, Viewer } from './chat'
import { commit } from './commit'
import { hash, newId, newSecret } from './ids'
import { toInvite, toJoinByInvite, toModerate } from './policy'
import type { Access, Ports } from './ports'
import { type Point, spend, spendList, spendTurn } from './rates'
import { noSuchInvite, refusal } from './refusals'
import type { Scope } from './scope'
import type { SiteOfChat } from './site'

const DAY = 24 * 60 * 60_000

/** What storage knows of an invite, and by which hash. */
export interface FoundInvite { codeHash: string, access: Access, role: Invite['role'], by: Invite['by'] }

export interface Invites {
  /** The code opens the room; it is given here and kept nowhere. Throws forbidden, conflict where too many are valid, or rate_limited. */
  make: (identity: Identity, room: string, body: { role: Invite['role'], days: number | null, uses: number | null }) => Promise<{ invite: Invite, code: string }>
  list: (identity: Identity, room: string) => Promise<Invite[]>
  revoke: (identity: Identity, room: string, invite: string) => Promise<void>
  /** A valid one, or one to a room that the viewer is in to stay: it may have been theirs. By its code. Throws not_found, alike for a code that nobody made, one that is revoked, expired or used up, and one to a room that they are banned from; and rate_limited. */
  find: (viewer: Viewer, code: string, address: string) => Promise<FoundInvite>
  preview: (viewer: Viewer, code: string, address: string) => Promise<InvitePreview>
  /** Into its room, by somebody who is signed in; who is there by its password stays by the invite from now on. Nothing is used up by others who are in it. Throws as `find` does, and forbidden. */
  accept: (identity: Identity, code: string, address: string) => Promise<RoomSummary>
  /** The same by an account that may be younger than any session. */
  enter: (user: string, found: FoundInvite) => Promise<void>
}

export function createInvites(ports: Ports, site: SiteOfChat, scope: Scope): Invites {
  const { storage, coordination, clock } = ports

  const find: Invites['find'] = async (viewer, code, address) => {
    const { key, rate } = inviteLook(address)
    await spend(coordination, key, rate)
    const codeHash = hash(code)
    const found = await storage.invite(codeHash, viewer?.person.id ?? null, clock.now())
    if (!found || found.access.banned || !(found.valid || staysWithout(found.access))) throw noSuchInvite()
    return { ...found, codeHash }
  }

  const enter = async (user: string, { codeHash, access }: FoundInvite, role: 'guest' | 'member' = 'member') => {
    await commit(ports, {
      room: access.room.id, author: user, nonce: null, at: clock.now(), requires: toJoinByInvite(user, codeHash),
      effects: [{ do: 'join', user, role, cameBy: 'invite', invite: codeHash }]
    })
  }

  return {
    find,
    enter: (user, found) => enter(user, found),

    async make(identity, room, { role, days, uses }) {
      await scope.moderate(identity, room)
      await spend(coordination, `invite-make:${identity.person.id}`, rates.inviteMake)
      const [code, at] = [newSecret(), clock.now()]
      const invite: Invite = { id: newId(), role, by: identity.person, createdAt: at, expiresAt: days === null ? null : at + days * DAY, usesLeft: uses, uses: 0, revokedAt: null }
      const refused = await storage.createInvite(
        { id: invite.id, codeHash: hash(code), room, role, by: identity.person.id, at, expiresAt: invite.expiresAt, uses }, toInvite(identity))
      if (refused === 'too-many') throw new ChatError('conflict', `A room can have ${limits.invitesPerRoom} valid invites. Revoke some first.`)
      if (refused) throw refusal(refused)
      return { invite, code }
    },

    async list(identity, room) {
      await spendList(coordination, identity)
      await scope.moderate(identity, room)
      return storage.invites(room)
    },

    async revoke(identity, room, id) {
      await scope.moderate(identity, room)
      await spendTurn(coordination, identity.person.id)
      const refused = await storage.revokeInvite({ room, id, by: identity.person.id, at: clock.now() }, toModerate(identity))
      if (refused) throw refusal(refused)
    },

    async preview(viewer, code, address) {
      const { access, by, role } = await find(viewer, code, address)
      const { room } = access
      const { guests } = await site.get()
      const { id, slug, name, topic } = room
      return { room: { id, slug, name, topic }, by, role, guests: role === 'guest' && room.guests && guests, inside: staysWithout(access) }
    },

    async accept(identity, code, address) {
      const found = await find(identity, code, address)
      const { access: { room }, role } = found
      if (!staysWithout(found.access)) {
        const guest = identity.person.kind === 'guest'
        if (guest && role === 'member') throw new ChatError('forbidden', 'This invite is for people with an account. Create one first: you keep your name and what you wrote.')
        if (guest && !room.guests) throw noGuests()
        await enter(identity.person.id, found, guest ? 'guest' : 'member')
      }
      return scope.get(identity, { id: room.id })
    }
  }
}

/** What `find` takes for a look at an invite. */
export const inviteLook = (address: string): Point => ({ key: `invite:${hash(address)}`, rate: rates.inviteUse })

/** Whether they are in the room, and what they came by lasts as long as an invite does: a password may be changed. */
const staysWithout = ({ role, cameBy }: Access): boolean => role !== null && cameBy !== 'password'

export const noGuests = () => new ChatError('forbidden', 'Guests can\'t come in here. Sign in, or create an account.')
