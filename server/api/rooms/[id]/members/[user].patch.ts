import { id, memberBody } from '#shared/schemas'

/** Another role, the room itself, or silence for a while. */
export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  await chat.moderation.change(me, param('id', id), param('user', id), await body(memberBody))
})
