import { id, removeQuery } from '#shared/schemas'

/** Out of the room; with `?ban=true` until they are let in again. */
export default defineChatHandler(async ({ chat, identity, param, query }) => {
  await chat.moderation.remove(identity(), param('id', id), param('user', id), query(removeQuery).ban)
})
