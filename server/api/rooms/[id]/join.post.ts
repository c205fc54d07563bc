import { id, joinBody } from '#shared/schemas'

/** Into a public room, or with its password into a private one. A public one needs no body. */
export default defineChatHandler(async ({ event, chat, identity, param, body, address }) => {
  const me = identity()
  const given = event.node.req.headers['content-type'] === undefined ? {} : await body(joinBody)
  return chat.rooms.join(me, param('id', id), given, { address })
})
