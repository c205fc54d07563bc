import { id, sendBody } from '#shared/schemas'

/** The same as the frame `send`: durable when it answers, harmless to repeat with the same nonce. */
export default defineChatHandler(async ({ chat, identity, param, body }) => {
  const me = identity()
  return chat.messages.send(me, { room: param('id', id), ...await body(sendBody) })
})
