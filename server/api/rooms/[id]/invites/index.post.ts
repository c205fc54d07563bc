import { id, makeInviteBody } from '#shared/schemas'

/** The code is in this answer and nowhere else. */
export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  return chat.invites.make(me, param('id', id), await body(makeInviteBody))
})
