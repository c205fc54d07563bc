import type { Chat, Identity } from '../../server/core/chat'
import { newNonce } from './ports'

/** Somebody before a room of which they may know nothing, or that is not there. `address`: one that no limit has seen. */
export interface AtTheDoor { chat: Chat, who: Identity, epoch: string, id: string, slug: string, address: string }

/** All that a person with an account may ask for at a room, by name. Each rejects with not_found. */
export const waysToARoom: readonly (readonly [string, (door: AtTheDoor) => Promise<unknown>])[] = [
  ['reading it', ({ chat, who, id }) => chat.rooms.get(who, { id })],
  ['its link', ({ chat, who, slug }) => chat.rooms.get(who, { slug })],
  ['a page', ({ chat, who, id }) => chat.messages.page(who, id, { limit: 50 })],
  ['subscribing', ({ chat, who, id }) => chat.replay(who, id)],
  ['subscribing from the beginning on', ({ chat, who, id, epoch }) => chat.replay(who, id, { epoch, seq: 0 })],
  ['its password', ({ chat, who, id, address }) => chat.rooms.join(who, id, { password: 'open sesame' }, { address })],
  ['its members', ({ chat, who, id }) => chat.rooms.members(who, id, { limit: 10 })],
  ['leaving it', ({ chat, who, id }) => chat.rooms.leave(who, id)],
  ['writing', ({ chat, who, id }) => chat.messages.send(who, { room: id, nonce: newNonce(), text: 'hello' })],
  ['editing', ({ chat, who, id }) => chat.messages.edit(who, { room: id, nonce: newNonce(), message: 'm', text: 'hello' })],
  ['deleting', ({ chat, who, id }) => chat.messages.delete(who, { room: id, nonce: newNonce(), message: 'm' })],
  ['reacting', ({ chat, who, id }) => chat.messages.react(who, { room: id, nonce: newNonce(), message: 'm', emoji: '👍', on: true })],
  ['reporting', ({ chat, who, id }) => chat.reports.report(who, id, { message: 'm', reason: '' })],
  ['inviting', ({ chat, who, id }) => chat.invites.make(who, id, { role: 'guest', days: 1, uses: 1 })],
  ['an admin\'s way', ({ chat, who, id }) => chat.moderation.joinAsAdmin(who, id)]
]
