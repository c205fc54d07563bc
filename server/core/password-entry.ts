import { ChatError } from '#shared/errors'
import { roomPasswordTiers, roomPasswordUser } from '#shared/limits'
import type { RoomSummary } from '#shared/types'
import type { Identity } from './chat'
import { commit } from './commit'
import { hash } from './ids'
import { toJoinByPassword } from './policy'
import type { Ports } from './ports'
import { forgetTiers, giveBack, pointsOf, spendTiers, tryFor } from './rates'

/**
 * Into a private room, of which the person may know, by its password. Tries are limited per person, address and room, and per person over all rooms; a right one
 * gives those of the person and of the address back, over all rooms its own alone. Throws forbidden where no password opens the room, password_required, wrong_password, rate_limited, or what storage refuses.
 */
export function createPasswordEntry(ports: Ports) {
  const { storage, coordination, accounts, clock } = ports

  return async (identity: Identity, { id: room }: Pick<RoomSummary, 'id'>, password: string | undefined, address: string): Promise<void> => {
    const user = identity.person.id
    const stored = await storage.roomPassword(room)
    if (!stored) throw new ChatError('forbidden', 'This room is private. Somebody in it has to invite you.')
    if (password === undefined) throw new ChatError('password_required', 'This room is private. Enter its password to come in.')
    const mine = pointsOf(`room-password:${room}:${user}`, roomPasswordTiers.user)
    const everywhere = [{ key: `room-password-user:${user}`, rate: roomPasswordUser }]
    const here = pointsOf(`room-password-address:${room}:${hash(address)}`, roomPasswordTiers.address)
    const all = pointsOf(`room-password-room:${room}`, roomPasswordTiers.room)
    const taken = [mine, everywhere, here, all]
    // The narrowest first: whoever has used up their own tries takes none from the others.
    for (const points of taken) await spendTiers(coordination, points)
    if (!await tryFor(coordination, taken.flat(), () => accounts.matches(stored.hash, password))) throw new ChatError('wrong_password', 'That is not the password of this room.')
    await commit(ports, {
      room, author: user, nonce: null, at: clock.now(), requires: toJoinByPassword(user, stored.version), effects: [{ do: 'join', user, role: 'member', cameBy: 'password' }]
    })
    // Whoever knows the password has nothing to guess here; many people may share an address. But it says nothing of what they tried elsewhere.
    await Promise.all([forgetTiers(coordination, mine), forgetTiers(coordination, here), giveBack(coordination, everywhere)])
  }
}
